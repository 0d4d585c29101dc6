//! What a model would have to answer for a plan of the engine to come out: the engine's own plan, written as a draft.

use std::collections::BTreeMap;

use crate::engine::catalogue::{Catalogue, ExerciseId, Mechanic, Pattern};
use crate::engine::draft::{Draft, DraftItem, DraftSession};
use crate::engine::plan::{BlockKind, Item, Plan, Session};
use crate::engine::profile::Day;

/// The draft that says what a plan says, as far as a week that repeats can: sets by week, everything else as the first
/// week has it, bouts as long as the shortest. Warm-ups and cool-downs are left to the engine.
///
/// # Panics
/// When the plan is none of the engine's: an exercise that the catalogue does not hold.
#[must_use]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn draft_of(plan: &Plan, catalogue: &Catalogue) -> Draft {
    let mut days: BTreeMap<Day, DraftSession> = BTreeMap::new();
    for (at, week) in plan.weeks.iter().enumerate() {
        for session in &week.sessions {
            let day = Day::ALL[usize::from(session.date.weekday().number_days_from_monday())];
            let drafted =
                days.entry(day).or_insert_with(|| DraftSession { day, focus: session.focus, exercises: Vec::new() });
            for (item, joined) in work(session) {
                note(drafted, item, joined, at, plan.weeks.len());
            }
        }
    }
    for session in days.values_mut() {
        let rank = |id: &ExerciseId| {
            let exercise = catalogue.get(id).expect("the plan holds exercises of the catalogue");
            match (exercise.pattern, exercise.mechanic) {
                (Pattern::JumpThrow, _) => 1,
                (Pattern::Conditioning, _) => 4,
                (_, Mechanic::Compound) => 2,
                (_, Mechanic::Isolation) => 3,
            }
        };
        session.exercises.sort_by_key(|item| rank(&item.exercise));
    }
    Draft { sessions: days.into_values().filter(|session| !session.exercises.is_empty()).collect() }
}

/// The exercises of a session that a draft names, each with whether it alternates with the one before.
fn work(session: &Session) -> impl Iterator<Item = (&Item, bool)> {
    let blocks = session.blocks.iter().filter(|block| !matches!(block.kind, BlockKind::WarmUp | BlockKind::CoolDown));
    blocks.flat_map(|block| {
        let turns = matches!(block.kind, BlockKind::Superset | BlockKind::AccessorySuperset);
        block.items.iter().enumerate().map(move |(n, item)| (item, turns && n > 0))
    })
}

fn note(session: &mut DraftSession, item: &Item, joined: bool, week: usize, weeks: usize) {
    let Some(sets) = item.sets.iter().find(|sets| !sets.ramp) else { return };
    let amount = sets.seconds.or(sets.metres);
    let reps = sets.reps.map(|[low, high]| (low.into(), high.into()));
    let (low, high) = reps.or(amount.map(|amount| (amount, amount))).unwrap_or_default();
    let effort = sets.rir.or(sets.rpe).unwrap_or(0);
    // The same exercise may stand twice: an easy bout and intervals.
    let same = |known: &&mut DraftItem| known.exercise == item.ex && (sets.rpe.is_none() || known.effort == effort);
    if let Some(known) = session.exercises.iter_mut().find(same) {
        known.sets[week] = sets.n;
        if sets.rpe.is_some() {
            (known.low, known.high) = (known.low.min(low), known.high.min(high));
        }
        return;
    }
    let mut by_week = vec![0; weeks];
    by_week[week] = sets.n;
    session.exercises.push(DraftItem {
        exercise: item.ex.clone(),
        sets: by_week,
        low,
        high,
        effort,
        percent: sets.pct1rm.map_or(0, u16::from),
        rest: sets.rest_s,
        joined,
    });
}
