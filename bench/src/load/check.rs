//! Every job that was accepted is asked for, so that a job which was lost is a figure and not a guess.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::api::{Api, Job, State};
use crate::progress::Bar;

/// Questions at once.
const CHECKERS: usize = 16;
/// How soon a job that was not at its end is asked for again.
const PAUSE: Duration = Duration::from_millis(20);

/// What became of all jobs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checked {
    pub completed: u64,
    pub failed: u64,
    /// Not at an end by the deadline.
    pub unfinished: u64,
    /// Jobs that were still open when they were first asked for.
    pub found_late: u64,
    /// When the last of those was seen at its end.
    pub last_late: Option<Instant>,
}

/// Asks for every job until it is at its end or the deadline has passed.
pub async fn check(api: &Rc<Api>, jobs: &Rc<Vec<Job>>) -> Checked {
    let next = Rc::new(Cell::new(0));
    let checked = Rc::new(RefCell::new(Checked::default()));
    let bar = Rc::new(Bar::new("checked", jobs.len() as u64));
    let mut checkers = JoinSet::new();
    for _ in 0..CHECKERS {
        let (api, jobs, next, checked, bar) = (api.clone(), jobs.clone(), next.clone(), checked.clone(), bar.clone());
        checkers.spawn_local(async move {
            while let Some(job) = jobs.get(next.replace(next.get() + 1)) {
                let (end, late) = match api.state(job).await {
                    Ok(State::Open) | Err(_) => (api.end(job, PAUSE).await, true),
                    Ok(end) => (Some(end), false),
                };
                let mut checked = checked.borrow_mut();
                match end {
                    Some(State::Completed) => checked.completed += 1,
                    Some(State::Failed) => checked.failed += 1,
                    Some(State::Open) | None => checked.unfinished += 1,
                }
                if late {
                    checked.found_late += 1;
                    checked.last_late = Some(Instant::now());
                }
                bar.step();
            }
        });
    }
    while checkers.join_next().await.is_some() {}
    checked.take()
}
