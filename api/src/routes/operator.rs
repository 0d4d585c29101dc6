//! Dead letters over HTTP, for tokens with the operator role.

use std::sync::LazyLock;

use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::operations::Redriven;
use crate::params::{Faults, Given, PageLimit};
use crate::problem::{Kind, Problem};
use crate::schema::{NoteSchema, Schema};
use crate::wire::{Answer, ParkedBody, ParkedGroupsBody, ParkedListBody, RemovalBody};

/// Entries of a page when the caller does not say.
const PAGE: u16 = 20;

pub(crate) struct Operator(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// Dead letters, the oldest first.
    #[oai(status = 200)]
    Page(Answer<ParkedListBody>),
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
pub(crate) struct Changing;

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400, 403];
}

impl Refusals for Grouping {
    const STATUSES: &'static [u16] = &[403];
}

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[403, 404];
}

impl Refusals for Changing {
    const STATUSES: &'static [u16] = &[400, 403, 404, 408, 409, 413, 415];
}

/// A note as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    note: String,
}

impl Readable for NoteBody {
    type Shape = NoteSchema;

    fn absent() -> Option<Self> {
        None
    }

    fn shape() -> &'static Schema {
        static SHAPE: LazyLock<Schema> = LazyLock::new(Schema::of::<NoteSchema>);
        &SHAPE
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl Operator {
    /// List dead letters
    ///
    /// Messages that were given up, the oldest first.
    #[oai(path = "/operator/dead-letters", method = "get", operation_id = "deadLetters")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// The most entries.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// Those of one cause, as the groups name it.
        Query(fingerprint): Query<Option<String>>,
    ) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let limit = faults.read("limit", limit).unwrap_or(PAGE);
        faults.check()?;
        let letters = self.0.dead_letters.list(fingerprint.as_deref(), limit).await?;
        Ok(Listed::Page(Answer(ParkedListBody { letters: letters.into_iter().map(Into::into).collect() })))
    }

    /// Group dead letters
    ///
    /// Messages that were given up, by cause, the most frequent first.
    #[oai(path = "/operator/dead-letter-groups", method = "get", operation_id = "deadLetterGroups")]
    async fn groups(&self, Authenticated(caller): Authenticated) -> Result<Grouped, Refused<Grouping>> {
        operator(&caller)?;
        let groups = self.0.dead_letters.groups().await?;
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
    ) -> Result<Removed, Refused<Changing>> {
        let (name, office) = (operator(&caller)?, self.0.dead_letters.clone());
        let letter = id.clone();
        let run = self.0.gate.run(async move { office.redrive(&letter, &name, &body.note).await });
        let outcome = match run.await?.ok_or_else(gone)? {
            Redriven::Redriven => "redriven",
            Redriven::Already => "already",
            Redriven::Obsolete => "obsolete",
            Redriven::TooEarly => {
                let detail = "its job is not parked yet, a worker is at it; send the request again in a moment";
                return Err(Problem::new(Kind::JobState, detail).into());
            }
        };
        Ok(Removed::Done(Answer(RemovalBody { id, outcome: outcome.to_owned() })))
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
    ) -> Result<Removed, Refused<Changing>> {
        let (name, office) = (operator(&caller)?, self.0.dead_letters.clone());
        let letter = id.clone();
        let run = self.0.gate.run(async move { office.discard(&letter, &name, &body.note).await });
        run.await?.then_some(()).ok_or_else(gone)?;
        Ok(Removed::Done(Answer(RemovalBody { id, outcome: "discarded".to_owned() })))
    }
}

/// The operator's name, if the caller is one.
fn operator(caller: &Caller) -> Result<String, Problem> {
    if caller.operator {
        return Ok(caller.athlete.to_string());
    }
    let detail = "this needs a token with the role operator; `ally token --sub NAME --role operator` makes one";
    Err(Problem::new(Kind::Forbidden, detail))
}

fn gone() -> Problem {
    Problem::new(Kind::NotFound, "there is no dead letter of this id (any more); GET the list for those there are")
}
