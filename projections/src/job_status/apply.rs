//! `job_status`: events → rows. The job's own stream and the promise of a job are written apart, each its own columns.

use std::collections::{BTreeMap, HashMap};

use ally_domain::athlete::AthleteEvent;
use ally_domain::ids::JobId;
use ally_domain::job::{JobEvent, JobStatus};
use async_trait::async_trait;

use super::count::Counts;
use super::query::view_of;
use super::view::{JobStatusView, concerned, fold_fact};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};
use crate::recent::Recent;

/// Rows that are remembered to spare their reading: about 20 MB at most.
const REMEMBERED_JOBS: usize = 20_000;

const LOAD: Statement = Statement::new("SELECT", "job_status", super::query::BY_IDS);

/// Where onboarding has promised the job, its origin stays. A row that is newer than the event stays whole.
const WRITE_REQUESTED: Statement = Statement::new(
    "UPSERT",
    "job_status",
    "INSERT INTO job_status AS old
        (job_id, athlete_id, status, progress, phase, plan_id, attempts, created_at, queued_at, started_at, completed_at,
         next_retry_at, error_code, error_message, trace_id, correlation, created_stream, created_sequence, last_stream, last_sequence)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::int4[], $8::timestamptz[],
         $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
         $16::text[], $17::text[], $18::int8[], $19::text[], $20::int8[])
     ON CONFLICT (job_id) DO UPDATE SET
         athlete_id = excluded.athlete_id, status = excluded.status, progress = excluded.progress, phase = excluded.phase,
         plan_id = excluded.plan_id, attempts = excluded.attempts, queued_at = excluded.queued_at, started_at = excluded.started_at,
         completed_at = excluded.completed_at, next_retry_at = excluded.next_retry_at, error_code = excluded.error_code,
         error_message = excluded.error_message, last_stream = excluded.last_stream, last_sequence = excluded.last_sequence
     WHERE old.last_stream <> 'PLANS' OR old.last_sequence < excluded.last_sequence",
);

/// Only the origin, once.
const WRITE_PROMISED: Statement = Statement::new(
    "UPSERT",
    "job_status",
    "INSERT INTO job_status AS old
        (job_id, athlete_id, status, progress, attempts, created_at, queued_at, trace_id, correlation,
         created_stream, created_sequence, last_stream, last_sequence)
     SELECT job_id, athlete_id, 'queued', 0, 0, at, at, trace_id, correlation, 'ONBOARDING', sequence, 'ONBOARDING', sequence
     FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::int8[])
         AS promised (job_id, athlete_id, at, trace_id, correlation, sequence)
     ON CONFLICT (job_id) DO UPDATE SET
         created_at = excluded.created_at, trace_id = excluded.trace_id, correlation = excluded.correlation,
         created_stream = excluded.created_stream, created_sequence = excluded.created_sequence
     WHERE old.created_stream <> 'ONBOARDING'",
);

/// The job's own events.
pub(crate) struct RequestedJobs {
    recent: Recent<JobId, JobStatusView>,
}

impl Default for RequestedJobs {
    fn default() -> Self {
        Self { recent: Recent::new(REMEMBERED_JOBS) }
    }
}

#[async_trait]
impl Projection for RequestedJobs {
    fn name(&self) -> &'static str {
        "job_status"
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Job(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut views = self.load(events, to).await?;
        let mut counts = Counts::default();
        // In the order of their ids: two projectors that write the same rows must lock them in the same order.
        let mut changed = BTreeMap::new();
        for event in events {
            let id = JobId::from(&event.recorded.aggregate.id);
            let before = views.remove(&id);
            let place = before.as_ref().map(Place::of);
            if place.is_none_or(|place| !place.requested) && keeps_promise(&event.fact) {
                counts.keep_promise();
            }
            let Some(after) = fold_fact(before, &event.recorded, &event.fact) else { continue };
            if place != Some(Place::of(&after)) {
                let first = changed.remove(&id).unwrap_or(place);
                changed.insert(id.clone(), first);
            }
            views.insert(id, after);
        }
        let rows = changed.keys().filter_map(|id| views.get(id)).filter(|view| view.is_requested()).collect::<Vec<_>>();
        for view in &rows {
            let before = changed.get(&view.job_id).copied().flatten().filter(|place| place.requested);
            counts.moved(view, before.map(|place| place.status));
        }
        write(&rows, to).await?;
        counts.write(to).await?;
        for (id, view) in views {
            self.recent.keep(id, view);
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.recent.clear();
    }
}

/// What tells whether a fold has changed a row, and how the counts change with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    requested: bool,
    status: JobStatus,
    last_sequence: u64,
}

