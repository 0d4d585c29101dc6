//! A plan for people: one week as plain rows, and reasons as sentences. Tables and colours are the reader's business.

use std::fmt::Write;

use super::catalogue::{Catalogue, ExerciseId};
use super::plan::{Block, BlockKind, Item, Plan, Reason, Session, Sets};
use super::rule::Rule;

/// One exercise of a week, as text. Day, focus and minutes stand only in a session's first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `Mon 2027-01-04`.
    pub day: String,
    /// `upper`.
    pub focus: String,
    /// `57`.
    pub minutes: String,
    /// Which part of the session: `main`, `superset A`.
    pub block: String,
    /// The exercise's name.
    pub exercise: String,
    /// `3 × 8-12`, `1 × 75 s`, with ramp sets in front.
    pub sets: String,
    /// Repetitions in reserve: `2`; the effort of conditioning: `RPE 4`.
    pub effort: String,
    /// `90 s`.
    pub rest: String,
    /// The reasons, by code.
    pub why: String,
}

/// The rows of week `n`, counted from 1; none when the plan has no such week.
#[must_use]
pub fn week_rows(plan: &Plan, n: u8, catalogue: &Catalogue) -> Vec<Row> {
    let week = plan.weeks.iter().find(|week| week.n == n);
    let sessions = week.into_iter().flat_map(|week| &week.sessions);
    sessions.flat_map(|session| session_rows(session, catalogue)).collect()
}

/// The rows of one session.
#[must_use]
pub fn session_rows(session: &Session, catalogue: &Catalogue) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut pairs = 0;
    for block in &session.blocks {
        let label = label(block, &mut pairs);
        rows.extend(block.items.iter().map(|item| row(&label, item, catalogue)));
    }
    if let Some(first) = rows.first_mut() {
        let weekday = session.date.weekday().to_string();
        first.day = format!("{} {}", weekday.get(..3).unwrap_or(&weekday), session.date);
        first.focus = session.focus.as_str().replace('_', " ");
        first.minutes = session.est_min.to_string();
    }
    rows
}

/// A session in words, one line an exercise, for where no table fits.
#[must_use]
pub fn session_text(session: &Session, catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for Row { block, exercise, sets, effort, rest, .. } in session_rows(session, catalogue) {
        let effort = match effort.as_str() {
            "" => String::new(),
            rpe if rpe.starts_with("RPE") => format!(", {rpe}"),
            reserve => format!(", {reserve} in reserve"),
        };
        let rest = if rest.is_empty() { rest } else { format!(", rest {rest}") };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{block}: {exercise}, {sets}{effort}{rest}");
    }
    text.truncate(text.trim_end().len());
    text
}

fn label(block: &Block, pairs: &mut u8) -> String {
    let name = match block.kind {
        BlockKind::AccessorySuperset => "superset".to_owned(),
        kind => kind.as_str().replace('_', " "),
    };
    if matches!(block.kind, BlockKind::Superset | BlockKind::AccessorySuperset) {
        *pairs += 1;
        return format!("{name} {}", char::from(b'A' + (*pairs - 1) % 26));
    }
    name
}

fn row(label: &str, item: &Item, catalogue: &Catalogue) -> Row {
    let working = item.sets.iter().find(|sets| !sets.ramp);
    let why: Vec<&str> = item.why.iter().map(|reason| reason.0.as_str()).collect();
    Row {
        day: String::new(),
        focus: String::new(),
        minutes: String::new(),
        block: label.to_owned(),
        exercise: name(&item.ex, catalogue),
        sets: item.sets.iter().map(sets_text).collect::<Vec<_>>().join(", "),
        effort: working.map(effort_text).unwrap_or_default(),
        rest: working.filter(|sets| sets.rest_s > 0).map(|sets| format!("{} s", sets.rest_s)).unwrap_or_default(),
        why: why.join(" "),
    }
}

/// An exercise's name; its id when the catalogue does not know it.
#[must_use]
pub fn name(id: &ExerciseId, catalogue: &Catalogue) -> String {
    catalogue.get(id).map_or_else(|| id.as_str().to_owned(), |exercise| exercise.name.clone())
}

/// Sets as people write them: `3 × 8-12`, `ramp 1 × 5 @ 50 %`.
#[must_use]
pub fn sets_text(sets: &Sets) -> String {
    let measure = match (sets.reps, sets.seconds, sets.metres) {
        (Some([low, high]), ..) if low == high => low.to_string(),
        (Some([low, high]), ..) => format!("{low}-{high}"),
        (_, Some(seconds), _) if seconds >= 120 => format!("{} min", seconds / 60) + &rest_of_minute(seconds),
        (_, Some(seconds), _) => format!("{seconds} s"),
        (_, _, Some(metres)) => format!("{metres} m"),
        _ => "?".to_owned(),
    };
    // Kilograms that workouts have told say more than a percentage of a maximum.
    let kilograms = sets.load_kg.map(|load| format!(" @ {load} kg"));
    let load = kilograms.or_else(|| sets.pct1rm.map(|pct| format!(" @ {pct} %"))).unwrap_or_default();
    let ramp = if sets.ramp { "ramp " } else { "" };
    format!("{ramp}{} × {measure}{load}", sets.n)
}

fn rest_of_minute(seconds: u16) -> String {
    if seconds.is_multiple_of(60) { String::new() } else { format!(" {} s", seconds % 60) }
}

/// How hard a set is: the repetitions in reserve, or `RPE 4`; empty where neither counts.
#[must_use]
pub fn effort_text(sets: &Sets) -> String {
    match (sets.rir, sets.rpe) {
        (Some(rir), _) => rir.to_string(),
        (_, Some(rpe)) => format!("RPE {rpe}"),
        _ => String::new(),
    }
}

/// A reason as a sentence for the athlete.
#[must_use]
pub fn reason_text(reason: &Reason) -> String {
    let about = reason.about().replace('_', " ");
    match (reason.rule(), reason.about()) {
        (Some(Rule::R5), about) if about.starts_with("care_") => {
            let part = about.trim_start_matches("care_").replace('_', " ");
            format!("lighter, longer and farther from failure, with care for your {part}")
        }
        (Some(Rule::R5), _) => format!("stands in for what would strain your {about}"),
        (Some(Rule::R3), _) => format!("uses your {about}"),
        (Some(Rule::R7), _) => format!("brings sets for: {about}"),
        (Some(Rule::R14), _) => format!("covers the movement: {about}"),
        (Some(Rule::R16), _) => "half the sets, to recover".to_owned(),
        (Some(Rule::R17), _) => "keeps strength in season with little volume".to_owned(),
        (Some(Rule::R18), _) => "half the sets, as heavy as before, to be fresh for the competition".to_owned(),
        (Some(Rule::R19), _) => "a little hard work for heart and lungs".to_owned(),
        (Some(Rule::R20), _) => "something fast while you are fresh".to_owned(),
        (Some(Rule::R21), _) => "easy minutes for heart and lungs".to_owned(),
        (Some(Rule::R30), "first") => "new and hard to lower: two sets of five this week".to_owned(),
        (Some(Rule::R30), _) => "hard to lower, so few sets of few repetitions".to_owned(),
        (Some(Rule::R23), "warm_up") => "warms up what the session trains".to_owned(),
        (Some(Rule::R23), _) => "lets the session end slowly".to_owned(),
        (Some(rule), _) => rule.asks().to_owned(),
        (None, _) => reason.0.clone(),
    }
}
