//! Planned beside done: what each workout says about an exercise.

use std::collections::BTreeMap;

use time::Date;

use super::draft::Ground;
use crate::engine::amount::Amount;
use crate::engine::catalogue::ExerciseId;
use crate::engine::plan::{Item, Phase, Sets};
use crate::engine::workout::{SetDone, Workout};

/// Timed work tells no reserve: it counts as easy when the whole session was at most this hard.
const EASY_SESSION_RPE: u8 = 8;

/// One exercise of one workout, beside its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub session: String,
    pub date: Date,
    /// The working sets as they were planned.
    pub planned: Sets,
    /// The load of the work: the lightest of its sets, because every set has to bear it.
    pub load: Option<Amount>,
    /// The reserve that was left in the hardest set, where it was told.
    pub reserve: Option<u8>,
    /// Every planned set was done to the top, with the reserve asked for.
    pub topped: bool,
    /// A set fell short of the range.
    pub missed: bool,
    /// In a lighter week nothing is proven.
    pub light: bool,
}

impl Evidence {
    /// How many repetitions the reserve fell short by.
    pub fn short_by(&self) -> u8 {
        match (self.planned.rir, self.reserve) {
            (Some(asked), Some(left)) => asked.saturating_sub(left),
            _ => 0,
        }
    }
}

/// All there is about each exercise, oldest first.
pub fn gather(ground: &Ground<'_>) -> BTreeMap<ExerciseId, Vec<Evidence>> {
    let mut all: BTreeMap<ExerciseId, Vec<Evidence>> = BTreeMap::new();
    for workout in &ground.input.log.workouts {
        for week in &ground.input.plan.weeks {
            let light = week.deload || matches!(week.phase, Phase::Deload | Phase::Taper);
            let sessions = week.sessions.iter().filter(|session| session.id == workout.session_id);
            let items = sessions.flat_map(|session| &session.blocks).flat_map(|block| &block.items);
            for item in items.filter(|item| ground.is_strength(item)) {
                if let Some(evidence) = of(item, workout, light) {
                    all.entry(item.ex.clone()).or_default().push(evidence);
                }
            }
        }
    }
    all.values_mut().for_each(|evidence| evidence.sort_by_key(|evidence| evidence.date));
    all
}

fn of(item: &Item, workout: &Workout, light: bool) -> Option<Evidence> {
    let planned = item.sets.iter().filter(|sets| !sets.ramp).max_by_key(|sets| sets.n)?.clone();
    let done: Vec<&SetDone> = workout.done(&item.ex).collect();
    if done.is_empty() {
        return None;
    }
    let reserve = done.iter().filter_map(|set| set.reserve()).min();
    let enough = done.len() >= usize::from(planned.n);
    let reached = done.iter().take(planned.n.into()).all(|set| to_the_top(&planned, set));
    let easy = match planned.rir {
        Some(asked) => reserve.is_some_and(|left| left >= asked),
        None => workout.session_rpe.is_none_or(|rpe| rpe <= EASY_SESSION_RPE),
    };
    Some(Evidence {
        session: workout.session_id.clone(),
        date: workout.date(),
        load: done.iter().map(|set| set.load_kg).min().flatten(),
        reserve,
        topped: enough && reached && easy,
        missed: done.iter().any(|set| below(&planned, set)),
        light,
        planned,
    })
}

fn to_the_top(planned: &Sets, set: &SetDone) -> bool {
    match (planned.reps, planned.seconds, planned.metres) {
        (Some([_, high]), ..) => set.reps.is_some_and(|reps| reps >= u16::from(high)),
        (_, Some(seconds), _) => set.seconds.is_some_and(|done| done >= seconds),
        (_, _, Some(metres)) => set.metres.is_some_and(|done| done >= u32::from(metres)),
        _ => false,
    }
}

fn below(planned: &Sets, set: &SetDone) -> bool {
    match (planned.reps, set.reps, planned.seconds, set.seconds, planned.metres, set.metres) {
        (Some([low, _]), Some(reps), ..) => reps < u16::from(low),
        (_, _, Some(seconds), Some(done), ..) => done < seconds,
        (_, _, _, _, Some(metres), Some(done)) => done < u32::from(metres),
        _ => false,
    }
}