impl Place {
    fn of(view: &JobStatusView) -> Self {
        Self { requested: view.is_requested(), status: view.status, last_sequence: view.last.sequence }
    }
}

impl RequestedJobs {
    async fn load(
        &mut self,
        events: &[&Known],
        from: &Statements<'_>,
    ) -> Result<HashMap<JobId, JobStatusView>, DatabaseError> {
        let mut views = HashMap::with_capacity(events.len());
        let mut missing = Vec::new();
        for event in events {
            let id = JobId::from(&event.recorded.aggregate.id);
            if views.contains_key(&id) {
                continue;
            }
            match self.recent.take(&id) {
                Some(view) => drop(views.insert(id, view)),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let ids = missing.iter().map(JobId::as_str).collect::<Vec<_>>();
            for row in from.query(LOAD, &[&ids]).await? {
                let view = view_of(&row)?;
                views.insert(view.job_id.clone(), view);
            }
        }
        Ok(views)
    }
}

async fn write(rows: &[&JobStatusView], to: &Statements<'_>) -> Result<(), DatabaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($view:ident => $value:expr) => {
            rows.iter().map(|$view| $value).collect::<Vec<_>>()
        };
    }
    to.execute(
        WRITE_REQUESTED,
        &[
            &column!(v => v.job_id.as_str()),
            &column!(v => v.athlete_id.as_str()),
            &column!(v => v.status.as_str()),
            &column!(v => i16::from(v.progress)),
            &column!(v => v.phase.as_deref()),
            &column!(v => v.plan_id.as_ref().map(|plan| plan.as_str())),
            &column!(v => i32::try_from(v.attempts).unwrap_or(i32::MAX)),
            &column!(v => v.created_at),
            &column!(v => v.queued_at),
            &column!(v => v.started_at),
            &column!(v => v.completed_at),
            &column!(v => v.next_retry_at),
            &column!(v => v.error.as_ref().map(|error| error.code.as_str())),
            &column!(v => v.error.as_ref().map(|error| error.message.as_str())),
            &column!(v => v.trace_id.as_deref()),
            &column!(v => v.correlation.as_str()),
            &column!(v => v.created.stream.as_str()),
            &column!(v => sequence(v.created.sequence)),
            &column!(v => v.last.stream.as_str()),
            &column!(v => sequence(v.last.sequence)),
        ],
    )
    .await?;
    Ok(())
}

/// The promises that a completed onboarding makes.
pub(crate) struct PromisedJobs;

#[async_trait]
impl Projection for PromisedJobs {
    fn name(&self) -> &'static str {
        "job_status"
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Athlete(AthleteEvent::OnboardingCompleted(_)))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut promised = BTreeMap::new();
        for event in events {
            if let Some(view) =
                concerned(&event.recorded, &event.fact).and_then(|_| fold_fact(None, &event.recorded, &event.fact))
            {
                promised.entry(view.job_id.clone()).or_insert(view);
            }
        }
        if promised.is_empty() {
            return Ok(());
        }
        let rows = promised.values();
        let new = to
            .execute(
                WRITE_PROMISED,
                &[
                    &rows.clone().map(|v| v.job_id.as_str()).collect::<Vec<_>>(),
                    &rows.clone().map(|v| v.athlete_id.as_str()).collect::<Vec<_>>(),
                    &rows.clone().map(|v| v.created_at).collect::<Vec<_>>(),
                    &rows.clone().map(|v| v.trace_id.as_deref()).collect::<Vec<_>>(),
                    &rows.clone().map(|v| v.correlation.as_str()).collect::<Vec<_>>(),
                    &rows.map(|v| sequence(v.created.sequence)).collect::<Vec<_>>(),
                ],
            )
            .await?;
        Counts::promised(new).write(to).await
    }
}

/// Whether a request keeps a promise of onboarding: the id says so.
fn keeps_promise(fact: &Fact) -> bool {
    match fact {
        Fact::Job(JobEvent::Requested(requested)) => {
            JobId::for_profile(&requested.athlete_id, requested.profile_revision) == requested.job_id
        }
        _ => false,
    }
}
