//! Reads the catalogue and refuses one that contradicts itself.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Catalogue, Exercise, ExerciseId};
use crate::fingerprint::hex;

const EMBEDDED: &str = include_str!("../../../data/catalogue.json");

/// The version of the catalogue's schema that this program reads.
pub const CATALOGUE_SCHEMA: u32 = 3;

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is no JSON of this schema.
    #[error("the exercise catalogue cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of another schema.
    #[error("the exercise catalogue has schema {found}; this program reads schema {CATALOGUE_SCHEMA}")]
    Schema {
        /// What it says it is.
        found: u32,
    },
    /// Two exercises share an id.
    #[error("the exercise catalogue holds {id} twice; rename one of them")]
    Twice {
        /// That id.
        id: ExerciseId,
    },
    /// An exercise leads on to one that is not there.
    #[error("exercise {from} leads to {to}, which the catalogue does not hold")]
    Dangling {
        /// Which exercise.
        from: ExerciseId,
        /// What is missing.
        to: ExerciseId,
    },
}

#[derive(Deserialize)]
struct File {
    schema: u32,
    exercises: Vec<Exercise>,
}

impl Catalogue {
    /// The catalogue that this program was built with.
    ///
    /// # Errors
    /// When the data file contradicts itself; a test rules that out.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::parse(EMBEDDED)
    }

    /// The catalogue that this program was built with, read once.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`].
    pub fn shared() -> Result<&'static Self, &'static CatalogueError> {
        static SHARED: OnceLock<Result<Catalogue, CatalogueError>> = OnceLock::new();
        SHARED.get_or_init(Self::embedded).as_ref()
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// When it cannot be read, holds an id twice or names exercises it does not hold.
    pub fn parse(json: &str) -> Result<Self, CatalogueError> {
        let file: File = serde_json::from_str(json)?;
        if file.schema != CATALOGUE_SCHEMA {
            return Err(CatalogueError::Schema { found: file.schema });
        }
        let mut by_id = BTreeMap::new();
        for (index, exercise) in file.exercises.iter().enumerate() {
            if by_id.insert(exercise.id.clone(), index).is_some() {
                return Err(CatalogueError::Twice { id: exercise.id.clone() });
            }
        }
        for exercise in &file.exercises {
            let mut links = exercise.progressions.iter().chain(&exercise.regressions);
            if let Some(to) = links.find(|to| !by_id.contains_key(*to)) {
                return Err(CatalogueError::Dangling { from: exercise.id.clone(), to: to.clone() });
            }
        }
        Ok(Self { exercises: file.exercises, by_id, hash: hex(&Sha256::digest(json.as_bytes())) })
    }
}
