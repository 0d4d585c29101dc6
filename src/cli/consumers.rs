//! `ally consumers`: how the workers' queues stand, and whether they are worked on.

use std::process::ExitCode;
use std::time::Duration;

use ally_nats::names::StreamName;
use ally_nats::{ConsumerFigures, LONGEST_PAUSE};
use serde_json::json;

use super::reach::{self, Log};
use super::{Usage, terminal};
use crate::app::{CONSUMERS, SystemClock};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// How each one stands.
    List {
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
            Command::List { json } => list(&log, *json).await?,
            Command::Pause { name, length } => pause(&log, name, length.unwrap_or(LONGEST_PAUSE)).await?,
            Command::Resume { name } => {
                known(&log, name).await?;
                log.jetstream.resume_consumer(stream_of(name), name).await?;
                terminal::line(&format!("{name} is delivered to again"));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn list(log: &Log, json: bool) -> anyhow::Result<()> {
    let mut table = terminal::table(["consumer", "state", "pending", "in hand", "again", "oldest", "free pulls"]);
    for (name, stream) in CONSUMERS {
        let figures = log.jetstream.consumer_figures(stream, name, &SystemClock).await.ok();
        if json {
            terminal::object(&object(name, stream, figures.as_ref()))?;
            continue;
        }
        let count = |of: fn(&ConsumerFigures) -> u64| figures.map_or_else(String::new, |it| of(&it).to_string());
        table.add_row([
            name.to_owned(),
            state(figures.as_ref()),
            count(|it| it.pending),
            count(|it| it.ack_pending),
            count(|it| it.redelivered),
            figures.map_or_else(String::new, |it| format!("{} s", it.oldest_age.as_secs())),
            count(|it| it.waiting_pulls),
        ]);
    }
    if !json {
        terminal::line(&table.to_string());
    }
    Ok(())
}

fn state(figures: Option<&ConsumerFigures>) -> String {
    match figures {
        None => "no worker has started yet".to_owned(),
        Some(it) if it.paused => format!("paused, {} s left", it.pause_left.as_secs()),
        Some(_) => "delivered to".to_owned(),
    }
}

fn object(name: &str, stream: StreamName, figures: Option<&ConsumerFigures>) -> serde_json::Value {
    let Some(it) = figures else { return json!({"consumer": name, "stream": stream.as_str(), "exists": false}) };
    json!({
        "consumer": name, "stream": stream.as_str(), "exists": true, "paused": it.paused,
        "pauseLeftSeconds": it.pause_left.as_secs(), "pending": it.pending, "ackPending": it.ack_pending,
        "redelivered": it.redelivered, "waitingPulls": it.waiting_pulls, "oldestAgeSeconds": it.oldest_age.as_secs_f64(),
    })
}

async fn pause(log: &Log, name: &str, length: Duration) -> anyhow::Result<()> {
    known(log, name).await?;
    log.jetstream.pause_consumer(stream_of(name), name, length, &SystemClock).await?;
    let seconds = length.as_secs();
    terminal::line(&format!("{name} is paused for {seconds} s; `ally consumers resume {name}` ends it sooner"));
    Ok(())
}

/// A consumer is made by its first worker; before that there is nothing to pause.
async fn known(log: &Log, name: &str) -> anyhow::Result<()> {
    match log.jetstream.consumer_figures(stream_of(name), name, &SystemClock).await {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Usage(format!("{name} cannot be asked: {error}; start its role once, then try again")).into())
        }
    }
}

fn stream_of(name: &str) -> StreamName {
    CONSUMERS.iter().find(|(known, _)| *known == name).map_or(StreamName::Plans, |(_, stream)| *stream)
}

/// A consumer by its name.
pub fn consumer(text: &str) -> Result<String, String> {
    let known = CONSUMERS.map(|(name, _)| name);
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there are {}", known.join(", "))) }
}

/// A number with its unit, for example `10m`.
fn length(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and s, m, h or d, at most 7d, for example 10m".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let length = Duration::from_secs(number.checked_mul(seconds).ok_or_else(wrong)?);
    if length.is_zero() || length > LONGEST_PAUSE { Err(wrong()) } else { Ok(length) }
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
