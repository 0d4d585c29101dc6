//! Pain: what would strain a place that hurts is replaced, what is sore is treated with care, and jumps stay away from sore
//! legs. The figures are those of the composer: 0 to 3 go, 4 and 5 modify, from 6 on substitute (R5, R20).

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Ground, each_open_item};
use super::input::{Action, Decision};
use crate::engine::bears::Bears;
use crate::engine::catalogue::{Eccentric, Exercise, ExerciseId, Impact, Measure, Mechanic, Pattern};
use crate::engine::compose::rank;
use crate::engine::ease::ease_sore;
use crate::engine::limits::least_rir;
use crate::engine::plan::{Item, Plan, Reason, Session, Sets};
use crate::engine::profile::Purpose;
use crate::engine::rule::Rule;
use crate::engine::safety;
use crate::engine::strains::forbids;
use crate::engine::tally::counts;

/// How many exercises may stand in for one.
const ALTERNATIVES: usize = 2;

/// Replaces, eases and drops what the body does not bear now. `stand_ins` keeps one exercise's stand-in the same in all
/// sessions.
pub fn settle(ground: &Ground<'_>, plan: &mut Plan, decisions: &mut Vec<Decision>) {
    let body = Bears::of(&ground.body);
    let bears = |exercise: &Exercise| body.bears(exercise);
    let neighbours = neighbours(ground, plan);
    let mut stand_ins: BTreeMap<ExerciseId, Option<&Exercise>> = BTreeMap::new();
    let mut taken: BTreeSet<ExerciseId> = BTreeSet::new();
    each_open_item(ground, plan, |item| {
        let Some(exercise) = ground.exercise(&item.ex) else {
            item.sets.clear();
            return;
        };
        item.alts.retain(|alt| ground.exercise(alt).is_some_and(&bears));
        if bears(exercise) {
            return;
        }
        let stand_in = *stand_ins.entry(item.ex.clone()).or_insert_with(|| {
            let near = neighbours.get(&item.ex);
            let free = |other: &&Exercise| {
                // With the sets of another exercise a hard eccentric would be too much (R30).
                let undosed = other.eccentric != Eccentric::High;
                bears(other)
                    && undosed
                    && !taken.contains(&other.id)
                    && near.is_none_or(|near| !near.contains(&other.id))
            };
            let open = ground.catalogue.exercises().iter().filter(free);
            let stand_in = open
                .filter_map(|other| Some((likeness(exercise, other, item)?, other)))
                .max_by(|(a, x), (b, y)| a.cmp(b).then_with(|| y.id.cmp(&x.id)));
            let stand_in = stand_in.map(|(_, other)| other);
            taken.extend(stand_in.map(|other| other.id.clone()));
            decisions.push(replacement(ground, exercise, stand_in));
            stand_in
        });
        match stand_in {
            Some(other) => replace(ground, item, exercise, other),
            None => item.sets.clear(),
        }
    });
    ease(ground, plan, decisions);
}

/// By exercise: everything that stands beside it in an open session.
fn neighbours(ground: &Ground<'_>, plan: &Plan) -> BTreeMap<ExerciseId, BTreeSet<ExerciseId>> {
    let mut all: BTreeMap<ExerciseId, BTreeSet<ExerciseId>> = BTreeMap::new();
    let open = |session: &&Session| !ground.is_settled(session);
    for session in plan.weeks.iter().flat_map(|week| &week.sessions).filter(open) {
        let here: BTreeSet<ExerciseId> =
            session.blocks.iter().flat_map(|block| &block.items).map(|item| item.ex.clone()).collect();
        here.iter().for_each(|id| all.entry(id.clone()).or_default().extend(here.iter().cloned()));
    }
    all
}

/// How well one exercise stands in for another; `None` when it does not at all.
fn likeness(from: &Exercise, to: &Exercise, item: &Item) -> Option<i32> {
    let (same_pattern, shared) =
        (from.pattern == to.pattern, to.primary.iter().filter(|muscle| from.primary.contains(muscle)).count());
    let fits = rank(from.pattern, from.mechanic) == rank(to.pattern, to.mechanic) && counts(from) == counts(to);
    let seconds = item.sets.iter().filter_map(|sets| sets.seconds).max().unwrap_or(0);
    let long_enough = from.pattern != Pattern::Conditioning || u32::from(to.longest_min) * 60 >= u32::from(seconds);
    let intervals = item.sets.iter().all(|sets| sets.rpe.is_none_or(|rpe| rpe < 7)) || to.intervals;
    if !fits || !long_enough || !intervals || !(same_pattern || shared > 0) {
        return None;
    }
    let points = i32::from(same_pattern) * 100
        + i32::try_from(shared).unwrap_or(0) * 40
        + i32::from(item.alts.contains(&to.id)) * 50
        + i32::from(from.regressions.contains(&to.id)) * 30
        + i32::from(from.measure == to.measure) * 60
        + i32::from(from.force == to.force) * 10
        + i32::from(to.loadable) * 10
        - i32::from(to.percent_based) * 20;
    Some(points)
}

