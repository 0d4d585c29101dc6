//! Looking at dead letters.

use ally_nats::{DeadLetter, DeadLetterFilter, DeadLetterId, DeadLetters};

use ally_projections::Checkpoints;
use ally_projections::dead_letter::{DeadLetterView, Wanted};
use serde_json::json;

use super::selection::unknown;
use crate::app::Letters;
use crate::cli::Usage;
use crate::cli::events::{moment, record};
use crate::cli::reach::{self, Log};
use crate::cli::terminal;
use crate::config::Config;

/// Letters that one look asks the view for.
const PAGE: u32 = 500;

/// The view of dead letters, with all that the stream holds.
pub(super) async fn letters(config: &Config, log: &Log) -> anyhow::Result<Letters> {
    let database = reach::views(config).await;
    let database =
        database.map_err(|error| Usage(format!("{error}; `ally dlq list --from-stream` does without it")))?;
    let checkpoints = Checkpoints::listen(database.clone());
    let letters = Letters::new(log.store.clone(), database, checkpoints);
    if !letters.caught_up().await {
        terminal::note(
            "the view is behind the stream: `ally projections status` says how far, --from-stream reads the stream",
        );
    }
    Ok(letters)
}

pub(super) async fn list(letters: &Letters, wanted: &Wanted, limit: u64, json: bool) -> anyhow::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found: Vec<DeadLetterView> = Vec::new();
    // One more than is shown tells whether there are more.
    while found.len() <= limit {
        let behind = found.last().map_or(0, |letter| letter.sequence);
        let page = letters.page(wanted, behind, PAGE).await?;
        let last = page.len() < PAGE as usize;
        found.extend(page);
        if last {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    if json {
        return found.iter().try_for_each(|it| terminal::object(&object(it)?));
    }
    let rows = found.into_iter().map(|it| {
        let state = match &it.ended_by {
            Some(by) => format!("{} by {by}", it.state),
            None => it.state.to_string(),
        };
        let letter = it.letter;
        let about = letter.about.unwrap_or_default();
        [
            letter.id,
            moment(letter.parked_at),
            state,
            about,
            letter.event_type,
            letter.deliveries.to_string(),
            letter.fingerprint,
            letter.reason,
        ]
    });
    show_list(rows.collect(), more, limit);
    Ok(())
}

/// As JSON: the letter, and what became of it.
fn object(it: &DeadLetterView) -> anyhow::Result<serde_json::Value> {
    let mut object = serde_json::to_value(&it.letter)?;
    object["state"] = it.state.as_str().into();
    object["endedAt"] = it.ended_at.map(moment).into();
    object["endedBy"] = it.ended_by.clone().into();
    object["note"] = it.note.clone().into();
    Ok(object)
}

/// The open ones, straight from the stream.
pub(super) async fn list_stream(log: &Log, filter: &DeadLetterFilter, limit: u64, json: bool) -> anyhow::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut letters = DeadLetters::new(log.jetstream.clone()).list(filter, limit.saturating_add(1)).await?;
    let more = letters.len() > limit;
    letters.truncate(limit);
    if json {
        return letters.iter().try_for_each(terminal::object);
    }
    let rows = letters.into_iter().map(|it| {
        let (id, about) = (it.id.to_string(), about(log, &it));
        [
            id,
            moment(it.parked_at),
            "open".to_owned(),
            about,
            it.event_type,
            it.deliveries.to_string(),
            it.fingerprint,
            it.reason,
        ]
    });
    show_list(rows.collect(), more, limit);
    Ok(())
}

fn show_list(rows: Vec<[String; 8]>, more: bool, limit: usize) {
    if rows.is_empty() {
        return terminal::line("no dead letters");
    }
    let mut table = terminal::table(["id", "parked at", "state", "about", "event", "tries", "fingerprint", "reason"]);
    table.add_rows(rows);
    terminal::line(&table.to_string());
    if more {
        terminal::line(&format!("there are more than {limit}; --limit shows more, `ally dlq groups` counts them"));
    }
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

pub(super) async fn groups(letters: &Letters, wanted: &Wanted, json: bool) -> anyhow::Result<()> {
    let groups = letters.groups(wanted).await?;
    if json {
        return groups.iter().try_for_each(|it| {
            terminal::object(
                &json!({"fingerprint": it.fingerprint, "consumer": it.consumer, "eventType": it.event_type,
                "count": it.count, "example": it.example, "oldest": moment(it.oldest), "newest": moment(it.newest)}),
            )
        });
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
