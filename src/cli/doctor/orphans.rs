//! Open jobs that no consumer holds: every part may be healthy while they wait for nobody.

use std::collections::HashSet;
use std::time::Duration;

use ally_handlers::{Orphans, Unjudged};
use ally_telemetry::names;
use reqwest::Client;

use super::Finding;
use crate::app::reconciler;
use crate::cli::{local, reach};
use crate::config::{Config, Role};

/// A look reads the log's subjects from the beginning. Of a log that is longer than that the projector tells, which reads on.
const TIMEOUT: Duration = Duration::from_secs(20);

pub async fn look(config: &Config, client: &Client) -> Finding {
    let what = "orphaned jobs".to_owned();
    let (found, remedy) = match tokio::time::timeout(TIMEOUT, orphans(config)).await {
        Ok(Ok(orphans)) => match (orphans.count(), orphans.unjudged.first()) {
            (0, _) => return Finding { what, well: true, found: "none".to_owned(), remedy: None },
            (count, Some(Unjudged { job, reason })) => (
                format!("{count} open jobs whose message no consumer holds; job {job} cannot be judged: {reason}"),
                "update Ally where a newer version wrote events; `ally jobs requeue --all --dry-run` lists them"
                    .to_owned(),
            ),
            (count, None) => (format!("{count} open jobs whose message no consumer holds"), remedy(config)),
        },
        Ok(Err(error)) => (
            format!("could not be looked for: {error:#}"),
            "mend what the reason names; `ally jobs requeue --all --dry-run` looks again".to_owned(),
        ),
        Err(_) => return told_by_projector(what, config, counted(config, client).await),
    };
    Finding { what, well: false, found, remedy: Some(remedy) }
}

fn remedy(config: &Config) -> String {
    let seconds = 2 * config.workers.reconcile_every_seconds;
    format!("the projector puts them back within {seconds} s; by hand: ally jobs requeue --all --note WHY")
}

async fn orphans(config: &Config) -> anyhow::Result<Orphans> {
    let log = reach::log(config).await?;
    Ok(reconciler::build(config, &log.jetstream, log.executor.clone()).look(&HashSet::new()).await?)
}

/// What the projector found at its last look, in its metrics; none when it does not answer or has not looked yet.
async fn counted(config: &Config, client: &Client) -> Option<f64> {
    let port = config.ports.of(Role::Projector).metrics;
    let url = format!("http://{}/metrics", local::address(config.ports.host, port));
    gauge(&client.get(url).send().await.ok()?.text().await.ok()?, names::JOBS_ORPHANED)
}

/// The value of a gauge without labels in a page of metrics.
fn gauge(page: &str, name: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

fn told_by_projector(what: String, config: &Config, counted: Option<f64>) -> Finding {
    let long = format!("the log is too long to be read through within {} s", TIMEOUT.as_secs());
    let every = config.workers.reconcile_every_seconds;
    match counted {
        Some(0.0) => Finding {
            what,
            well: true,
            found: format!("none at the projector's last look, every {every} s ({long})"),
            remedy: None,
        },
        Some(count) => Finding {
            what,
            well: false,
            found: format!("{count} open jobs whose message no consumer holds, at the projector's last look ({long})"),
            remedy: Some(remedy(config)),
        },
        None => Finding {
            what,
            well: false,
            found: format!("not known: {long}, and no projector has told jobs_orphaned yet"),
            remedy: Some(
                "start a projector, or look without a limit of time: `ally jobs requeue --all --dry-run`".to_owned(),
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_projector_counted_is_read_from_its_metrics() {
        let page = "# TYPE jobs_orphaned gauge\njobs_orphaned_x 7\njobs_orphaned 3\nother 1\n";
        assert_eq!(gauge(page, names::JOBS_ORPHANED), Some(3.0));
        assert_eq!(gauge("other 1", names::JOBS_ORPHANED), None);
    }

    #[test]
    fn a_log_too_long_for_the_doctor_is_told_as_the_projector_counted_it() {
        let config = Config::default();
        let told = |counted| told_by_projector("orphaned jobs".to_owned(), &config, counted);
        let none = told(Some(0.0));
        assert!(none.well && none.found.contains("at the projector's last look"), "{none:?}");
        let some = told(Some(7.0));
        assert!(!some.well && some.found.starts_with("7 open jobs"), "{some:?}");
        let unknown = told(None);
        assert!(!unknown.well && unknown.remedy.unwrap().contains("--dry-run"));
    }
}
