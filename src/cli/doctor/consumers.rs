//! The workers' queues, looked at through NATS_URL: as their roles need them, not stopped by hand, and worked on. A consumer that
//! somebody has changed holds jobs back without a fault anywhere else: they are no orphans, since it may still be given them.

use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::ports::Clock;
use ally_nats::{ConsumerConfig, ConsumerFault, ConsumerFigures, JetStream, JetStreamError};
use time::format_description::well_known::Rfc3339;

use super::each_once;
use super::finding::Finding;
use super::subject::Subject;
use crate::app::{SystemClock, consumers};
use crate::config::Config;

/// A message that nobody has asked for within this time waits for a worker: each asks again within seconds.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);
/// As the alert "ConsumerStandsStill" has it.
const TOO_OLD: Duration = Duration::from_secs(300);

/// A finding about all settings, and one about each queue.
pub async fn look(config: &Config, jetstream: &JetStream) -> Vec<Finding> {
    let mut all_faults = Vec::new();
    let mut findings = Vec::new();
    for needed in consumers(config) {
        match queue(jetstream, &needed).await {
            Ok((faults, found)) => {
                all_faults.extend(faults);
                findings.extend(found);
            }
            Err(error) => {
                let subject = Subject::Consumer(needed.name.clone());
                let what = format!("queue {}", needed.name);
                findings.push(Finding::unwell(subject, what, error.to_string(), "look again once NATS answers"));
            }
        }
    }
    findings.insert(0, settings(&all_faults));
    findings
}

fn settings(faults: &[ConsumerFault]) -> Finding {
    let first = faults.first().map_or_else(String::new, |fault| fault.consumer().to_owned());
    let (subject, what) = (Subject::Consumer(first), "consumers");
    if faults.is_empty() {
        return Finding::well(subject, what, "as their roles need them");
    }
    let found = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Finding::unwell(subject, what, found, each_once(faults.iter().map(ConsumerFault::remedy)))
}

async fn queue(
    jetstream: &JetStream,
    needed: &ConsumerConfig,
) -> Result<(Vec<ConsumerFault>, Vec<Finding>), JetStreamError> {
    let faults = jetstream.look_at_consumer(needed).await?;
    if let [ConsumerFault::Missing { .. }] = faults[..] {
        return Ok((faults, Vec::new()));
    }
    let figures = jetstream.consumer_figures(needed.stream, &needed.name, &SystemClock).await?;
    let mut findings: Vec<_> = pause(&needed.name, &figures).into_iter().collect();
    findings.push(backlog(&needed.name, &figures));
    Ok((faults, findings))
}

fn pause(name: &str, figures: &ConsumerFigures) -> Option<Finding> {
    if !figures.paused {
        return None;
    }
    let by = figures.paused_by.as_deref().unwrap_or("somebody who did not say so");
    let until = moment_after(SystemClock.now(), figures.pause_left);
    let until = until.replace_nanosecond(0).unwrap_or(until).format(&Rfc3339).unwrap_or_default();
    let found = format!("deliveries are stopped by {by} until {until}; {} messages wait", figures.pending);
    let remedy = format!("`ally consumers resume {name}` lets them go on at once");
    Some(Finding::unwell(Subject::Pause(name.to_owned()), format!("pause of {name}"), found, remedy))
}

/// What waits, and whether anybody asks for it.
fn backlog(name: &str, figures: &ConsumerFigures) -> Finding {
    let (subject, what) = (Subject::Backlog(name.to_owned()), format!("queue {name}"));
    let (pending, in_hand, pulls) = (figures.pending, figures.ack_pending, figures.waiting_pulls);
    let age = figures.oldest_age;
    let found = format!("{pending} wait, {in_hand} in hand, {pulls} free pulls, the oldest is {} s old", age.as_secs());
    let is_asked_for = pulls > 0 || in_hand > 0;
    if pending > 0 && !is_asked_for && age > TAKEN_WITHIN {
        return Finding::unwell(
            subject,
            what,
            format!("{found}: no worker asks for them"),
            "start its role, or look into its log",
        );
    }
    if age > TOO_OLD {
        let remedy = "`ally jobs list` and the log of its workers say what holds it; more of them take more at once";
        return Finding::unwell(subject, what, found, remedy);
    }
    Finding::well(subject, what, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pending: u64, pulls: u64, age: u64) -> ConsumerFigures {
        ConsumerFigures { pending, waiting_pulls: pulls, oldest_age: Duration::from_secs(age), ..Default::default() }
    }

    #[test]
    fn messages_that_no_worker_asks_for_are_unwell() {
        assert!(!backlog("planner", &figures(3, 0, 1)).is_unwell(), "a worker asks again within seconds");
        assert!(backlog("planner", &figures(3, 0, 6)).is_unwell());
        assert!(!backlog("planner", &figures(3, 8, 60)).is_unwell());
        assert!(backlog("planner", &figures(3, 8, 301)).is_unwell());
    }

    #[test]
    fn a_pause_says_who_and_until_when() {
        assert!(pause("planner", &figures(3, 0, 6)).is_none());
        let paused = ConsumerFigures {
            paused: true,
            paused_by: Some("operator:kim".to_owned()),
            pause_left: Duration::from_secs(60),
            ..figures(3, 0, 6)
        };
        let told = pause("planner", &paused).unwrap();
        assert!(told.found.starts_with("deliveries are stopped by operator:kim until 20"), "{told:?}");
        assert!(told.is_unwell() && told.remedy.unwrap().contains("ally consumers resume planner"));
    }
}
