//! What messages of an endpoint are signed with: reading it, and replacing it by another one.

use std::time::Duration;

use ally_domain::webhook::USUAL_OVERLAP;
use ally_handlers::EndpointRecord;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::super::super::refused::{Refusals, Refused};
use super::super::super::submit::replay_mark;
use super::super::super::{Chapter, Desk, operator_origin};
use super::super::operator;
use super::endpoint_id;
use crate::auth::Authenticated;
use crate::body::{Body, Readable};
use crate::params::IdempotencyKey;
use crate::problem::Problem;
use crate::schema::RotationSchema;
use crate::wire::{Answer, Moment, SecretBody};

/// What every answer with a secret says: nobody keeps it, and it is not compressed beside what a stranger may have chosen.
pub(super) const NEITHER_KEPT_NOR_CODED: &str = "no-store, no-transform";

pub(crate) struct OperatorWebhookSecrets(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Shown {
    /// The secret.
    #[oai(status = 200)]
    Secret(
        Answer<SecretBody>,
        /// The answer holds a secret: it is neither kept nor compressed.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Rotated {
    /// The new secret.
    #[oai(status = 200)]
    Secret(
        Answer<SecretBody>,
        /// The answer holds a secret: it is neither kept nor compressed.
        #[oai(header = "Cache-Control")]
        String,
        /// `true` where the same request had been made before, and nothing was stored now.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

pub(crate) struct Showing;
pub(crate) struct Rotating;

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[404];
}

impl Refusals for Rotating {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415, 422];
}

/// How a secret is to be followed by another one, as the body spells it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RotationBody {
    overlap_seconds: Option<u64>,
}

impl Readable for RotationBody {
    type Shape = RotationSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorWebhookSecrets {
    /// Read the secret of an endpoint
    ///
    /// What its messages are signed with, for the person who sets its receiver up.
    #[oai(path = "/operator/webhooks/:id/secret", method = "get", operation_id = "webhookSecret")]
    async fn show(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
    ) -> Result<Shown, Refused<Showing>> {
        operator(&caller)?;
        let record = self.0.submissions.endpoint(&endpoint_id(&id)?).await?;
        let body = self.body(&record.ok_or_else(Problem::no_endpoint)?)?;
        Ok(Shown::Secret(Answer(body), NEITHER_KEPT_NOR_CODED.to_owned()))
    }

    /// Replace the secret of an endpoint
    ///
    /// Messages are signed with a new secret from now on, and with the one before as well until `previousUntil`, so that a receiver may be
    /// set to the new one meanwhile. A third secret never signs: replace it again only once every receiver has the new one. With an
    /// `Idempotency-Key` the same request again changes nothing.
    #[oai(path = "/operator/webhooks/:id/secret", method = "post", operation_id = "rotateWebhookSecret")]
    async fn rotate(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each secret.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(body): Body<RotationBody>,
    ) -> Result<Rotated, Refused<Rotating>> {
        let (from, id) = (operator_origin(&operator(&caller)?), endpoint_id(&id)?);
        // Before anything is stored, as for a registration.
        if !self.0.webhook_security.has_key() {
            return Err(Problem::no_webhook_key().into());
        }
        let overlap = body.overlap_seconds.map_or(USUAL_OVERLAP, Duration::from_secs);
        let submissions = self.0.submissions.clone();
        let rotate = async move { submissions.rotate_secret(&id, overlap, key.as_deref(), &from).await };
        let (record, is_new) = self.0.gate.run(rotate).await?;
        let body = Answer(self.body(&record)?);
        Ok(Rotated::Secret(body, NEITHER_KEPT_NOR_CODED.to_owned(), replay_mark(is_new)))
    }

    fn body(&self, record: &EndpointRecord) -> Result<SecretBody, Problem> {
        let endpoint = &record.endpoint;
        let overlaps = endpoint.secrets_at(self.0.submissions.now()).len() > 1;
        let secret = self.0.webhook_security.secret(&record.endpoint_id, endpoint.secret);
        Ok(SecretBody {
            endpoint_id: record.endpoint_id.to_string(),
            secret: secret.ok_or_else(Problem::no_webhook_key)?,
            previous_until: endpoint.previous_until.filter(|_| overlaps).map(Moment),
            position: record.position.to_string(),
        })
    }
}
