//! The open loop: jobs come at a fixed rate, as callers do, and latencies count from the moment each was to come.
//!
//! A generator that waits for an answer before it sends the next request leaves out the requests that would have met
//! the slow moment (coordinated omission). Here a slow moment delays every job that was due in it, and shows.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::OpenArgs;
use super::api::{Api, Job, State};
use super::check::check;
use super::latency::Recorder;
use super::pace::{Due, schedule};
use super::report::{LoadReport, Measured};
use crate::progress::Bar;
use crate::usage::{self, ByProgram};

/// Time for the schedule's thread to start before the first moment.
const LEAD: Duration = Duration::from_millis(20);

/// What was seen so far.
struct Seen {
    jobs: Vec<Job>,
    send_lag: Recorder,
    accept: Recorder,
    completed: Recorder,
    last_accept: Instant,
}

pub async fn run(api: &Rc<Api>, args: &OpenArgs) -> anyhow::Result<LoadReport> {
    anyhow::ensure!(args.rate > 0.0 && args.seconds > 0.0, "a rate and a time must be more than 0");
    let of = |pid: Option<u32>| pid.map_or(Ok(ByProgram::new()), usage::of_tree);
    let (before, own_before) = (of(args.target.pid)?, usage::of_tree(std::process::id())?);
    let jobs = (args.rate * args.seconds).round().max(1.0) as u64;
    let start = Instant::now() + LEAD;
    let seen = submit_and_poll(api, args, start, jobs).await?;
    let ended = Instant::now();
    let used = usage::between(&before, &of(args.target.pid)?);
    let own = usage::between(&own_before, &usage::of_tree(std::process::id())?);
    let accepted = Rc::new(seen.jobs);
    let checked = check(api, &accepted).await;
    let measured = Measured {
        jobs,
        accept_seconds: (seen.last_accept - start).as_secs_f64(),
        seconds: (ended - start).as_secs_f64(),
        accept: seen.accept.latency(),
        completed: Some(seen.completed.latency()),
        send_lag: Some(seen.send_lag.latency()),
        usage: used,
        generator_cpu_seconds: own.values().map(|usage| usage.cpu_seconds).sum(),
    };
    Ok(LoadReport::new(api, &accepted, checked, measured))
}

async fn submit_and_poll(api: &Rc<Api>, args: &OpenArgs, start: Instant, jobs: u64) -> anyhow::Result<Seen> {
    let (send_lag, accept, completed) = (Recorder::new()?, Recorder::new()?, Recorder::new()?);
    let seen = Seen { jobs: Vec::new(), send_lag, accept, completed, last_accept: start };
    let seen = Rc::new(RefCell::new(seen));
    let bar = Bar::new("due", jobs);
    let pause = Duration::from_secs_f64(args.poll_ms / 1_000.0);
    let mut due = schedule(start.into_std(), args.rate, jobs);
    let mut tasks = JoinSet::new();
    while let Some(moment) = due.recv().await {
        let polled = moment.number.is_multiple_of(args.poll_one_in).then_some(pause);
        tasks.spawn_local(one(api.clone(), seen.clone(), moment, polled));
        // What has ended is let go of.
        while tasks.try_join_next().is_some() {}
        bar.step();
    }
    while tasks.join_next().await.is_some() {}
    drop(tasks);
    let seen = Rc::try_unwrap(seen).map_err(|_| anyhow::anyhow!("a job is still being followed"))?;
    Ok(seen.into_inner())
}

/// One job from its moment on; one that is polled to its end.
async fn one(api: Rc<Api>, seen: Rc<RefCell<Seen>>, due: Due, polled: Option<Duration>) {
    seen.borrow_mut().send_lag.record(due.at.elapsed());
    let job = match api.submit(due.number).await {
        Ok(job) => job,
        Err(error) => return api.note_error(&error),
    };
    {
        let mut seen = seen.borrow_mut();
        seen.accept.record(due.at.elapsed());
        seen.last_accept = Instant::now();
    }
    if let Some(pause) = polled
        && api.end(&job, pause).await == Some(State::Completed)
    {
        seen.borrow_mut().completed.record(due.at.elapsed());
    }
    seen.borrow_mut().jobs.push(job);
}
