//! Dead letters over HTTP, for tokens with the operator role: looking at them, and doing something about one.
//!
//! Deliberately not here: many at once (`many`), the consumers that gave them up (`queues`), traces (`traces`), and webhooks
//! (`webhooks`).

mod many;
mod queues;
mod traces;
mod webhooks;

use ally_domain::text::NOTE;
use ally_projections::dead_letter::{State, Wanted};
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::{Authenticated, Caller, OPERATOR};
use crate::body::{Body, Readable};
use crate::cursor::CursorOf;
use crate::operations::{Treated, Treatment};
use crate::params::{AtMoment, Cursor, Faults, Given, LetterState, Name, Page as PageParams, PageLimit};
use crate::problem::{Kind, Problem};
use crate::schema::{DeadLetterTreatment, NoteSchema};
use crate::wire::{Answer, Page, ParkedBody, ParkedGroupsBody, ParkedListBody, RemovalBody};

pub(crate) use many::OperatorMany;
pub(crate) use queues::OperatorQueues;
pub(crate) use traces::OperatorTraces;
pub(crate) use webhooks::{
    OperatorWebhookDeliveries, OperatorWebhookReplays, OperatorWebhookSecrets, OperatorWebhooks,
};

pub(crate) struct Operator(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// Dead letters, the oldest first.
    #[oai(status = 200)]
    Page(Page<ParkedListBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Grouped {
    /// Dead letters by cause, the most frequent first.
    #[oai(status = 200)]
    Groups(Answer<ParkedGroupsBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Shown {
    /// The dead letter.
    #[oai(status = 200)]
    Letter(Answer<ParkedBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Removed {
    /// What became of it.
    #[oai(status = 200)]
    Done(Answer<RemovalBody>),
}

pub(crate) struct Listing;
pub(crate) struct Grouping;
pub(crate) struct Showing;
pub(crate) struct Redriving;
pub(crate) struct Discarding;

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Grouping {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[404];
}

impl Refusals for Redriving {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415];
}

impl Refusals for Discarding {
    const STATUSES: &'static [u16] = &[400, 404, 408, 415];
}

/// A note as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    note: String,
}

impl Readable for NoteBody {
    type Shape = NoteSchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl Operator {
    /// List dead letters
    ///
    /// Messages that were given up, the oldest first: those that nobody has done anything about, unless told otherwise.
    /// What happened to the others is kept as long as the messages themselves.
    #[oai(path = "/operator/dead-letters", method = "get", operation_id = "deadLetters")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// The most entries.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// Where the page begins: the `next` of an earlier one.
        Query(cursor): Query<Option<Given<Cursor>>>,
        /// Those of one cause, as the groups name it.
        Query(fingerprint): Query<Option<Given<Name>>>,
        /// Those of one consumer.
        Query(consumer): Query<Option<Given<Name>>>,
        /// Those in one state.
        Query(state): Query<Option<Given<LetterState>>>,
        /// Those that were parked at or after a moment.
        Query(since): Query<Option<Given<AtMoment>>>,
    ) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let page = PageParams::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::DeadLetters, OPERATOR));
        let wanted = wanted(faults, consumer, fingerprint, state, since)?;
        let mut letters = self.0.dead_letters.page(&wanted, page.behind.unwrap_or(0), page.asked()).await?;
        let next = page.cut(&mut letters, |letter| letter.sequence)?;
        if letters.is_empty() {
            known_consumer(&self.0, wanted.consumer.as_deref()).await?;
        }
        Ok(Listed::Page(Page(ParkedListBody { letters: letters.into_iter().map(Into::into).collect(), next })))
    }

    /// Group dead letters
    ///
    /// Messages that were given up, by cause, the most frequent first.
    #[oai(path = "/operator/dead-letter-groups", method = "get", operation_id = "deadLetterGroups")]
    async fn groups(
        &self,
        Authenticated(caller): Authenticated,
        /// Those of one consumer.
        Query(consumer): Query<Option<Given<Name>>>,
        /// Those in one state.
        Query(state): Query<Option<Given<LetterState>>>,
        /// Those that were parked at or after a moment.
        Query(since): Query<Option<Given<AtMoment>>>,
    ) -> Result<Grouped, Refused<Grouping>> {
        operator(&caller)?;
        let wanted = wanted(Faults::default(), consumer, None, state, since)?;
        let groups = self.0.dead_letters.groups(&wanted).await?;
        if groups.is_empty() {
            known_consumer(&self.0, wanted.consumer.as_deref()).await?;
        }
        Ok(Grouped::Groups(Answer(ParkedGroupsBody { groups: groups.into_iter().map(Into::into).collect() })))
    }

    /// Read a dead letter
    ///
    /// One message that was given up, whole.
    #[oai(path = "/operator/dead-letters/:id", method = "get", operation_id = "deadLetter")]
    async fn show(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: `planner.PLANS-42`.
        Path(id): Path<String>,
    ) -> Result<Shown, Refused<Showing>> {
        operator(&caller)?;
        let letter = self.0.dead_letters.show(&id).await?.ok_or_else(gone)?;
        Ok(Shown::Letter(Answer(letter.into())))
    }

    /// Redrive a dead letter
    ///
    /// Puts it back: a job runs again from its full history. The caller and the note stay in the log. Twice is once.
    #[oai(path = "/operator/dead-letters/:id/redrive", method = "post", operation_id = "redriveDeadLetter")]
    async fn redrive(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: `planner.PLANS-42`.
        Path(id): Path<String>,
        Body(body): Body<NoteBody>,
    ) -> Result<Removed, Refused<Redriving>> {
        Ok(self.treat(&caller, id, Treatment::Redrive, body.note).await?)
    }

    /// Discard a dead letter
    ///
    /// Removes it for good. Its job stays dead-lettered; the caller and the note stay in the audit.
    #[oai(path = "/operator/dead-letters/:id/discard", method = "post", operation_id = "discardDeadLetter")]
    async fn discard(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: `planner.PLANS-42`.
        Path(id): Path<String>,
        Body(body): Body<NoteBody>,
    ) -> Result<Removed, Refused<Discarding>> {
        Ok(self.treat(&caller, id, Treatment::Discard, body.note).await?)
    }

    async fn treat(&self, caller: &Caller, id: String, treatment: Treatment, note: String) -> Result<Removed, Problem> {
        let (name, office) = (operator(caller)?, self.0.dead_letters.clone());
        check_note(&note)?;
        let letter = id.clone();
        let run = self.0.gate.run(async move { office.treat(&letter, treatment, &name, &note).await });
        let treated = run.await?.ok_or_else(gone)?;
        if treated == Treated::TooEarly {
            let detail = "its job is not parked yet, a worker is at it; send the request again in a moment";
            return Err(Problem::new(Kind::JobState, detail));
        }
        Ok(Removed::Done(Answer(RemovalBody { id, outcome: DeadLetterTreatment(treated.as_str()) })))
    }
}

/// What the parameters of a look say, if all of them are right. Open letters unless told.
fn wanted(
    mut faults: Faults,
    consumer: Option<Given<Name>>,
    fingerprint: Option<Given<Name>>,
    state: Option<Given<LetterState>>,
    since: Option<Given<AtMoment>>,
) -> Result<Wanted, Problem> {
    let (consumer, fingerprint) = (faults.read("consumer", consumer), faults.read("fingerprint", fingerprint));
    let state = faults.read("state", state).unwrap_or(Some(State::Open));
    let since = faults.read("since", since);
    faults.check()?;
    Ok(Wanted { consumer, fingerprint, state, since })
}

/// "Nothing of this consumer" is no answer to a name that no consumer has.
async fn known_consumer(desk: &Desk, name: Option<&str>) -> Result<(), Problem> {
    let Some(name) = name else { return Ok(()) };
    let known: Vec<String> = desk.consumers.list().await?.into_iter().map(|consumer| consumer.name).collect();
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(Problem::field("consumer", format!("{name:?} is no consumer here"), format!("one of {}", known.join(", "))))
}

/// One rule for the reasons of operators, whichever door they come by.
fn check_note(note: &str) -> Result<(), Problem> {
    NOTE.check(note).map(drop).map_err(|unfit| Problem::field("note", unfit.problem, unfit.expected))
}

/// The operator's name, if the caller is one.
pub(super) fn operator(caller: &Caller) -> Result<String, Problem> {
    if caller.operator {
        return Ok(caller.name.clone());
    }
    let detail = "this needs a token with the role operator; `ally token --sub NAME --role operator` makes one";
    Err(Problem::new(Kind::Forbidden, detail))
}

fn gone() -> Problem {
    Problem::new(Kind::NotFound, "there is no dead letter of this id (any more); GET the list for those there are")
}
