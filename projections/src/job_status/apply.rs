//! `job_status`: events → rows. The job's own stream and the promise of a job are written apart, each its own columns.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use ally_domain::athlete::AthleteEvent;
use ally_domain::event_data::{EventData, EventType};
use ally_domain::ids::JobId;
use ally_domain::job::{JobEvent, JobStatus};
use ally_domain::recent::Recent;
use async_trait::async_trait;

use super::count::Counts;
use super::query::view_of;
use super::view::{JobStatusView, concerned, fold_fact};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

/// Rows that are remembered to spare their reading: about 20 MB at most.
const REMEMBERED_JOBS: usize = 20_000;

const LOAD: Statement = Statement::new("SELECT", "job_status", super::query::BY_IDS);

/// Where onboarding has promised the job, its origin stays. A row that is newer than the event stays whole.
const WRITE_REQUESTED: Statement = Statement::new(
    "UPSERT",
    "job_status",
    "INSERT INTO job_status AS old
        (job_id, athlete_id, status, progress, phase, plan_id, attempts, created_at, queued_at, started_at, completed_at,
         next_retry_at, error_code, error_message, trace_id, correlation, created_stream, created_sequence, last_stream, last_sequence,
         plan_version, note, not_before, deadline)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::int4[], $8::timestamptz[],
         $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
         $16::text[], $17::text[], $18::int8[], $19::text[], $20::int8[],
         $21::int4[], $22::text[], $23::timestamptz[], $24::timestamptz[])
     ON CONFLICT (job_id) DO UPDATE SET
         athlete_id = excluded.athlete_id, status = excluded.status, progress = excluded.progress, phase = excluded.phase,
         plan_id = excluded.plan_id, attempts = excluded.attempts, queued_at = excluded.queued_at, started_at = excluded.started_at,
         completed_at = excluded.completed_at, next_retry_at = excluded.next_retry_at, error_code = excluded.error_code,
         error_message = excluded.error_message, last_stream = excluded.last_stream, last_sequence = excluded.last_sequence,
         plan_version = excluded.plan_version, note = excluded.note, not_before = excluded.not_before,
         deadline = excluded.deadline
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
    recent: Recent<String, Box<JobStatusView>>,
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

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == JobEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Job(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut jobs = self.load(events, to).await?;
        let mut counts = Counts::default();
        for event in events {
            let Some(job) = jobs.get_mut(event.recorded.aggregate.id.as_str()) else { continue };
            if keeps_promise(&event.fact) && job.view.as_ref().is_none_or(|view| !view.is_requested()) {
                counts.keep_promise();
            }
            fold_fact(&mut job.view, &event.recorded, &event.fact);
        }
        let changed =
            jobs.values().filter_map(|job| job.view.as_ref().filter(|view| job.before != Some(Place::of(view))));
        // In the order of their ids: two projectors that write the same rows must lock them in the same order.
        let mut rows = changed.filter(|view| view.is_requested()).collect::<Vec<_>>();
        rows.sort_unstable_by(|one, other| one.job_id.cmp(&other.job_id));
        for view in &rows {
            let before = jobs.get(view.job_id.as_str()).and_then(|job| job.before).filter(|place| place.requested);
            counts.moved(view, before.map(|place| place.status));
        }
        write(&rows, to).await?;
        counts.write(to).await?;
        for (id, job) in jobs {
            // A job that has ended is hardly ever heard of again.
            if let Some(view) = job.view.filter(|view| !view.status.is_terminal()) {
                self.recent.keep(id.to_owned(), Box::new(view));
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.recent.clear();
    }
}

/// A job in a batch: as it was before, and as the batch's events leave it.
#[derive(Default)]
struct Slot {
    before: Option<Place>,
    view: Option<JobStatusView>,
}

impl From<JobStatusView> for Slot {
    fn from(view: JobStatusView) -> Self {
        Self { before: Some(Place::of(&view)), view: Some(view) }
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
    /// The jobs of a batch as they are now: remembered, else new, else read.
    ///
    /// A job whose first event here is its request is new to this stream: it can have no row but the promise of one, whose
    /// origin the writing leaves as it is. So nothing is read for it, and most jobs of a rebuild begin that way.
    async fn load<'a>(
        &mut self,
        events: &[&'a Known],
        from: &Statements<'_>,
    ) -> Result<HashMap<&'a str, Slot>, DatabaseError> {
        let mut jobs = HashMap::<&str, Slot>::with_capacity(events.len() / 2);
        let mut missing = Vec::new();
        for event in events {
            let id = event.recorded.aggregate.id.as_str();
            if let Entry::Vacant(vacant) = jobs.entry(id) {
                match self.recent.take(id) {
                    Some(view) => {
                        vacant.insert(Slot::from(*view));
                    }
                    None => {
                        vacant.insert(Slot::default());
                        if !is_request(&event.fact) {
                            missing.push(id);
                        }
                    }
                }
            }
        }
        if !missing.is_empty() {
            for row in from.query(LOAD, &[&missing]).await? {
                let view = view_of(&row)?;
                if let Some(job) = jobs.get_mut(view.job_id.as_str()) {
                    *job = Slot::from(view);
                }
            }
        }
        Ok(jobs)
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
            &column!(v => v.plan_version.map(|version| i32::try_from(version).unwrap_or(i32::MAX))),
            &column!(v => v.note.as_deref()),
            &column!(v => v.not_before),
            &column!(v => v.deadline),
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
        matches!(fact, Fact::Athlete(fact) if matches!(**fact, AthleteEvent::OnboardingCompleted(_)))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut promised = BTreeMap::<&str, Option<JobStatusView>>::new();
        for event in events {
            if let Some(job) = concerned(&event.recorded, &event.fact) {
                fold_fact(promised.entry(job).or_default(), &event.recorded, &event.fact);
            }
        }
        if promised.is_empty() {
            return Ok(());
        }
        let rows = promised.values().flatten();
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

fn is_request(fact: &Fact) -> bool {
    matches!(fact, Fact::Job(fact) if matches!(**fact, JobEvent::Requested(_)))
}

/// Whether a request keeps a promise of onboarding: the id says so.
fn keeps_promise(fact: &Fact) -> bool {
    match fact {
        Fact::Job(fact) => match &**fact {
            JobEvent::Requested(requested) => {
                JobId::for_profile(&requested.athlete_id, requested.profile_revision) == requested.job_id
            }
            _ => false,
        },
        _ => false,
    }
}
