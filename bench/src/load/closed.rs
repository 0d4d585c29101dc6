//! The closed loop: how many jobs a second, from the first submission to the last completion.
//!
//! While submissions go out nothing else is asked, so that the figure is that of the walk and not of the questions.
//! Then a few jobs are watched: the last ones and a spread over all of them. When they are done, every job is asked for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ClosedArgs;
use super::api::{Api, Job};
use super::check::check;
use super::latency::Recorder;
use super::report::{LoadReport, Measured};
use crate::progress::Bar;
use crate::usage::{self, ByProgram};

/// Jobs that are watched: this many of the last, and as many spread over all.
const WATCHED: usize = 64;
/// How soon a watched job is asked for again: a two-hundredth of a second at most is added to the time.
const PAUSE: Duration = Duration::from_millis(5);
/// More errors than this end the submissions.
const MAX_ERRORS: u64 = 1_000;

/// Accepted jobs.
pub struct Submitted {
    pub jobs: Vec<Job>,
    pub latency: Recorder,
}

pub async fn run(api: &Rc<Api>, args: &ClosedArgs) -> anyhow::Result<LoadReport> {
    let of = |pid: Option<u32>| pid.map_or(Ok(ByProgram::new()), usage::of_tree);
    let (before, own_before) = (of(args.target.pid)?, usage::of_tree(std::process::id())?);
    let begun = Instant::now();
    let Submitted { jobs, latency } = submit(api, args.jobs, args.callers).await?;
    let accepted = Instant::now();
    let jobs = Rc::new(jobs);
    watch(api, &jobs).await;
    let watched = Instant::now();
    let used = usage::between(&before, &of(args.target.pid)?);
    let own = usage::between(&own_before, &usage::of_tree(std::process::id())?);
    let checked = check(api, &jobs).await;
    let ended = checked.last_late.map_or(watched, |late| late.max(watched));
    let measured = Measured {
        jobs: args.jobs,
        accept_seconds: (accepted - begun).as_secs_f64(),
        seconds: (ended - begun).as_secs_f64(),
        accept: latency.latency(),
        completed: None,
        send_lag: None,
        usage: used,
        generator_cpu_seconds: own.values().map(|usage| usage.cpu_seconds).sum(),
    };
    Ok(LoadReport::new(api, &jobs, checked, measured))
}

/// Submits jobs, each caller one after the other.
pub async fn submit(api: &Rc<Api>, jobs: u64, callers: usize) -> anyhow::Result<Submitted> {
    let next = Rc::new(Cell::new(0));
    let submitted = Rc::new(RefCell::new(Submitted { jobs: Vec::new(), latency: Recorder::new()? }));
    let bar = Rc::new(Bar::new("accepted", jobs));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (api, next, submitted, bar) = (api.clone(), next.clone(), submitted.clone(), bar.clone());
        tasks.spawn_local(async move {
            loop {
                let number = next.replace(next.get() + 1);
                if number >= jobs || api.counts().errors > MAX_ERRORS || Instant::now() >= api.deadline {
                    return;
                }
                let sent = Instant::now();
                match api.submit(number).await {
                    Ok(job) => {
                        let mut submitted = submitted.borrow_mut();
                        submitted.latency.record(sent.elapsed());
                        submitted.jobs.push(job);
                    }
                    Err(error) => api.note_error(&error),
                }
                bar.step();
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(submitted.replace(Submitted { jobs: Vec::new(), latency: Recorder::new()? }))
}

/// Waits for the last jobs and a spread of all, one question at a time.
async fn watch(api: &Api, jobs: &[Job]) {
    let last = jobs.iter().rev().take(WATCHED);
    let spread = jobs.iter().step_by(jobs.len().div_ceil(WATCHED).max(1));
    for job in last.chain(spread) {
        api.end(job, PAUSE).await;
    }
}
