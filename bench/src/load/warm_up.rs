//! Before anything is measured: every athlete has a profile and a first plan, connections are made, caches are full.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use super::api::{Api, State};
use super::check::check;
use super::closed::submit;
use crate::progress::Bar;

/// Few, so that a cold system is not flooded.
const CALLERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(20);

/// What a warm-up did.
#[derive(Debug, Serialize)]
pub struct WarmedUp {
    athletes: usize,
    jobs: u64,
}

/// # Errors
/// When an athlete gets no first plan or a job comes to no end: nothing can be measured then.
pub async fn run(api: &Rc<Api>, jobs: u64) -> anyhow::Result<WarmedUp> {
    let bar = Bar::new("athletes", api.athletes() as u64);
    for athlete in 0..api.athletes() {
        let first = api.onboard(athlete).await.with_context(|| format!("athlete {athlete} was not onboarded"))?;
        let end = api.end(&first, PAUSE).await;
        anyhow::ensure!(end == Some(State::Completed), "athlete {athlete} got no first plan: job {}", first.id);
        bar.step();
    }
    drop(bar);
    let submitted = submit(api, jobs, CALLERS).await?;
    let checked = check(api, &Rc::new(submitted.jobs)).await;
    let reason = api.first_error().unwrap_or_else(|| "no request failed".to_owned());
    anyhow::ensure!(checked.completed == jobs, "{} of {jobs} jobs were done: {reason}", checked.completed);
    Ok(WarmedUp { athletes: api.athletes(), jobs })
}
