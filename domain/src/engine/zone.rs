//! Training zones: which load, repetitions and rest belong together, and which of them a purpose uses (R9).

use super::catalogue::{Eccentric, Exercise, Measure, Mechanic, Pattern};
use super::plan::Sets;
use super::profile::{Profile, Purpose};
use super::safety::{is_youth, may_go_heavy};

/// A band of load, repetitions and rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// At least 85 %, 1 to 6 repetitions, 2 to 5 minutes.
    Strength,
    /// 67 to 85 %, 6 to 12 repetitions, 60 to 90 seconds, to 180 on compounds.
    Hypertrophy,
    /// At most 67 %, 12 to 20 repetitions, at most 60 seconds.
    Endurance,
    /// Fast: 75 to 90 % where loaded, 1 to 5 repetitions, 1 to 5 minutes.
    Power,
}

/// Repetitions, percent of the maximum and seconds of rest, each from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub reps: [u8; 2],
    pub percent: [u8; 2],
    pub rest_s: [u16; 2],
}

impl Zone {
    /// What belongs to the zone, each from the least to the most.
    #[must_use]
    pub const fn bounds(self, mechanic: Mechanic) -> Bounds {
        let (reps, percent, rest_s) = match (self, mechanic) {
            (Self::Strength, _) => ([1, 6], [85, 100], [120, 300]),
            (Self::Hypertrophy, Mechanic::Compound) => ([6, 12], [67, 85], [60, 180]),
            (Self::Hypertrophy, Mechanic::Isolation) => ([6, 12], [67, 85], [60, 90]),
            (Self::Endurance, _) => ([12, 20], [0, 67], [15, 60]),
            (Self::Power, _) => ([1, 5], [75, 90], [60, 300]),
        };
        Bounds { reps, percent, rest_s }
    }

    /// Whether these sets lie in the zone.
    #[must_use]
    pub fn holds(self, sets: &Sets, mechanic: Mechanic) -> bool {
        let Some([low, high]) = sets.reps else { return false };
        let Bounds { reps: [least, most], percent: [lightest, heaviest], rest_s: [shortest, longest] } =
            self.bounds(mechanic);
        least <= low
            && low <= high
            && high <= most
            && (shortest..=longest).contains(&sets.rest_s)
            && sets.pct1rm.is_none_or(|pct| (lightest..=heaviest).contains(&pct))
    }

    /// The zones that a purpose uses.
    #[must_use]
    pub fn of(profile: &Profile) -> &'static [Self] {
        match profile.purpose {
            Purpose::Rehabilitation => &[Self::Endurance],
            Purpose::SportPerformance if may_go_heavy(profile) => &[Self::Strength, Self::Hypertrophy, Self::Endurance],
            _ => &[Self::Hypertrophy, Self::Endurance],
        }
    }
}

/// Whether the sets of an exercise lie within a band of the purpose. Ramp sets lead up to one and are not judged.
#[must_use]
pub fn within_band(profile: &Profile, exercise: &Exercise, sets: &Sets) -> bool {
    if sets.ramp {
        return true;
    }
    match (exercise.pattern, exercise.measure) {
        (Pattern::Conditioning, _) => {
            sets.seconds.is_some_and(|s| s >= 15) && sets.rest_s <= 180 && sets.rpe.is_some_and(|rpe| rpe <= 9)
        }
        (Pattern::Mobility, _) => sets.seconds.is_some_and(|s| (20..=180).contains(&s)) && sets.rest_s <= 60,
        (Pattern::JumpThrow, Measure::Reps) => Zone::Power.holds(sets, exercise.mechanic) && !is_youth(profile),
        (Pattern::JumpThrow, _) => sets.seconds.is_some_and(|s| s <= 15) && (60..=300).contains(&sets.rest_s),
        (_, Measure::Seconds) => sets.seconds.is_some_and(|s| (10..=60).contains(&s)) && sets.rest_s <= 90,
        (_, Measure::Metres) => sets.metres.is_some_and(|m| (10..=60).contains(&m)) && sets.rest_s <= 120,
        (_, Measure::Reps) => {
            let fits = Zone::of(profile).iter().any(|zone| zone.holds(sets, exercise.mechanic))
                || (exercise.eccentric == Eccentric::High && lowers_few(sets));
            fits && (!is_youth(profile) || sets.reps.is_some_and(|[low, high]| low >= 6 && high <= 15))
        }
    }
}

/// Lowering more than one could lift has a band of its own: 4 to 8 repetitions of the body's weight, with real rest (R30).
fn lowers_few(sets: &Sets) -> bool {
    let few = sets.reps.is_some_and(|[low, high]| (4..=high).contains(&low) && high <= 8);
    few && sets.pct1rm.is_none() && (60..=180).contains(&sets.rest_s)
}
