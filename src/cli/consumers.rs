//! `ally consumers`: how the workers' queues stand, and whether they are worked on.

use std::process::ExitCode;
use std::time::Duration;

use ally_nats::names::StreamName;
use ally_nats::{ConsumerConfig, ConsumerFault, ConsumerFigures, JetStreamError, LONGEST_PAUSE};
use serde_json::json;

use super::dates::length_of;
use super::hand::Hand;
use super::reach::{self, Log};
use super::{Usage, terminal};
use crate::app::{CONSUMERS, Operator, SystemClock, consumers};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// How each one stands.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make the consumers that are not there, and change those that somebody has changed back to what their roles need. A role
    /// does it too when it starts.
    Apply {
        /// Show what would be changed, and change nothing; exit code 1 when something would be.
        #[arg(long)]
        dry_run: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Stop deliveries; what is in hand is finished, and nothing is lost.
    Pause {
        /// Which consumer.
        #[arg(value_parser = consumer)]
        name: String,
        /// Resume by itself after this long, at most and unless told seven days: 90s, 10m, 2h, 7d.
        #[arg(long = "for", value_name = "TIME", value_parser = length)]
        length: Option<Duration>,
        #[command(flatten)]
        hand: Hand,
    },
    /// Let deliveries go on.
    Resume {
        /// Which consumer.
        #[arg(value_parser = consumer)]
        name: String,
    },
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    reach::run(async {
        let log = reach::log(config).await?;
        match command {
            Command::List { json } => list(config, &log, *json).await?,
            Command::Apply { dry_run, json } => return apply(config, &log, *dry_run, *json).await,
            Command::Pause { name, length, hand } => {
                pause(&log, name, length.unwrap_or(LONGEST_PAUSE), &hand.operator(config)).await?;
            }
            Command::Resume { name } => {
                known(&log, name).await?;
                log.jetstream.resume_consumer(stream_of(name), name).await?;
                terminal::line(&format!("{name} is delivered to again"));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn list(config: &Config, log: &Log, json: bool) -> anyhow::Result<()> {
    let mut table = terminal::table(["consumer", "state", "pending", "in hand", "again", "oldest", "free pulls"]);
    let mut faulty = Vec::new();
    for needed in consumers(config) {
        let faults = log.jetstream.look_at_consumer(&needed).await?;
        let figures = match faults[..] {
            [ConsumerFault::Missing { .. }] => None,
            _ => Some(log.jetstream.consumer_figures(needed.stream, &needed.name, &SystemClock).await?),
        };
        if json {
            terminal::object(&object(&needed, figures.as_ref(), &faults))?;
            continue;
        }
        let count = |of: fn(&ConsumerFigures) -> u64| {
            figures.as_ref().map_or_else(|| "not known".to_owned(), |it| of(it).to_string())
        };
        table.add_row([
            needed.name.clone(),
            state(figures.as_ref(), &faults),
            count(|it| it.pending),
            count(|it| it.ack_pending),
            count(|it| it.redelivered),
            figures.as_ref().map_or_else(|| "not known".to_owned(), |it| format!("{} s", it.oldest_age.as_secs())),
            count(|it| it.waiting_pulls),
        ]);
        faulty.extend(faults);
    }
    if !json {
        terminal::line(&table.to_string());
        for fault in &faulty {
            terminal::line(&format!("{fault}\n  {}", fault.remedy()));
        }
    }
    Ok(())
}

fn state(figures: Option<&ConsumerFigures>, faults: &[ConsumerFault]) -> String {
    match figures {
        None => "not there".to_owned(),
        Some(it) if it.paused => {
            let by = it.paused_by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
            format!("paused{by}, {} s left", it.pause_left.as_secs())
        }
        Some(_) if !faults.is_empty() => "changed by somebody".to_owned(),
        Some(_) => "delivered to".to_owned(),
    }
}

fn object(needed: &ConsumerConfig, figures: Option<&ConsumerFigures>, faults: &[ConsumerFault]) -> serde_json::Value {
    let (name, stream) = (&needed.name, needed.stream.as_str());
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let Some(it) = figures else {
        return json!({"consumer": name, "stream": stream, "exists": false, "faults": faults});
    };
    json!({
        "consumer": name, "stream": stream, "exists": true, "paused": it.paused, "pausedBy": it.paused_by,
        "faults": faults,
        "pauseLeftSeconds": it.pause_left.as_secs(), "pending": it.pending, "ackPending": it.ack_pending,
        "redelivered": it.redelivered, "waitingPulls": it.waiting_pulls, "oldestAgeSeconds": it.oldest_age.as_secs_f64(),
    })
}

/// Each by itself: one that the server refuses keeps no other from being made.
async fn apply(config: &Config, log: &Log, dry_run: bool, json: bool) -> anyhow::Result<ExitCode> {
    let (mut found, mut refusals) = (Vec::new(), Vec::new());
    for needed in consumers(config) {
        let faults = log.jetstream.look_at_consumer(&needed).await?;
        if faults.is_empty() {
            continue;
        }
        if !dry_run {
            match log.jetstream.apply_consumer(&needed).await {
                Ok(()) => {}
                Err(refusal @ JetStreamError::Refused { .. }) => {
                    refusals.push(refusal);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        }
        found.extend(faults);
    }
    show_applied(&found, dry_run, json)?;
    match refusals.pop() {
        None => Ok(if dry_run && !found.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }),
        Some(last) => {
            refusals.iter().for_each(|refusal| terminal::note(&refusal.to_string()));
            Err(Usage(last.to_string()).into())
        }
    }
}

fn show_applied(found: &[ConsumerFault], dry_run: bool, json: bool) -> anyhow::Result<()> {
    if json {
        return found.iter().try_for_each(terminal::object);
    }
    if found.is_empty() {
        terminal::line("nothing to change");
        return Ok(());
    }
    let mut table = terminal::table(["consumer", "setting", "found", if dry_run { "would become" } else { "is now" }]);
    for fault in found {
        table.add_row(match fault {
            ConsumerFault::Missing { consumer } => [consumer, "consumer", "none", "a new one"],
            ConsumerFault::Differs { consumer, setting, found, needed } => [consumer, setting.as_str(), found, needed],
        });
    }
    terminal::line(&table.to_string());
    if dry_run {
        terminal::line("nothing was changed; `ally consumers apply` without --dry-run changes it");
    }
    Ok(())
}

async fn pause(log: &Log, name: &str, length: Duration, operator: &Operator) -> anyhow::Result<()> {
    known(log, name).await?;
    log.jetstream.pause_consumer(stream_of(name), name, length, &operator.actor().to_string(), &SystemClock).await?;
    let seconds = length.as_secs();
    terminal::line(&format!("{name} is paused for {seconds} s; `ally consumers resume {name}` ends it sooner"));
    Ok(())
}

/// A consumer is made by its first worker; before that there is nothing to pause.
async fn known(log: &Log, name: &str) -> anyhow::Result<()> {
    if log.jetstream.has_consumer(stream_of(name), name).await? {
        return Ok(());
    }
    Err(Usage(format!("there is no consumer {name} yet; start its role or run `ally consumers apply`")).into())
}

fn stream_of(name: &str) -> StreamName {
    CONSUMERS.iter().find(|(known, _)| *known == name).map_or(StreamName::Plans, |(_, stream)| *stream)
}

/// A consumer by its name.
pub fn consumer(text: &str) -> Result<String, String> {
    let known = CONSUMERS.map(|(name, _)| name);
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there are {}", known.join(", "))) }
}

/// How long a pause may be.
fn length(text: &str) -> Result<Duration, String> {
    let fits = |length: &Duration| !length.is_zero() && *length <= LONGEST_PAUSE;
    let wrong = || "write a number and s, m, h or d, at most 7d, for example 10m".to_owned();
    length_of(text).filter(fits).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        assert_eq!(length("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(length("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(length("7d"), Ok(LONGEST_PAUSE));
        for wrong in ["", "10", "m", "0s", "8d", "1w", "-1s", "99999999999999999999d", "1é"] {
            assert!(length(wrong).is_err(), "{wrong:?}");
        }
    }
}
