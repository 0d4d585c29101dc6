//! What happened to a job, event by event.

use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::params::{AtPosition, Faults, Given};
use crate::problem::Problem;
use crate::wire::{Answer, TimelineBody};

pub(crate) struct Timeline(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Told {
    /// What happened, oldest first.
    #[oai(status = 200)]
    Timeline(Answer<TimelineBody>),
}

pub(crate) struct Reading;

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Timeline {
    /// Read a job's timeline
    ///
    /// What happened to a job, event by event, oldest first, straight from the log.
    #[oai(path = "/jobs/:id/timeline", method = "get", operation_id = "jobTimeline")]
    async fn timeline(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Told, Refused<Reading>> {
        let mut faults = Faults::default();
        let position = faults.read("position", position);
        faults.check()?;
        let job = id.parse().map_err(|_| Problem::not_found("job"))?;
        let found = self.0.lookup.timeline(&caller.athlete, &job, position.as_ref()).await?;
        let entries = found.ok_or_else(|| Problem::not_found("job"))?;
        let entries = entries.into_iter().map(Into::into).collect();
        Ok(Told::Timeline(Answer(TimelineBody { job_id: id, entries })))
    }
}
