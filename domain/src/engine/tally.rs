//! Counts sets by muscle: direct ones in full, indirect ones half. Halves are counted whole.

use std::collections::BTreeMap;

use super::catalogue::{Exercise, Mechanic, Muscle, Pattern};
use super::plan::MuscleSets;

const MUSCLES: usize = Muscle::ALL.len();

/// Sets by muscle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    direct: [u16; MUSCLES],
    indirect: [u16; MUSCLES],
}

/// Whether sets of an exercise count as volume: jumps, conditioning and mobility do not.
#[must_use]
pub const fn counts(exercise: &Exercise) -> bool {
    !matches!(exercise.pattern, Pattern::JumpThrow | Pattern::Conditioning | Pattern::Mobility)
}

impl Tally {
    /// Adds sets of an exercise, if they count.
    pub fn add(&mut self, exercise: &Exercise, sets: u16) {
        if counts(exercise) {
            exercise.primary.iter().for_each(|muscle| self.direct[*muscle as usize] += sets);
            exercise.secondary.iter().for_each(|muscle| self.indirect[*muscle as usize] += sets);
        }
    }

    /// Takes sets of an exercise away again.
    pub fn remove(&mut self, exercise: &Exercise, sets: u16) {
        if counts(exercise) {
            exercise.primary.iter().for_each(|muscle| self.direct[*muscle as usize] -= sets);
            exercise.secondary.iter().for_each(|muscle| self.indirect[*muscle as usize] -= sets);
        }
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Self) {
        for muscle in 0..MUSCLES {
            self.direct[muscle] += other.direct[muscle];
            self.indirect[muscle] += other.indirect[muscle];
        }
    }

    /// Sets in which the muscle does the main work.
    #[must_use]
    pub const fn direct(&self, muscle: Muscle) -> u16 {
        self.direct[muscle as usize]
    }

    /// Sets in halves: a direct set is two, an indirect one.
    #[must_use]
    pub const fn halves(&self, muscle: Muscle) -> u16 {
        self.direct[muscle as usize] * 2 + self.indirect[muscle as usize]
    }

    /// The muscles with any set, with their sets.
    #[must_use]
    pub fn by_muscle(&self) -> BTreeMap<Muscle, MuscleSets> {
        let sets = |muscle: Muscle| MuscleSets {
            direct: self.direct[muscle as usize],
            indirect: self.indirect[muscle as usize],
        };
        Muscle::ALL.iter().filter(|muscle| self.halves(**muscle) > 0).map(|muscle| (*muscle, sets(*muscle))).collect()
    }
}

/// Which way an exercise moves the load, for the balance of R14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Away from the body.
    Push,
    /// Towards it.
    Pull,
}

/// The side of an exercise; none for legs and trunk, and none for arms, which are only filed under a movement.
#[must_use]
pub fn side(exercise: &Exercise) -> Option<Side> {
    let arm = |muscle: &Muscle| matches!(muscle, Muscle::Biceps | Muscle::Triceps | Muscle::Forearms);
    if exercise.mechanic == Mechanic::Isolation && exercise.primary.iter().all(arm) {
        return None;
    }
    match exercise.pattern {
        Pattern::HorizontalPush | Pattern::VerticalPush => Some(Side::Push),
        Pattern::HorizontalPull | Pattern::VerticalPull => Some(Side::Pull),
        _ => None,
    }
}

/// Whether pulls are 0.8 to 1.5 times the pushes, where there are both.
#[must_use]
pub const fn is_balanced(push: u32, pull: u32) -> bool {
    push == 0 || pull == 0 || (pull * 10 >= push * 8 && pull * 10 <= push * 15)
}

/// Halves as people read sets: `7`, `7.5`.
#[must_use]
pub fn sets_text(halves: u16) -> String {
    if halves.is_multiple_of(2) { (halves / 2).to_string() } else { format!("{}.5", halves / 2) }
}

/// Whether a week may follow another for a muscle: 20 % or 2 sets more at most (R15).
#[must_use]
pub const fn grows_gently(before_halves: u16, after_halves: u16) -> bool {
    after_halves <= before_halves + 4 || after_halves * 5 <= before_halves * 6
}
