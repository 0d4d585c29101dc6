//! The composer's brief: the profile, what the body forbids, and the exercises that are left.

use std::collections::BTreeSet;

use super::enforcement::Enforcement;
use crate::engine::catalogue::{Catalogue, Eccentric, Exercise, Impact, Muscle, Pattern, StressTag};
use crate::engine::profile::{BodyPart, Profile};
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::engine::safety;
use crate::engine::strains::{Forbidden, forbids};

/// Everything that composing looks at, derived once.
pub struct Brief<'a> {
    pub profile: &'a Profile,
    pub request: &'a PlanRequest,
    pub enforcement: Enforcement,
    pub youth: bool,
    pub gentle: bool,
    /// The seed that choices are drawn with.
    pub seed: u64,
    careful: BTreeSet<StressTag>,
    /// What equipment and level allow, by pattern, whatever hurts.
    open: Vec<Vec<&'a Exercise>>,
    /// What pain allows as well.
    eligible: Vec<Vec<&'a Exercise>>,
}

impl<'a> Brief<'a> {
    pub fn new(
        profile: &'a Profile,
        request: &'a PlanRequest,
        catalogue: &'a Catalogue,
        enforcement: Enforcement,
    ) -> Self {
        let forbidden = Forbidden::of(profile);
        let walks = safety::walks_first(profile).is_some() && enforcement.heeds(Rule::R31);
        let grounded = safety::leg_hurts(profile) || safety::is_gentle(profile) || walks;
        let (youth, gentle) = (safety::is_youth(profile), safety::is_gentle(profile));
        let careful = safety::careful_tags(profile);
        let mut open = vec![Vec::new(); Pattern::ALL.len()];
        let mut eligible = open.clone();
        for exercise in catalogue.exercises() {
            let equipped = exercise.equipment.met_by(&profile.equipment) || !enforcement.heeds(Rule::R3);
            let able = exercise.level <= profile.proficiency || !enforcement.heeds(Rule::R4);
            if !(equipped && able) {
                continue;
            }
            open[exercise.pattern as usize].push(exercise);
            let painless = forbidden.allows(exercise) || !enforcement.heeds(Rule::R5);
            let lands = exercise.contacts_per_rep > 0 && grounded && enforcement.heeds(Rule::R20);
            // Who should walk first walks in the whole plan: four weeks are the least that R31 asks.
            let runs = exercise.impact >= Impact::Moderate && walks;
            let brakes = exercise.eccentric == Eccentric::High
                && (youth || gentle || !exercise.stress_tags.is_disjoint(&careful))
                && enforcement.heeds(Rule::R30);
            if painless && !lands && !runs && !brakes {
                eligible[exercise.pattern as usize].push(exercise);
            }
        }
        Self { profile, request, enforcement, youth, gentle, seed: request.seed, careful, open, eligible }
    }

    /// Whether the composer heeds a rule.
    pub fn heeds(&self, rule: Rule) -> bool {
        self.enforcement.heeds(rule)
    }

    /// The exercises of a pattern that the athlete can do.
    pub fn eligible(&self, pattern: Pattern) -> &[&'a Exercise] {
        &self.eligible[pattern as usize]
    }

    /// The exercises of a pattern that the athlete could do if nothing hurt.
    pub fn open(&self, pattern: Pattern) -> &[&'a Exercise] {
        &self.open[pattern as usize]
    }

    /// Whether the exercise asks something of a place that bears it only with care.
    pub fn is_sore(&self, exercise: &Exercise) -> bool {
        !exercise.stress_tags.is_disjoint(&self.careful)
    }

    /// The injury that forbids the exercise, if one does.
    pub fn forbidden_by(&self, exercise: &Exercise) -> Option<BodyPart> {
        let mut injuries = self.profile.injuries.iter();
        injuries.find(|injury| forbids(injury, exercise)).map(|injury| injury.body_part)
    }

    /// The injury that asks for care with the exercise, if one does.
    pub fn careful_for(&self, exercise: &Exercise) -> Option<BodyPart> {
        let touches = |tags: &[StressTag]| tags.iter().any(|tag| exercise.stress_tags.contains(tag));
        let mut sore = self.profile.injuries.iter().filter(|injury| injury.pain >= safety::MODIFY_PAIN);
        sore.find(|injury| touches(safety::careful_with(injury.body_part))).map(|injury| injury.body_part)
    }

    /// Whether an exercise is dosed as a hard eccentric (R30).
    pub fn is_dosed(&self, exercise: &Exercise) -> bool {
        exercise.eccentric == Eccentric::High && self.heeds(Rule::R30)
    }

    /// Whether an exercise of this pattern trains the muscle directly.
    pub fn trains(exercise: &Exercise, muscle: Muscle) -> bool {
        exercise.primary.contains(&muscle)
    }
}
