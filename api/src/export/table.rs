//! A plan as comma-separated values: a row for every run of equal sets, so that a spreadsheet can sum and filter them.

use std::borrow::Cow;

use ally_domain::engine::plan::{Block, Item, Session, Sets, Week};
use ally_domain::engine::render::name;
use csv::{Terminator, WriterBuilder};

use super::Export;

/// The columns, in order. New ones come last.
pub(super) const HEADER: [&str; 26] = [
    "plan",
    "version",
    "week",
    "phase",
    "session",
    "date",
    "focus",
    "session_minutes",
    "block",
    "block_kind",
    "item",
    "exercise",
    "exercise_name",
    "sets",
    "reps_low",
    "reps_high",
    "seconds",
    "metres",
    "reps_in_reserve",
    "rpe",
    "percent_1rm",
    "rest_seconds",
    "ramp",
    "progress",
    "step_percent",
    "why",
];

/// What makes a spreadsheet take a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) fn of<'a>(
    export: &Export<'_>,
    sessions: impl Iterator<Item = (&'a Week, &'a Session)>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for (week, session) in sessions {
        for (block_n, block) in (1..).zip(&session.blocks) {
            for (item_n, item) in (1..).zip(&block.items) {
                for sets in &item.sets {
                    writer.write_record(row(export, week, session, (block_n, block), (item_n, item), sets))?;
                }
            }
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn row(
    export: &Export<'_>,
    week: &Week,
    session: &Session,
    (block_n, block): (usize, &Block),
    (item_n, item): (usize, &Item),
    sets: &Sets,
) -> [String; HEADER.len()] {
    let why: Vec<&str> = item.why.iter().map(|reason| reason.0.as_str()).collect();
    [
        guarded(export.plan.plan_id.as_str()),
        export.plan.version.to_string(),
        week.n.to_string(),
        week.phase.as_str().to_owned(),
        guarded(&session.id),
        session.date.to_string(),
        session.focus.as_str().to_owned(),
        session.est_min.to_string(),
        block_n.to_string(),
        block.kind.as_str().to_owned(),
        item_n.to_string(),
        guarded(item.ex.as_str()),
        guarded(&name(&item.ex, export.catalogue)),
        sets.n.to_string(),
        number(sets.reps.map(|[low, _]| low)),
        number(sets.reps.map(|[_, high]| high)),
        number(sets.seconds),
        number(sets.metres),
        number(sets.rir),
        number(sets.rpe),
        number(sets.pct1rm),
        sets.rest_s.to_string(),
        sets.ramp.to_string(),
        item.progress.map(|progress| progress.rule.as_str().to_owned()).unwrap_or_default(),
        number(item.progress.map(|progress| progress.step_pct)),
        guarded(&why.join(" ")),
    ]
}

fn number(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet takes for a formula: a plan may come from a foreign provider.
fn guarded(text: &str) -> String {
    let guarded = if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    guarded.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "squat", "a=1", "'=1"] {
            assert_eq!(guarded(text), text);
        }
    }
}
