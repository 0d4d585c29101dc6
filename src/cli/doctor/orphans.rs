//! Open jobs that no consumer holds: every part may be healthy while they wait for nobody.

use std::time::Duration;

use ally_handlers::{Orphans, Unjudged};

use super::Finding;
use crate::app::reconciler;
use crate::cli::reach;
use crate::config::Config;

/// A look reads the log's subjects from the beginning; what takes longer is told as not looked at.
const TIMEOUT: Duration = Duration::from_secs(20);

pub async fn look(config: &Config) -> Finding {
    let what = "orphaned jobs".to_owned();
    let (found, remedy) = match tokio::time::timeout(TIMEOUT, orphans(config)).await {
        Ok(Ok(orphans)) => match (orphans.count(), orphans.unjudged.first()) {
            (0, _) => return Finding { what, well: true, found: "none".to_owned(), remedy: None },
            (count, Some(Unjudged { job, reason })) => (
                format!("{count} open jobs whose message no consumer holds; job {job} cannot be judged: {reason}"),
                "update Ally where a newer version wrote events; `ally jobs requeue --all --dry-run` lists them"
                    .to_owned(),
            ),
            (count, None) => (
                format!("{count} open jobs whose message no consumer holds"),
                format!(
                    "the projector puts them back within {} s; by hand: ally jobs requeue --all --note WHY",
                    2 * config.workers.reconcile_every_seconds
                ),
            ),
        },
        Ok(Err(error)) => (
            format!("could not be looked for: {error:#}"),
            "mend what the reason names; `ally jobs requeue --all --dry-run` looks again".to_owned(),
        ),
        Err(_) => (
            format!("not looked through within {} s", TIMEOUT.as_secs()),
            "look at the projector's metric jobs_orphaned".to_owned(),
        ),
    };
    Finding { what, well: false, found, remedy: Some(remedy) }
}

async fn orphans(config: &Config) -> anyhow::Result<Orphans> {
    let log = reach::log(config).await?;
    Ok(reconciler::build(config, &log.jetstream, log.executor.clone()).look().await?)
}
