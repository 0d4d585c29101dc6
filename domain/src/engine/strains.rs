//! What an athlete's body bears of an exercise: its strains against everything that is forbidden, and harder where the
//! exercise is ballistic, because a force at full speed cannot be dosed.

use std::collections::BTreeSet;

use super::catalogue::{Exercise, StressTag};
use super::profile::{Injury, Profile};
use super::safety::{self, MODIFY_PAIN, STOP_PAIN, blocked_by, careful_with};

/// Everything that is forbidden, by how fast it is done.
#[derive(Debug, Clone)]
pub struct Forbidden {
    /// At any speed.
    always: BTreeSet<StressTag>,
    /// At full speed besides: all that loads a place with pain of 4 or more.
    at_speed: BTreeSet<StressTag>,
}

impl Forbidden {
    /// What a profile forbids.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let sore = profile.injuries.iter().filter(|injury| injury.pain >= MODIFY_PAIN);
        let loads = |injury: &Injury| {
            blocked_by(injury.body_part, STOP_PAIN).iter().chain(careful_with(injury.body_part)).copied()
        };
        Self { always: safety::blocked_tags(profile), at_speed: sore.flat_map(loads).collect() }
    }

    /// The strains of an exercise that are forbidden, in the order of their names.
    pub fn in_exercise(&self, exercise: &Exercise) -> impl Iterator<Item = StressTag> {
        let forbidden =
            |tag: &StressTag| self.always.contains(tag) || (exercise.ballistic && self.at_speed.contains(tag));
        exercise.stress_tags.iter().copied().filter(forbidden)
    }

    /// Whether nothing in an exercise is forbidden.
    #[must_use]
    pub fn allows(&self, exercise: &Exercise) -> bool {
        self.in_exercise(exercise).next().is_none()
    }
}

/// Whether nothing that is known speaks against running.
#[must_use]
pub fn may_run(profile: &Profile) -> bool {
    !safety::blocked_tags(profile).contains(&StressTag::Impact) && safety::walks_first(profile).is_none()
}

/// Whether pain at a place forbids an exercise: by its strength, and by all that loads the place where it is ballistic.
#[must_use]
pub fn forbids(injury: &Injury, exercise: &Exercise) -> bool {
    let has = |tags: &[StressTag]| tags.iter().any(|tag| exercise.stress_tags.contains(tag));
    let at_speed = exercise.ballistic && injury.pain >= MODIFY_PAIN;
    has(blocked_by(injury.body_part, injury.pain))
        || (at_speed && (has(blocked_by(injury.body_part, STOP_PAIN)) || has(careful_with(injury.body_part))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]
mod tests {
    use std::collections::BTreeSet;

    use super::{Forbidden, forbids};
    use crate::engine::catalogue::{Catalogue, Exercise, Pattern};
    use crate::engine::fuzz::athlete;
    use crate::engine::profile::{BodyPart, Equipment, Injury, Proficiency, Profile};

    fn well() -> Profile {
        let (profile, _) = athlete(1, 1);
        Profile { injuries: Vec::new(), pregnant: false, weeks_since_birth: None, ..profile }
    }

    fn with(body_part: BodyPart, pain: u8) -> Profile {
        Profile { injuries: vec![Injury { body_part, pain }], ..well() }
    }

    /// Whatever is owned, one injury of any strength, a pregnancy or a birth leaves a beginner every movement.
    #[test]
    fn one_sore_place_a_pregnancy_or_a_birth_leave_every_movement() {
        use Pattern::{Hinge, HorizontalPull, HorizontalPush, Lunge, Squat, VerticalPull, VerticalPush};
        let catalogue = Catalogue::embedded().unwrap();
        let sore = BodyPart::ALL.iter().flat_map(|part| [4, 6, 8].map(|pain| with(*part, pain)));
        let pregnant = Profile { pregnant: true, ..well() };
        let mother = Profile { weeks_since_birth: Some(26), ..well() };
        for profile in sore.chain([pregnant, mother]) {
            let forbidden = Forbidden::of(&profile);
            for mask in 0u32..1 << Equipment::ALL.len() {
                let owned: BTreeSet<Equipment> =
                    Equipment::ALL.iter().copied().filter(|item| mask >> (*item as u32) & 1 == 1).collect();
                for pattern in [Squat, Hinge, Lunge, HorizontalPush, VerticalPush, HorizontalPull, VerticalPull] {
                    let left = |one: &&Exercise| {
                        one.pattern == pattern
                            && one.level == Proficiency::Beginner
                            && one.equipment.met_by(&owned)
                            && forbidden.allows(one)
                    };
                    let found = catalogue.exercises().iter().find(left);
                    assert!(found.is_some(), "{:?} with {owned:?} leaves no {pattern:?}", profile.injuries);
                }
            }
        }
    }

    #[test]
    fn what_forbids_an_exercise_is_the_place_that_is_named() {
        let catalogue = Catalogue::embedded().unwrap();
        for part in BodyPart::ALL {
            for pain in 0..=10 {
                let injury = Injury { body_part: *part, pain };
                let forbidden = Forbidden::of(&with(*part, pain));
                for exercise in catalogue.exercises() {
                    assert_eq!(
                        forbids(&injury, exercise),
                        !forbidden.allows(exercise),
                        "{} at {injury:?}",
                        exercise.id
                    );
                }
            }
        }
    }
}
