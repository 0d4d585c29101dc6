//! A whole plan as Markdown, for people who want to read or print it.

use std::fmt::Write;

use super::catalogue::Catalogue;
use super::plan::{Plan, Session, Week};
use super::render::{Row, name, reason_text, session_rows};
use super::tally::sets_text;

/// The plan as Markdown: what it is for, every week as a table, what each exercise asks, and where it falls short.
#[must_use]
pub fn markdown(plan: &Plan, catalogue: &Catalogue) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_plan(&mut text, plan, catalogue);
    text
}

/// One session as Markdown: its table, and what each exercise asks.
#[must_use]
pub fn session_markdown(session: &Session, catalogue: &Catalogue) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_session(&mut text, session, catalogue)
        .and_then(|()| write_exercises(&mut text, std::iter::once(session), catalogue));
    text.trim_start().to_owned()
}

fn write_plan(text: &mut String, plan: &Plan, catalogue: &Catalogue) -> std::fmt::Result {
    let (score, totals) = (&plan.score, &plan.totals);
    writeln!(text, "Goal **{}**, season **{}**.", words(plan.goal.as_str()), words(plan.season.as_str()))?;
    writeln!(
        text,
        "{} sessions, {} minutes and {} working sets in {} weeks; at most {} aerobic minutes a week.",
        totals.sessions,
        totals.minutes,
        totals.working_sets,
        plan.weeks.len(),
        totals.aerobic_min_per_week
    )?;
    writeln!(
        text,
        "Score {} of 100: safety {}, compliance {}, performance {}.",
        score.total, score.safety, score.compliance, score.performance
    )?;
    for week in &plan.weeks {
        write_week(text, week, catalogue)?;
    }
    write_volume(text, plan)?;
    write_tradeoffs(text, plan)?;
    let sessions = plan.weeks.iter().flat_map(|week| &week.sessions);
    write_exercises(text, sessions, catalogue)
}

fn words(spelled: &str) -> String {
    spelled.replace('_', " ")
}

fn write_week(text: &mut String, week: &Week, catalogue: &Catalogue) -> std::fmt::Result {
    writeln!(text, "\n## Week {}: {}", week.n, words(week.phase.as_str()))?;
    week.sessions.iter().try_for_each(|session| write_session(text, session, catalogue))
}

fn write_session(text: &mut String, session: &Session, catalogue: &Catalogue) -> std::fmt::Result {
    for row in session_rows(session, catalogue) {
        let Row { day, focus, minutes, block, exercise, sets, effort, rest, why } = row;
        if !day.is_empty() {
            writeln!(text, "\n**{day}**, {focus}, {minutes} min\n")?;
            writeln!(text, "| part | exercise | sets | reserve | rest | why |")?;
            writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
        }
        writeln!(text, "| {block} | {exercise} | {sets} | {effort} | {rest} | {why} |")?;
    }
    Ok(())
}

fn write_volume(text: &mut String, plan: &Plan) -> std::fmt::Result {
    writeln!(text, "\n## Sets by muscle in the fullest week\n")?;
    writeln!(text, "| muscle | direct | indirect | counted |\n| --- | --- | --- | --- |")?;
    for (muscle, sets) in &plan.totals.peak_week_sets {
        let counted = sets_text(sets.halves());
        writeln!(text, "| {} | {} | {} | {counted} |", words(muscle.as_str()), sets.direct, sets.indirect)?;
    }
    Ok(())
}

fn write_tradeoffs(text: &mut String, plan: &Plan) -> std::fmt::Result {
    writeln!(text, "\n## Where it falls short\n")?;
    if plan.tradeoffs.is_empty() {
        return writeln!(text, "Nowhere: every soft rule is met in full.");
    }
    for tradeoff in &plan.tradeoffs {
        let (rule, want, got, why) = (tradeoff.rule, &tradeoff.want, &tradeoff.got, &tradeoff.why);
        writeln!(text, "- **{rule}** asks for {want}; there is: {got}. Reason: {why}.")?;
    }
    Ok(())
}

/// Each exercise once, with how to do it, what may stand in for it, and its reasons in words.
fn write_exercises<'a>(
    text: &mut String,
    sessions: impl Iterator<Item = &'a Session>,
    catalogue: &Catalogue,
) -> std::fmt::Result {
    writeln!(text, "\n## The exercises\n")?;
    let mut told = std::collections::BTreeSet::new();
    let blocks = sessions.flat_map(|session| &session.blocks);
    for item in blocks.flat_map(|block| &block.items) {
        let Some(exercise) = catalogue.get(&item.ex).filter(|exercise| told.insert(&exercise.id)) else { continue };
        write!(text, "- **{}.** {}", exercise.name, exercise.cue)?;
        let reasons: Vec<String> = item.why.iter().map(reason_text).collect();
        write!(text, " *{}.*", reasons.join("; "))?;
        if !item.alts.is_empty() {
            let others: Vec<String> = item.alts.iter().map(|id| name(id, catalogue)).collect();
            write!(text, " Instead: {}.", others.join(", "))?;
        }
        writeln!(text)?;
    }
    Ok(())
}
