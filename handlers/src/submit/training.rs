//! The training log: what was done of a session, and what hurts.

use ally_domain::engine::workout::{PainReport, Workout};
use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, CommandId, LogEntryId, PlanId};
use ally_domain::plan::{PlanCommand, PlanDecider, PlanRefusal};
use uuid::Uuid;

use super::health::Health;
use super::{Origin, Submissions};
use crate::execute::ExecuteError;

/// An entry that is safe in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEntry {
    /// Its id.
    pub entry_id: LogEntryId,
    /// The newest version of the plan.
    pub plan_version: u32,
    /// A read that names this position sees the entry.
    pub position: Position,
    /// False when the same request had been made before.
    pub new: bool,
}

impl Submissions {
    /// Writes down what was done of a session, and keeps in mind what it says of the athlete's health. A key names its entry
    /// for ever.
    ///
    /// # Errors
    /// Not this athlete's plan, what is wrong with the workout, the key used for another request, a full log, or why the
    /// log could not be asked.
    pub async fn log_workout(
        &self,
        athlete: &AthleteId,
        plan: &PlanId,
        key: Option<&str>,
        (workout, fingerprint): (Workout, String),
        origin: &Origin,
    ) -> Result<LoggedEntry, ExecuteError<PlanRefusal>> {
        let entry_id = entry(plan, "workout", key);
        let health = Health { at: workout.performed_at, pain: workout.pain.clone(), note: workout.note.clone() };
        let command = PlanCommand::LogWorkout {
            entry_id: entry_id.clone(),
            athlete_id: athlete.clone(),
            workout: Box::new(workout),
            fingerprint,
            now: self.clock.now(),
        };
        let entry = self.write_down(plan, entry_id, &command, key, origin).await?;
        self.keep_health(athlete, health, key.map(|_| entry.entry_id.as_str()), origin).await?;
        Ok(entry)
    }

    /// Writes down what hurts, and keeps it in mind for every plan. A key names its entry for ever.
    ///
    /// # Errors
    /// As [`Submissions::log_workout`].
    pub async fn report_pain(
        &self,
        athlete: &AthleteId,
        plan: &PlanId,
        key: Option<&str>,
        (report, fingerprint): (PainReport, String),
        origin: &Origin,
    ) -> Result<LoggedEntry, ExecuteError<PlanRefusal>> {
        let entry_id = entry(plan, "pain", key);
        let health = Health { at: report.at, pain: report.pain.clone(), note: report.note.clone() };
        let command = PlanCommand::ReportPain {
            entry_id: entry_id.clone(),
            athlete_id: athlete.clone(),
            report: Box::new(report),
            fingerprint,
            now: self.clock.now(),
        };
        let entry = self.write_down(plan, entry_id, &command, key, origin).await?;
        self.keep_health(athlete, health, key.map(|_| entry.entry_id.as_str()), origin).await?;
        Ok(entry)
    }

    async fn write_down(
        &self,
        plan: &PlanId,
        entry_id: LogEntryId,
        command: &PlanCommand,
        key: Option<&str>,
        origin: &Origin,
    ) -> Result<LoggedEntry, ExecuteError<PlanRefusal>> {
        let mut context = self.context(origin);
        if key.is_some() {
            context.command_id = CommandId::caused_by(entry_id.as_str(), "log");
        }
        let executed = self.executor.execute::<PlanDecider>(&plan.into(), command, &context).await?;
        let position = executed.position.ok_or(ExecuteError::Refused(PlanRefusal::Unknown))?;
        let new = !executed.events.is_empty();
        Ok(LoggedEntry { entry_id, plan_version: executed.state.version, position, new })
    }
}

fn entry(plan: &PlanId, kind: &str, key: Option<&str>) -> LogEntryId {
    key.map_or_else(|| Uuid::now_v7().into(), |key| LogEntryId::for_key(plan, kind, key))
}
