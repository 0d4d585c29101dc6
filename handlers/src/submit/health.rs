//! What is reported of an athlete's health outside onboarding: kept in mind on their own record, so that it binds every plan.

use ally_domain::athlete::{AthleteCommand, AthleteDecider};
use ally_domain::engine::profile::Profile;
use ally_domain::engine::today::of_today;
use ally_domain::engine::workout::Pain;
use ally_domain::ids::{AthleteId, CommandId};
use ally_domain::ports::StoreError;
use time::OffsetDateTime;

use super::{Origin, Submissions};
use crate::execute::ExecuteError;

/// A report, or words that go with another request.
pub(super) struct Health {
    pub at: OffsetDateTime,
    pub pain: Vec<Pain>,
    pub note: Option<String>,
}

impl Submissions {
    /// Keeps a report in mind. What it comes with is stored already, or will be: whoever sends that again comes by here again,
    /// and `cause`, where the caller named one, makes it the same command.
    pub(super) async fn keep_health(
        &self,
        athlete: &AthleteId,
        Health { at, pain, note }: Health,
        cause: Option<&str>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        if pain.is_empty() && note.is_none() {
            return Ok(());
        }
        let mut context = self.context(origin);
        if let Some(cause) = cause {
            context.command_id = CommandId::caused_by(cause, "health");
        }
        let command = AthleteCommand::ReportHealth { at, pain, note };
        match self.executor.execute::<AthleteDecider>(&athlete.into(), &command, &context).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Store(error)) => Err(error),
            // No rule refuses a report, so what is left passes.
            Err(error) => Err(StoreError::Unavailable { reason: error.to_string() }),
        }
    }

    /// The athlete as they are today, in the frame of a plan that was made for an earlier profile, straight from the log.
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn of_today(&self, athlete: &AthleteId, planned: &Profile) -> Result<Profile, StoreError> {
        let (state, _) = self.executor.load::<AthleteDecider>(&athlete.into()).await?;
        let newest = state.profile_on(self.clock.now().date());
        Ok(newest.map_or_else(|| planned.clone(), |newest| of_today(planned, &newest)))
    }
}
