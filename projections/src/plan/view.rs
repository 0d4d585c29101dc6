//! `plan` as a pure reading of its events. The document is passed on as it stands in the log, never parsed and written
//! again: the same plan has the same bytes everywhere.

use ally_domain::engine::plan::Plan;
use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AthleteId, JobId, PlanId};
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::fact::Fact;
use crate::projection::at;

/// One version of a plan.
#[derive(Debug, Clone)]
pub struct PlanView {
    /// What it is, without the document.
    pub summary: PlanSummary,
    /// The plan as JSON, byte for byte as it was made.
    pub document: Box<RawValue>,
}

/// One version of a plan, without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSummary {
    /// Which plan.
    pub plan_id: PlanId,
    /// Which version, from 1.
    pub version: u32,
    /// Whose.
    pub athlete_id: AthleteId,
    /// The job that made it.
    pub job_id: JobId,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// The event that holds it.
    pub position: Position,
}

impl PlanView {
    /// The document, read.
    ///
    /// # Errors
    /// When it does not fit the plan's shape in this version.
    pub fn plan(&self) -> Result<Plan, serde_json::Error> {
        serde_json::from_str(self.document.get())
    }
}

/// The version that an event made: the answer for a plan that is not projected yet. None for events of other kinds.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn from_event(event: &Recorded) -> Result<Option<PlanView>, EncodingError> {
    match Fact::read(event) {
        Ok(Fact::Plan(document)) => Ok(Some(document.view(event))),
        Ok(_) | Err(EncodingError::Unknown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An event's data that carries a whole plan, read no deeper than needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanDocument {
    job_id: JobId,
    athlete_id: AthleteId,
    #[serde(rename = "plan")]
    document: Box<RawValue>,
    #[serde(skip)]
    version: u32,
}

impl PlanDocument {
    pub(crate) fn read(data: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let mut read: Self = serde_json::from_str(data)?;
        read.version = serde_json::from_str::<Version>(read.document.get())?.version;
        Ok(read)
    }

    pub(crate) fn json(&self) -> &str {
        self.document.get()
    }

    pub(crate) fn summary(&self, event: &Recorded) -> PlanSummary {
        PlanSummary {
            plan_id: PlanId::from(&event.aggregate.id),
            version: self.version,
            athlete_id: self.athlete_id.clone(),
            job_id: self.job_id.clone(),
            created_at: at(event),
            position: event.position.clone(),
        }
    }

    fn view(self, event: &Recorded) -> PlanView {
        PlanView { summary: self.summary(event), document: self.document }
    }
}
