//! What can be asked of the catalogue: which exercises fit a wish, and what may stand in for one.

use std::collections::BTreeSet;

use super::{Catalogue, Exercise, Impact, Mechanic, Muscle, Pattern, StressTag};
use crate::engine::profile::{BodyPart, Equipment, Proficiency};
use crate::engine::safety::{STOP_PAIN, blocked_by};

/// The most exercises that [`Catalogue::substitutions`] names.
pub const MOST_SUBSTITUTIONS: usize = 8;

/// A wish for exercises; what is absent or empty asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One of these movements.
    pub patterns: BTreeSet<Pattern>,
    /// What there is to train with; `None` when it does not matter. Nothing means a floor and a mat.
    pub equipment: Option<BTreeSet<Equipment>>,
    /// The level of whoever does them: their own and those below.
    pub level: Option<Proficiency>,
    /// One of these muscles does the main work or assists.
    pub muscles: BTreeSet<Muscle>,
    /// How many joints work.
    pub mechanic: Option<Mechanic>,
    /// The hardest landing that is welcome.
    pub impact: Option<Impact>,
    /// Whether one side works after the other.
    pub unilateral: Option<bool>,
    /// None of these strains.
    pub without: BTreeSet<StressTag>,
    /// Nothing that strong pain at these places forbids.
    pub safe_for: BTreeSet<BodyPart>,
    /// Words that the name contains, all of them, whatever their case.
    pub words: Vec<String>,
}

impl Wanted {
    /// Whether an exercise fits the wish.
    #[must_use]
    pub fn fits(&self, exercise: &Exercise) -> bool {
        let trains = |muscle| exercise.primary.contains(muscle) || exercise.secondary.contains(muscle);
        let strains = |tag: &StressTag| {
            self.without.contains(tag) || self.safe_for.iter().any(|part| blocked_by(*part, STOP_PAIN).contains(tag))
        };
        let name = exercise.name.to_lowercase();
        (self.patterns.is_empty() || self.patterns.contains(&exercise.pattern))
            && self.equipment.as_ref().is_none_or(|owned| exercise.equipment.met_by(owned))
            && self.level.is_none_or(|level| exercise.level <= level)
            && (self.muscles.is_empty() || self.muscles.iter().any(trains))
            && self.mechanic.is_none_or(|mechanic| exercise.mechanic == mechanic)
            && self.impact.is_none_or(|impact| exercise.impact <= impact)
            && self.unilateral.is_none_or(|unilateral| exercise.unilateral == unilateral)
            && !exercise.stress_tags.iter().any(strains)
            && self.words.iter().all(|word| name.contains(&word.to_lowercase()))
    }
}

impl Catalogue {
    /// The exercises that fit a wish, by id.
    pub fn search<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = &'a Exercise> {
        self.by_id().filter(|exercise| wanted.fits(exercise))
    }

    /// What may stand in for an exercise: the same movement with as many joints and a main muscle in common. Those that
    /// share most and differ least in level come first, at most [`MOST_SUBSTITUTIONS`] of them.
    #[must_use]
    pub fn substitutions(&self, of: &Exercise) -> Vec<&Exercise> {
        let shared = |other: &Exercise| of.primary.iter().filter(|muscle| other.primary.contains(muscle)).count();
        let mut alike: Vec<_> = self
            .by_id()
            .filter(|other| other.id != of.id && other.pattern == of.pattern && other.mechanic == of.mechanic)
            .map(|other| (shared(other), (other.level as u8).abs_diff(of.level as u8), other))
            .filter(|(shared, ..)| *shared > 0)
            .collect();
        // A stable sort: equals stay in the order of their ids.
        alike.sort_by_key(|(shared, apart, _)| (std::cmp::Reverse(*shared), *apart));
        alike.into_iter().take(MOST_SUBSTITUTIONS).map(|(.., exercise)| exercise).collect()
    }
}
