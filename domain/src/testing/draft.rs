//! What a model would have to answer for a plan of the engine to come out: the engine's own plan, written as a draft.

use std::collections::BTreeMap;

use crate::engine::catalogue::{Catalogue, ExerciseId, Mechanic, Pattern};
use crate::engine::draft::{Draft, DraftItem, DraftSession};
use crate::engine::plan::{BlockKind, Item, Phase, Plan, Session, Sets};
use crate::engine::profile::Day;

/// The draft that says what a plan says, as far as a week that repeats can: sets by week, everything else as the first
/// week has it. Bouts stay with one exercise and never fall from one loading week to the next (R29). Warm-ups and
/// cool-downs are left to the engine.
///
/// # Panics
/// When the plan is none of the engine's: an exercise that the catalogue does not hold.
#[must_use]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn draft_of(plan: &Plan, catalogue: &Catalogue) -> Draft {
    let mut days: BTreeMap<Day, DraftSession> = BTreeMap::new();
    let mut bouts: Bouts = BTreeMap::new();
    for (at, week) in plan.weeks.iter().enumerate() {
        for session in &week.sessions {
            let day = Day::ALL[usize::from(session.date.weekday().number_days_from_monday())];
            let drafted =
                days.entry(day).or_insert_with(|| DraftSession { day, focus: session.focus, exercises: Vec::new() });
            for (item, joined) in work(session) {
                let Some(sets) = item.sets.iter().find(|sets| sets.rpe.is_some()) else {
                    note(drafted, item, joined, at, plan.weeks.len());
                    continue;
                };
                let bout = drafted_item(item, sets, false, plan.weeks.len());
                let (_, by_week) = bouts.entry((day, bout.is_hard())).or_insert((bout, BTreeMap::new()));
                by_week.insert(at, (sets.n, sets.seconds.unwrap_or(0)));
            }
        }
    }
    for ((day, _), (item, by_week)) in bouts {
        let session = days.get_mut(&day).expect("the bout is in a session");
        session.exercises.extend(held(plan, item, &by_week));
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
    if let Some(known) = session.exercises.iter_mut().find(|known| known.exercise == item.ex) {
        known.sets[week] = sets.n;
        return;
    }
    let mut drafted = drafted_item(item, sets, joined, weeks);
    drafted.sets[week] = sets.n;
    session.exercises.push(drafted);
}

/// An exercise with no set yet in any week.
fn drafted_item(item: &Item, sets: &Sets, joined: bool, weeks: usize) -> DraftItem {
    let amount = sets.seconds.or(sets.metres);
    let reps = sets.reps.map(|[low, high]| (low.into(), high.into()));
    let (low, high) = reps.or(amount.map(|amount| (amount, amount))).unwrap_or_default();
    DraftItem {
        exercise: item.ex.clone(),
        sets: vec![0; weeks],
        low,
        high,
        effort: sets.rir.or(sets.rpe).unwrap_or(0),
        percent: sets.pct1rm.map_or(0, u16::from),
        rest: sets.rest_s,
        joined,
    }
}

/// The bouts of a day, easy and hard: the item that names them, and by week the rounds and the seconds of each.
type Bouts = BTreeMap<(Day, bool), (DraftItem, BTreeMap<usize, (u8, u16)>)>;

/// A bout as a draft says it: only in loading weeks from which on it stays, with no more rounds than all later ones have,
/// and growing as far as no week has less. Lighter weeks keep what they have.
fn held(plan: &Plan, item: DraftItem, by_week: &BTreeMap<usize, (u8, u16)>) -> Option<DraftItem> {
    let loading = |at: &usize| !plan.weeks[*at].deload && plan.weeks[*at].phase != Phase::Taper;
    let loading: Vec<usize> = (0..plan.weeks.len()).filter(loading).collect();
    let mut sets: Vec<u8> = (0..plan.weeks.len()).map(|at| by_week.get(&at).map_or(0, |(n, _)| *n)).collect();
    let mut least = u8::MAX;
    for at in loading.iter().rev() {
        least = least.min(sets[*at]);
        sets[*at] = least;
    }
    let seconds: Vec<(usize, u16)> = loading
        .iter()
        .enumerate()
        .filter(|(_, at)| sets[**at] > 0)
        .filter_map(|(loaded, at)| Some((loaded, by_week.get(at)?.1)))
        .collect();
    let low = seconds.iter().map(|(_, seconds)| *seconds).min()?;
    let grows_to = |high: u16| DraftItem { low, high, ..item.clone() };
    let fits = |high: &u16| seconds.iter().all(|(loaded, seconds)| grows_to(*high).bout_s(*loaded) <= *seconds);
    let high = seconds.iter().map(|(_, seconds)| *seconds).filter(fits).max().unwrap_or(low);
    Some(DraftItem { sets, low, high, ..item })
}
