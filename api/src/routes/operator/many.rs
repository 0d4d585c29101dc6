//! Many dead letters at once: those of a cause, of a consumer, or all, not faster than the workers can take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ally_domain::ports::StoreError;
use ally_domain::problem::FieldError;
use ally_projections::dead_letter::{State, Wanted};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use tokio::time::MissedTickBehavior;

use super::super::refused::{Refusals, Refused};
use super::super::{Chapter, Desk};
use super::{check_note, known_consumer, operator};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::operations::{DeadLetterOffice, Treatment};
use crate::problem::{Kind, Problem};
use crate::schema::{DeadLetterTreatment, ManySchema};
use crate::wire::{Answer, RemovalBody, RemovalsBody};

/// Letters of one request when the caller does not say.
const LIMIT: u16 = 100;
/// Letters a second when the caller does not say.
const PER_SECOND: u32 = 20;
/// How long one request goes on: shorter than a request may take, so that its answer is heard.
const TIME: Duration = Duration::from_secs(20);

pub(crate) struct OperatorMany(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Treated {
    /// What became of each.
    #[oai(status = 200)]
    Done(Answer<RemovalsBody>),
}

pub(crate) struct Treating;

impl Refusals for Treating {
    const STATUSES: &'static [u16] = &[400, 404, 408, 415];
}

/// A selection as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ManyBody {
    fingerprint: Option<String>,
    consumer: Option<String>,
    all: Option<bool>,
    note: Option<String>,
    dry_run: Option<bool>,
    per_second: Option<u32>,
    limit: Option<u16>,
}

impl ManyBody {
    fn is_dry_run(&self) -> bool {
        self.dry_run.unwrap_or_default()
    }
}

impl Readable for ManyBody {
    type Shape = ManySchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorMany {
    /// Redrive many dead letters
    ///
    /// Puts back those of a cause, of a consumer, or all, the oldest first. `more` says that the request ended before they
    /// did: send it again. Doing it twice, or by two people at once, does it once: of a cause all of which was put back before each
    /// outcome is `already`. A fingerprint that no dead letter has is a 404.
    #[oai(path = "/operator/dead-letters/redrive", method = "post", operation_id = "redriveDeadLetters")]
    async fn redrive(
        &self,
        Authenticated(caller): Authenticated,
        Body(body): Body<ManyBody>,
    ) -> Result<Treated, Refused<Treating>> {
        Ok(self.treat(&caller, Treatment::Redrive, body).await?)
    }

    /// Discard many dead letters
    ///
    /// Removes those of a cause, of a consumer, or all, for good. The caller and the note stay in the audit. A fingerprint that no
    /// dead letter has is a 404.
    #[oai(path = "/operator/dead-letters/discard", method = "post", operation_id = "discardDeadLetters")]
    async fn discard(
        &self,
        Authenticated(caller): Authenticated,
        Body(body): Body<ManyBody>,
    ) -> Result<Treated, Refused<Treating>> {
        Ok(self.treat(&caller, Treatment::Discard, body).await?)
    }

    async fn treat(&self, caller: &Caller, treatment: Treatment, body: ManyBody) -> Result<Treated, Problem> {
        let name = operator(caller)?;
        check(&body)?;
        body.note.as_deref().map_or(Ok(()), check_note)?;
        let limit = body.limit.unwrap_or(LIMIT);
        let is_dry_run = body.is_dry_run();
        let wanted =
            Wanted { consumer: body.consumer, fingerprint: body.fingerprint, state: Some(State::Open), since: None };
        let consumer = wanted.consumer.clone();
        let mut page = self.0.dead_letters.page(&wanted, 0, limit + 1).await?;
        if let Some(fingerprint) = wanted.fingerprint.clone().filter(|_| page.is_empty()) {
            let ended = self.0.dead_letters.page(&Wanted { state: None, ..wanted }, 0, limit + 1).await?;
            if ended.is_empty() {
                return Err(no_cause(&fingerprint));
            }
            // Nothing is left of them to try; of those that are put back or discarded it is said again.
            page = if is_dry_run { page } else { ended };
        }
        if page.is_empty() {
            known_consumer(&self.0, consumer.as_deref()).await?;
        }
        let more = page.len() > usize::from(limit);
        let ids = page.into_iter().take(limit.into()).map(|letter| letter.letter.id);
        let Some(note) = body.note.filter(|_| !is_dry_run) else {
            let outcomes = ids.map(|id| RemovalBody { id, outcome: DeadLetterTreatment("dry_run") }).collect();
            return Ok(Treated::Done(Answer(RemovalsBody { outcomes, more })));
        };
        let (office, ids) = (Arc::clone(&self.0.dead_letters), ids.collect::<Vec<_>>());
        let pace = Duration::from_secs(1) / body.per_second.unwrap_or(PER_SECOND);
        let run = self.0.gate.run(async move { each(&*office, ids, treatment, &name, &note, pace).await });
        let (outcomes, unfinished) = run.await?;
        Ok(Treated::Done(Answer(RemovalsBody { outcomes, more: more || unfinished })))
    }
}

/// A cause is taken from the groups: one that no letter has is a mistake, and no cause that is done with.
fn no_cause(fingerprint: &str) -> Problem {
    let detail = format!("no dead letter has the fingerprint {fingerprint:?}; GET the groups for those there are");
    Problem::new(Kind::NotFound, detail)
}

/// One after the other, at a pace, as far as the time suffices; whether any is left.
async fn each(
    office: &dyn DeadLetterOffice,
    ids: Vec<String>,
    treatment: Treatment,
    operator: &str,
    note: &str,
    pace: Duration,
) -> Result<(Vec<RemovalBody>, bool), StoreError> {
    let (begun, mut outcomes) = (Instant::now(), Vec::with_capacity(ids.len()));
    let mut ticks = tokio::time::interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for id in ids {
        ticks.tick().await;
        if begun.elapsed() > TIME {
            return Ok((outcomes, true));
        }
        let treated = office.treat(&id, treatment, operator, note).await?;
        let outcome = DeadLetterTreatment(treated.map_or("gone", crate::operations::Treated::as_str));
        outcomes.push(RemovalBody { id, outcome });
    }
    Ok((outcomes, false))
}

/// Nobody changes all dead letters by leaving something out, and none without a reason.
fn check(body: &ManyBody) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let named = body.fingerprint.is_some() || body.consumer.is_some();
    if named == body.all.unwrap_or_default() {
        let told = if named { "is said beside a cause or a consumer" } else { "no dead letters are named" };
        faults.push(FieldError::new(
            "all",
            told,
            "a fingerprint, a consumer or both; or all: true and neither of them",
        ));
    }
    if body.note.is_none() && !body.is_dry_run() {
        faults.push(FieldError::new("note", "is missing", "why, in 1 to 500 characters; or dryRun: true"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::fields(faults)) }
}
