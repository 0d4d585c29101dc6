//! Looking at dead letters.

use ally_nats::{DeadLetter, DeadLetterFilter, DeadLetterId, DeadLetters};

use super::selection::unknown;
use crate::cli::events::{moment, record};
use crate::cli::reach::Log;
use crate::cli::terminal;

pub(super) async fn list(log: &Log, filter: &DeadLetterFilter, limit: u64, json: bool) -> anyhow::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // One more than is shown tells whether there are more.
    let mut letters = DeadLetters::new(log.jetstream.clone()).list(filter, limit.saturating_add(1)).await?;
    let more = letters.len() > limit;
    letters.truncate(limit);
    if json {
        return letters.iter().try_for_each(terminal::object);
    }
    if letters.is_empty() {
        terminal::line("no dead letters");
        return Ok(());
    }
    let mut table = terminal::table(["id", "parked at", "about", "event", "tries", "fingerprint", "reason"]);
    for it in &letters {
        table.add_row([
            it.id.to_string(),
            moment(it.parked_at),
            about(log, it),
            it.event_type.clone(),
            it.deliveries.to_string(),
            it.fingerprint.clone(),
            it.reason.clone(),
        ]);
    }
    terminal::line(&table.to_string());
    if more {
        terminal::line(&format!("there are more than {limit}; --limit shows more, `ally dlq groups` counts them"));
    }
    Ok(())
}

pub(super) async fn show(log: &Log, id: &DeadLetterId, json: bool) -> anyhow::Result<()> {
    let Some(letter) = DeadLetters::new(log.jetstream.clone()).show(id).await? else { return Err(unknown(id).into()) };
    if json {
        return terminal::object(&letter);
    }
    terminal::line(&record(&serde_json::to_value(&letter)?).to_string());
    let what = about(log, &letter);
    if !what.is_empty() {
        terminal::line(&format!("Its history: ally events show {what}"));
    }
    terminal::line(&format!("Once its cause is gone: ally dlq redrive {id} --note WHY"));
    Ok(())
}

pub(super) async fn groups(log: &Log, consumer: Option<String>, json: bool) -> anyhow::Result<()> {
    let filter = DeadLetterFilter { consumer, ..DeadLetterFilter::default() };
    let groups = DeadLetters::new(log.jetstream.clone()).groups(&filter).await?;
    if json {
        return groups.iter().try_for_each(terminal::object);
    }
    if groups.is_empty() {
        terminal::line("no dead letters");
        return Ok(());
    }
    let mut table = terminal::table(["fingerprint", "count", "consumer", "event", "oldest", "newest", "for example"]);
    for it in groups {
        let (oldest, newest) = (moment(it.oldest), moment(it.newest));
        table.add_row([it.fingerprint, it.count.to_string(), it.consumer, it.event_type, oldest, newest, it.example]);
    }
    terminal::line(&table.to_string());
    Ok(())
}

/// The job or athlete that a dead letter is about: `job 7`; empty when its subject is no event's.
pub(super) fn about(log: &Log, letter: &DeadLetter) -> String {
    log.jetstream.names().parse_event(&letter.subject).map_or_else(String::new, |it| it.to_string())
}