/// Puts another exercise into an item: as many sets, no known load, and what its measure asks for.
fn replace(ground: &Ground<'_>, item: &mut Item, from: &Exercise, to: &Exercise) {
    let part = hurting(ground, from);
    item.sets.retain(|sets| !sets.ramp);
    for sets in &mut item.sets {
        *sets = match (to.pattern, from.measure == to.measure) {
            (Pattern::Conditioning | Pattern::Mobility, _) => sets.clone(),
            (Pattern::JumpThrow, _) => power(to, sets.n),
            (_, true) if to.measure != Measure::Reps => sets.clone(),
            _ => plain(ground, to, sets),
        };
        (sets.pct1rm, sets.load_kg) = (None, None);
    }
    item.ex = to.id.clone();
    item.alts.retain(|alt| *alt != to.id);
    item.alts.truncate(ALTERNATIVES);
    item.why.retain(|reason| !reason.about().starts_with("care_") && reason.rule() != Some(Rule::R3));
    let reason = part.map_or_else(|| Reason::new(Rule::R5, ""), |part| Reason::new(Rule::R5, part));
    if !item.why.contains(&reason) {
        item.why.push(reason);
    }
}

fn power(exercise: &Exercise, n: u8) -> Sets {
    match exercise.measure {
        Measure::Reps => Sets { n, reps: Some([3, 4]), rest_s: 75, ..Sets::default() },
        _ => Sets { n, seconds: Some(10), rest_s: 60, ..Sets::default() },
    }
}

/// Sets of an exercise whose load nobody knows yet: the middle of the purpose's range.
fn plain(ground: &Ground<'_>, exercise: &Exercise, before: &Sets) -> Sets {
    let n = before.n;
    let (reps, rest_s) = match exercise.measure {
        Measure::Seconds => return Sets { n, seconds: Some(25), rest_s: 45, ..Sets::default() },
        Measure::Metres => return Sets { n, metres: Some(20), rest_s: 60, ..Sets::default() },
        Measure::Reps if ground.body.purpose == Purpose::Rehabilitation => ([12, 15], 60),
        Measure::Reps if exercise.mechanic == Mechanic::Compound => ([8, 12], 90),
        Measure::Reps => ([10, 12], 60),
    };
    let kept = before.reps.filter(|[low, _]| *low >= 6).map(|reps| (reps, before.rest_s));
    let (reps, rest_s) = kept.unwrap_or((reps, rest_s));
    let rir = before.rir.unwrap_or(3).max(least_rir(&ground.body)).max(2);
    Sets { n, reps: Some(reps), rir: Some(rir), rest_s, ..Sets::default() }
}

/// Eases what asks something of a sore place: longer, lighter and farther from failure, once.
fn ease(ground: &Ground<'_>, plan: &mut Plan, decisions: &mut Vec<Decision>) {
    let mut eased: BTreeSet<ExerciseId> = BTreeSet::new();
    each_open_item(ground, plan, |item| {
        let Some(sore) = ease_sore(item, &ground.body, ground.catalogue) else { return };
        if eased.insert(item.ex.clone()) {
            let part = sore.body_part.as_str().replace('_', " ");
            let facts = vec![format!("pain {} of 10 in the {part}", sore.pain)];
            decisions.push(Decision::new(Action::Modify, Rule::R5, item.ex.as_str(), facts));
        }
    });
}

fn replacement(ground: &Ground<'_>, from: &Exercise, to: Option<&Exercise>) -> Decision {
    let walks = safety::walks_first(&ground.body).filter(|_| from.impact >= Impact::Moderate);
    let why = match (hurting(ground, from), walks) {
        (Some(part), _) => format!("pain {} of 10 in the {}", level(ground, part), part.replace('_', " ")),
        (None, Some(why)) => format!("walking comes before running: {why}"),
        (None, None) => "it needs what is not there, or asks more than the level".to_owned(),
    };
    match to {
        Some(to) => {
            Decision::new(Action::Substitute, Rule::R5, from.id.as_str(), vec![why, format!("{} stands in", to.id)])
        }
        None => {
            let none = "nothing that is owned, bearable and alike is left".to_owned();
            Decision::new(Action::LeaveOut, Rule::R5, from.id.as_str(), vec![why, none])
        }
    }
}

/// The place whose pain forbids the exercise.
fn hurting(ground: &Ground<'_>, exercise: &Exercise) -> Option<&'static str> {
    let injuries = || ground.body.injuries.iter();
    let forbidding = injuries().find(|injury| forbids(injury, exercise));
    let landing = injuries().find(|_| exercise.contacts_per_rep > 0);
    forbidding.or(landing).map(|injury| injury.body_part.as_str())
}

fn level(ground: &Ground<'_>, part: &str) -> u8 {
    let injury = ground.body.injuries.iter().find(|injury| injury.body_part.as_str() == part);
    injury.map_or(0, |injury| injury.pain)
}
