//! The exercises: their schema, how they are read, and what can be asked of them.
//! The entries themselves are data, in `domain/data/catalogue.json`.

mod exercise;
mod load;
mod search;

pub use exercise::{
    Eccentric, Exercise, ExerciseId, Force, Impact, Measure, Mechanic, Muscle, Needs, Pattern, StressTag,
};
pub use load::CatalogueError;
pub use search::{MOST_SUBSTITUTIONS, Wanted};

use std::collections::BTreeMap;

/// All exercises, in the order of the data file.
#[derive(Debug)]
pub struct Catalogue {
    exercises: Vec<Exercise>,
    by_id: BTreeMap<ExerciseId, usize>,
    hash: String,
}

impl Catalogue {
    /// Every exercise, in the order of the data file.
    #[must_use]
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// The exercise with this id.
    #[must_use]
    pub fn get(&self, id: &ExerciseId) -> Option<&Exercise> {
        self.by_id.get(id).and_then(|index| self.exercises.get(*index))
    }

    /// Every exercise, in the order of the ids.
    pub fn by_id(&self) -> impl Iterator<Item = &Exercise> {
        self.by_id.values().filter_map(|index| self.exercises.get(*index))
    }

    /// The SHA-256 of the data file, hex. Plans name it, so that they can be made again.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}
