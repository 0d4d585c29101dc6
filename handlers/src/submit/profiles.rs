//! What this process knows of athletes' records. It is used only when the log says that nothing has been added to it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ally_domain::athlete::{AthleteDecider, AthleteState};
use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId};
use ally_domain::ports::StoreError;
use ally_domain::recent::Recent;

use crate::execute::Executor;

/// Athletes whose record is remembered: a few kilobytes each.
const REMEMBERED: usize = 2_048;

/// Records as they were when this process last read them.
pub(super) struct Profiles {
    known: Mutex<Recent<AthleteId, (AthleteState, Position)>>,
}

impl Default for Profiles {
    fn default() -> Self {
        Self { known: Mutex::new(Recent::new(REMEMBERED)) }
    }
}

impl Profiles {
    /// An athlete's record as of now. Where it is known already, only the place of its newest event is asked for.
    pub(super) async fn newest(&self, executor: &Executor, athlete: &AthleteId) -> Result<AthleteState, StoreError> {
        let known = self.known().get(athlete).cloned();
        if let Some((state, position)) = known {
            let aggregate = AggregateRef { kind: AggregateKind::Athlete, id: athlete.into() };
            if executor.store().last_position(&aggregate).await?.as_ref() == Some(&position) {
                return Ok(state);
            }
        }
        let (state, position) = executor.load::<AthleteDecider>(&athlete.into()).await?;
        if let Some(position) = position {
            self.known().keep(athlete.clone(), (state.clone(), position));
        }
        Ok(state)
    }

    fn known(&self) -> MutexGuard<'_, Recent<AthleteId, (AthleteState, Position)>> {
        // An entry is kept whole or not at all.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
