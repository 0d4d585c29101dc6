//! The views: logged in to, and how far each is behind the log, asked without the projector: it may be what is away.

use std::collections::BTreeMap;

use ally_domain::ports::EventLog;
use ally_nats::names::StreamName;
use ally_projections::{Database, list_checkpoints};
use ally_telemetry::names;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::cli::reach::{self, Log};
use crate::config::{Config, Role};

/// Fewer events than a projector takes in a moment are no lag.
const MANY: u64 = 5_000;
/// As the alert "ProjectionLags" has it.
const TOO_OLD_SECONDS: f64 = 60.0;

/// The views, reached; the finding says why not.
pub async fn log_in(config: &Config) -> Result<Database, Finding> {
    reach::views(config).await.map_err(|error| {
        let remedy = "correct DATABASE_URL, or run `ally migrate` where the database is new";
        Finding::unwell(Subject::Postgres, "PostgreSQL", format!("{error:#}"), remedy)
    })
}

/// A finding for each stream, of all views that are fed by it.
pub async fn lag(log: &Log, database: &Database, seen: &[Seen]) -> Vec<Finding> {
    let checkpoints = match list_checkpoints(database).await {
        Ok(checkpoints) => checkpoints,
        Err(error) => {
            let remedy = "`ally migrate` makes the tables of the views";
            return vec![Finding::unwell(Subject::Lag(String::new()), "views", error.to_string(), remedy)];
        }
    };
    let mut slowest: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for it in checkpoints {
        let (at, by) = (it.position.sequence, it.projection);
        let slot = slowest.entry(it.position.stream).or_insert((at, by.clone()));
        if at < slot.0 {
            *slot = (at, by);
        }
    }
    let projector = seen.iter().find(|seen| seen.role == Role::Projector);
    let age = projector.and_then(|it| it.page.values(names::PROJECTION_LAG_SECONDS, &[]).reduce(f64::max));
    let is_there = projector.is_some_and(|it| it.answers);
    let mut findings = Vec::new();
    for (stream, (at, view)) in slowest {
        let Ok(stream) = stream.parse::<StreamName>() else { continue };
        match log.store.last_sequence(stream.as_str()).await {
            Ok(last) => findings.push(finding(stream, &view, last.saturating_sub(at), age, is_there)),
            Err(error) => {
                let subject = Subject::Lag(stream.as_str().to_owned());
                let what = format!("views of {stream}");
                findings.push(Finding::unwell(subject, what, error.to_string(), "look again once NATS answers"));
            }
        }
    }
    findings
}

fn finding(stream: StreamName, view: &str, behind: u64, age: Option<f64>, projector_is_there: bool) -> Finding {
    let (subject, what) = (Subject::Lag(stream.as_str().to_owned()), format!("views of {stream}"));
    let age = age.unwrap_or_default();
    let found = match behind {
        0 => "have caught up".to_owned(),
        _ => format!("{behind} events behind, {view} the farthest"),
    };
    let is_late = behind > 0 && (age > TOO_OLD_SECONDS || behind > MANY || !projector_is_there);
    match is_late {
        false => Finding::well(subject, what, found),
        true => Finding::unwell(
            subject,
            what,
            found,
            "they catch up by themselves once the projector runs and PostgreSQL answers",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_nobody_feeds_is_late_with_its_first_event() {
        let found = |behind, age, there| finding(StreamName::Plans, "job_status", behind, age, there).is_unwell();
        assert!(!found(0, None, false) && !found(1, Some(1.0), true));
        assert!(found(1, None, false) && found(1, Some(61.0), true) && found(MANY + 1, Some(1.0), true));
    }
}
