//! Redriving and discarding dead letters, one after the other, each told with what became of it.

use std::process::ExitCode;
use std::time::Duration;

use ally_domain::dead_letter::Ended;
use ally_nats::{DeadLetter, DeadLetterId, DeadLetters};
use serde_json::json;

use super::Change;
use super::look::about;
use super::selection::{self, Found, Selection};
use crate::app::{Operator, PutBack, Redrive};
use crate::cli::events::moment;
use crate::cli::progress::Bar;
use crate::cli::reach::Log;
use crate::cli::terminal;

pub(super) async fn redrive(
    log: &Log,
    selection: &Selection,
    change: &Change,
    operator: &Operator,
    rate: Option<u32>,
) -> anyhow::Result<ExitCode> {
    let Found { open: letters, done: before } =
        selection.find(&DeadLetters::new(log.jetstream.clone()), selection::Change::Redrive).await?;
    tell_before(&before, change, "was put back before")?;
    let Some(note) = change.note.as_deref().filter(|_| !change.dry_run) else {
        return would(log, (&letters, &before), change, "would be redriven");
    };
    let redrive = Redrive::new(log.jetstream.clone(), log.executor.clone());
    let bar = Bar::new("redriving", letters.len() as u64);
    let mut ticks = rate.map(|rate| tokio::time::interval(Duration::from_secs(1) / rate));
    let mut all = true;
    for letter in &letters {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let outcome = redrive.redrive(letter, operator, note).await?;
        all &= outcome != PutBack::TooEarly;
        bar.step();
        bar.beside(|| tell(log, letter, change, name(outcome), sentence(outcome)))?;
    }
    bar.clear();
    done(&letters, &before, change);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn discard(
    log: &Log,
    selection: &Selection,
    change: &Change,
    operator: &Operator,
) -> anyhow::Result<ExitCode> {
    let dead_letters = DeadLetters::new(log.jetstream.clone());
    let Found { open: letters, done: before } = selection.find(&dead_letters, selection::Change::Discard).await?;
    tell_before(&before, change, "was discarded before")?;
    let Some(note) = change.note.as_deref().filter(|_| !change.dry_run) else {
        return would(log, (&letters, &before), change, "would be discarded");
    };
    let bar = Bar::new("discarding", letters.len() as u64);
    for letter in &letters {
        let gone = dead_letters.discard(&letter.id, &operator.removal(note)).await?;
        bar.step();
        let (outcome, text) = if gone { ("discarded", "is discarded") } else { ("already", "was gone already") };
        bar.beside(|| tell(log, letter, change, outcome, text))?;
    }
    bar.clear();
    done(&letters, &before, change);
    Ok(ExitCode::SUCCESS)
}

/// What was done before is done: it is said, and is no failure.
fn tell_before(before: &[(DeadLetterId, Ended)], change: &Change, text: &str) -> anyhow::Result<()> {
    for (id, ended) in before {
        let about = ended.letter.about.clone().unwrap_or_default();
        if change.json {
            terminal::object(&json!({"id": id, "about": about, "outcome": name(PutBack::Already)}))?;
        } else {
            let (by, at) = (&ended.actor, moment(ended.at));
            terminal::line(&format!("{id} ({about}) {text}, by {by} at {at}: nothing is left to do"));
        }
    }
    Ok(())
}

fn would(
    log: &Log,
    (letters, before): (&[DeadLetter], &[(DeadLetterId, Ended)]),
    change: &Change,
    text: &str,
) -> anyhow::Result<ExitCode> {
    for letter in letters {
        tell(log, letter, change, "dry_run", text)?;
    }
    done(letters, before, change);
    Ok(ExitCode::SUCCESS)
}

fn tell(log: &Log, letter: &DeadLetter, change: &Change, outcome: &str, text: &str) -> anyhow::Result<()> {
    let about = about(log, letter);
    if change.json {
        return terminal::object(&json!({"id": letter.id, "about": about, "outcome": outcome}));
    }
    terminal::line(&format!("{} ({about}) {text}", letter.id));
    Ok(())
}

fn done(letters: &[DeadLetter], before: &[(DeadLetterId, Ended)], change: &Change) {
    if !change.json && letters.is_empty() && before.is_empty() {
        terminal::line("no dead letters");
    }
    if !change.json && change.dry_run && !letters.is_empty() {
        terminal::line(&format!("nothing was changed; {} would be without --dry-run", letters.len()));
    }
}

const fn name(outcome: PutBack) -> &'static str {
    match outcome {
        PutBack::Redriven => "redriven",
        PutBack::Requeued => "requeued",
        PutBack::Already => "already",
        PutBack::Obsolete => "obsolete",
        PutBack::TooEarly => "too_early",
    }
}

const fn sentence(outcome: PutBack) -> &'static str {
    match outcome {
        PutBack::Redriven => "is redriven: its job is in the queue again",
        PutBack::Requeued => "stands before its consumer again",
        PutBack::Already => "was put back before",
        PutBack::Obsolete => "is discarded: its job has come to another end",
        PutBack::TooEarly => "stays: its job is not parked yet, try again in a moment",
    }
}
