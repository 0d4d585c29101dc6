//! What was sent to an endpoint before, sent again: one message, or those since a moment.

use std::time::Duration;

use ally_domain::ids::DeliveryId;
use ally_domain::webhook::DeliveryStatus;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use time::OffsetDateTime;

use super::super::super::refused::{Refusals, Refused};
use super::super::super::{Chapter, Desk, operator_origin};
use super::super::operator;
use super::deliveries::{Queued, delivery_id, queued};
use super::endpoint_id;
use crate::auth::Authenticated;
use crate::body::{Body, Readable};
use crate::cursor::CursorOf;
use crate::operations::{DeliveryPlace, Replay};
use crate::problem::Problem;
use crate::schema::ReplaySchema;
use crate::wire::{Answer, ReplayedBody};

/// The most deliveries of one request.
const LIMIT: u16 = 1_000;
/// How long one request goes on: shorter than a request may take, so that its answer is read.
const TIME: Duration = Duration::from_secs(20);
/// What is wrong with a cursor that does not open.
const UNCHANGED: &str = "the `next` of an earlier answer of this endpoint, unchanged; without one it begins at `since`";

pub(crate) struct OperatorWebhookReplays(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Replayed {
    /// How many are sent again.
    #[oai(status = 200)]
    Done(Answer<ReplayedBody>),
}

pub(crate) struct ReplayingOne;
pub(crate) struct ReplayingMany;

impl Refusals for ReplayingOne {
    const STATUSES: &'static [u16] = &[404, 409];
}

impl Refusals for ReplayingMany {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415];
}

/// Which deliveries are to be sent again, as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayBody {
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    status: Option<String>,
    cursor: Option<String>,
}

impl Readable for ReplayBody {
    type Shape = ReplaySchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorWebhookReplays {
    /// Send a message again
    ///
    /// Sends a message to its endpoint once more, with the same `webhook-id`, whether it was delivered or given up. One that is on its way
    /// is a 409.
    #[oai(
        path = "/operator/webhooks/:id/deliveries/:deliveryId/replay",
        method = "post",
        operation_id = "replayWebhookDelivery"
    )]
    async fn one(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        /// Which delivery to it.
        #[oai(name = "deliveryId")]
        Path(delivery): Path<String>,
    ) -> Result<Queued, Refused<ReplayingOne>> {
        let from = operator_origin(&operator(&caller)?);
        let (id, delivery) = (endpoint_id(&id)?, delivery_id(&delivery)?);
        let (submissions, endpoint) = (self.0.submissions.clone(), id.clone());
        let replay = async move { submissions.replay_delivery(&endpoint, &delivery, &from).await };
        Ok(queued(&id, self.0.gate.run(replay).await?))
    }

    /// Send messages again
    ///
    /// Sends the messages that were queued for an endpoint since a moment once more, the oldest first: those that were given up, or those
    /// that were delivered. At most 1,000 at once; `next` goes on with the rest. What waits already is left alone.
    #[oai(path = "/operator/webhooks/:id/replay", method = "post", operation_id = "replayWebhookDeliveries")]
    async fn many(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        Body(body): Body<ReplayBody>,
    ) -> Result<Replayed, Refused<ReplayingMany>> {
        let from = operator_origin(&operator(&caller)?);
        let (behind, replay) = self.read(&id, &body)?;
        let endpoint = endpoint_id(&id)?;
        let mut places = self.0.webhook_views.replayable(&endpoint, &replay, behind.as_ref(), LIMIT + 1).await?;
        let is_more = places.len() > usize::from(LIMIT);
        places.truncate(LIMIT.into());
        let ids: Vec<DeliveryId> = places.iter().map(|place| place.delivery_id.clone()).collect();
        let submissions = self.0.submissions.clone();
        let run = async move { submissions.replay_deliveries(&endpoint, &ids, TIME, &from).await };
        let done = self.0.gate.run(run).await?;
        let is_left = is_more || done.seen < places.len();
        let last = done.seen.checked_sub(1).and_then(|last| places.get(last)).filter(|_| is_left);
        let seal = |place: &DeliveryPlace| self.0.cursors.seal(CursorOf::WebhookReplay, &id, place);
        let next = last.map(seal).transpose()?;
        Ok(Replayed::Done(Answer(ReplayedBody { replayed: done.replayed as u64, next })))
    }

    /// What a body asks for, and behind which place it goes on.
    fn read(&self, id: &str, body: &ReplayBody) -> Result<(Option<DeliveryPlace>, Replay), Problem> {
        let named = |name: &str| DeliveryStatus::ALL.into_iter().find(|status| status.as_str() == name);
        // The shape has let only those through that may be sent again.
        let status = body.status.as_deref().and_then(named).unwrap_or(DeliveryStatus::GivenUp);
        let behind = match body.cursor.as_deref() {
            None => None,
            Some(cursor) => {
                let place = self.0.cursors.open(CursorOf::WebhookReplay, id, cursor);
                let fault = || Problem::field("cursor", "is no cursor of this endpoint", UNCHANGED);
                Some(place.ok_or_else(fault)?)
            }
        };
        Ok((behind, Replay { status, since: body.since }))
    }
}
