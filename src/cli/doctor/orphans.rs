//! Open jobs that no consumer holds: every part may be healthy while they wait for nobody.

use std::collections::HashSet;
use std::time::Duration;

use ally_handlers::{Orphans, Unjudged};
use ally_telemetry::names;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::app::reconciler;
use crate::cli::reach::Log;
use crate::config::{Config, Role};

/// A look reads the log's subjects from the beginning. Of a log that is longer than that the projector tells, which reads on.
const TIMEOUT: Duration = Duration::from_millis(1_500);
const WHAT: &str = "orphaned jobs";

pub async fn look(config: &Config, log: &Log, seen: &[Seen]) -> Finding {
    let looked = async {
        let reconciler = reconciler::build(config, &log.jetstream, log.executor.clone());
        reconciler.look(&HashSet::new()).await
    };
    let (found, remedy) = match tokio::time::timeout(TIMEOUT, looked).await {
        Ok(Ok(orphans)) => match judged(config, &orphans) {
            Some(told) => told,
            None => return Finding::well(Subject::Orphans, WHAT, "none"),
        },
        Ok(Err(error)) => (
            format!("could not be looked for: {error:#}"),
            "mend what the reason names; `ally jobs requeue --all --dry-run` looks again".to_owned(),
        ),
        Err(_) => {
            let projector = seen.iter().find(|seen| seen.role == Role::Projector);
            return told_by_projector(config, projector.and_then(|it| it.page.sum(names::JOBS_ORPHANED, &[])));
        }
    };
    Finding::unwell(Subject::Orphans, WHAT, found, remedy)
}

/// What is wrong with the jobs that no queue holds, and what to do; nothing where there are none.
fn judged(config: &Config, orphans: &Orphans) -> Option<(String, String)> {
    match (orphans.count(), orphans.unjudged.first()) {
        (0, _) => None,
        (count, Some(Unjudged { job, reason })) => Some((
            format!("{count} open jobs whose message no consumer holds; job {job} cannot be judged: {reason}"),
            "update Ally where a newer version wrote events; `ally jobs requeue --all --dry-run` lists them".to_owned(),
        )),
        (count, None) => Some((format!("{count} open jobs whose message no consumer holds"), remedy(config))),
    }
}

fn remedy(config: &Config) -> String {
    let seconds = 2 * config.workers.reconcile_every_seconds;
    format!("the projector puts them back within {seconds} s; by hand: ally jobs requeue --all --note WHY")
}

/// What the projector found at its last look, in its metrics; none when it does not answer or has not looked yet.
fn told_by_projector(config: &Config, counted: Option<f64>) -> Finding {
    let long = "the log is too long to be read through here";
    let every = config.workers.reconcile_every_seconds;
    match counted {
        Some(0.0) => {
            let found = format!("none at the projector's last look, every {every} s ({long})");
            Finding::well(Subject::Orphans, WHAT, found)
        }
        Some(count) => {
            let found =
                format!("{count} open jobs whose message no consumer holds, at the projector's last look ({long})");
            Finding::unwell(Subject::Orphans, WHAT, found, remedy(config))
        }
        None => {
            let found = format!("not known: {long}, and no projector has told jobs_orphaned yet");
            let remedy = "start a projector, or look without a limit of time: `ally jobs requeue --all --dry-run`";
            Finding::unwell(Subject::Orphans, WHAT, found, remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_too_long_for_the_doctor_is_told_as_the_projector_counted_it() {
        let config = Config::default();
        let told = |counted| told_by_projector(&config, counted);
        let none = told(Some(0.0));
        assert!(!none.is_unwell() && none.found.contains("at the projector's last look"), "{none:?}");
        let some = told(Some(7.0));
        assert!(some.is_unwell() && some.found.starts_with("7 open jobs"), "{some:?}");
        let unknown = told(None);
        assert!(unknown.is_unwell() && unknown.remedy.unwrap().contains("--dry-run"));
    }
}
