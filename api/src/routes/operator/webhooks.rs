//! Endpoints of webhooks, for tokens with the operator role: registering one, looking at them, changing and removing one.
//!
//! Deliberately not here: their secrets (`secrets`), what went to them (`deliveries`), and sending that again (`replays`).

mod body;
mod deliveries;
mod replays;
mod secrets;

use ally_domain::ids::EndpointId;
use ally_domain::webhook::{AppName, MAX_ENDPOINTS_PER_APP};
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use self::body::{ChangeBody, RegistrationBody};
use super::super::refused::{Refusals, Refused};
use super::super::submit::replay_mark;
use super::super::{Chapter, Desk, operator_origin};
use super::operator;
use crate::auth::{Authenticated, OPERATOR};
use crate::body::Body;
use crate::cursor::CursorOf;
use crate::params::{AppText, AtPosition, Cursor, Faults, Given, IdempotencyKey, Page as PageParams, PageLimit};
use crate::problem::{Kind, Problem};
use crate::wire::{Answer, EndpointBody, EndpointListBody, Page, RegisteredBody, endpoint_path};

pub(crate) use deliveries::OperatorWebhookDeliveries;
pub(crate) use replays::OperatorWebhookReplays;
pub(crate) use secrets::OperatorWebhookSecrets;

pub(crate) struct OperatorWebhooks(pub Desk);

#[derive(ApiResponse)]
#[allow(clippy::large_enum_variant, reason = "an answer is made once and rendered at once")]
pub(crate) enum Registered {
    /// The endpoint, with its secret. The same request again gives the same endpoint.
    #[oai(status = 201)]
    Endpoint(
        Answer<RegisteredBody>,
        /// Where the endpoint is read.
        #[oai(header = "Location")]
        String,
        /// The answer holds a secret: it is neither kept nor compressed.
        #[oai(header = "Cache-Control")]
        String,
        /// `true` where the same request had been made before, and nothing was stored now.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of endpoints.
    #[oai(status = 200)]
    Page(Page<EndpointListBody>),
}

#[derive(ApiResponse)]
#[allow(clippy::large_enum_variant, reason = "an answer is made once and rendered at once")]
pub(crate) enum Shown {
    /// The endpoint.
    #[oai(status = 200)]
    Endpoint(Answer<EndpointBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Removed {
    /// The endpoint is not there any more.
    #[oai(status = 204)]
    Gone,
}

pub(crate) struct Registering;
pub(crate) struct Listing;
pub(crate) struct Showing;
pub(crate) struct Changing;
pub(crate) struct Removing;

impl Refusals for Registering {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415, 422];
}

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Showing {
    const STATUSES: &'static [u16] = &[404];
}

impl Refusals for Changing {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415, 422];
}

impl Refusals for Removing {
    const STATUSES: &'static [u16] = &[404, 409];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorWebhooks {
    /// Register an endpoint of webhooks
    ///
    /// An app's endpoint gets a signed message of each type that it chose, about the jobs of all athletes, from now on. With an
    /// `Idempotency-Key` the request names its endpoint for ever. An app has at most 20 endpoints.
    #[oai(path = "/operator/webhooks", method = "post", operation_id = "registerWebhook")]
    async fn register(
        &self,
        Authenticated(caller): Authenticated,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each endpoint of an app.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(body): Body<RegistrationBody>,
    ) -> Result<Registered, Refused<Registering>> {
        let from = operator_origin(&operator(&caller)?);
        let registration = body.read(&*self.0.webhook_security)?;
        // Before anything is stored: without a key nothing could be signed.
        if !self.0.webhook_security.has_key() {
            return Err(Problem::no_webhook_key().into());
        }
        self.must_have_room(&registration.app, key.as_deref()).await?;
        let submissions = self.0.submissions.clone();
        let register = async move { submissions.register_endpoint(&registration, key.as_deref(), &from).await };
        let (record, is_new) = self.0.gate.run(register).await?;
        let secret = self.0.webhook_security.secret(&record.endpoint_id, record.endpoint.secret);
        let secret = secret.ok_or_else(Problem::no_webhook_key)?;
        let location = endpoint_path(&record.endpoint_id);
        let body = RegisteredBody { endpoint: record.into(), secret };
        Ok(Registered::Endpoint(
            Answer(body),
            location,
            secrets::NEITHER_KEPT_NOR_CODED.to_owned(),
            replay_mark(is_new),
        ))
    }

    /// List the endpoints of webhooks
    ///
    /// The endpoints of one app or of all, in the order of their ids, a page at a time.
    #[oai(path = "/operator/webhooks", method = "get", operation_id = "webhooks")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// Those of one app.
        Query(app): Query<Option<Given<AppText>>>,
        /// The most endpoints of the page.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<Cursor>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`; one that the views have not come to in time is a 503 with `Retry-After`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let app = faults.read("app", app);
        let page = PageParams::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::Webhooks, OPERATOR));
        let position = faults.read("position", position);
        faults.check()?;
        self.0.lookup.must_be_viewed(position.as_ref()).await?;
        let mut found = self.0.webhook_views.endpoints(app.as_ref(), page.behind.as_ref(), page.asked()).await?;
        let next = page.cut(&mut found, |record| record.endpoint_id.clone())?;
        Ok(Listed::Page(Page(EndpointListBody { endpoints: found.into_iter().map(Into::into).collect(), next })))
    }

    /// Read an endpoint of webhooks
    ///
    /// One endpoint as it is now, whichever events the views have come to.
    #[oai(path = "/operator/webhooks/:id", method = "get", operation_id = "webhook")]
    async fn show(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
    ) -> Result<Shown, Refused<Showing>> {
        operator(&caller)?;
        let record = self.0.submissions.endpoint(&endpoint_id(&id)?).await?;
        Ok(Shown::Endpoint(Answer(record.ok_or_else(Problem::no_endpoint)?.into())))
    }

    /// Change an endpoint of webhooks
    ///
    /// What is absent stays. One that is disabled gets nothing, and what waits for it is given up; one that is enabled again gets what
    /// happens from then on, and what it missed meanwhile is not sent: it was never queued. Repeating it changes nothing.
    #[oai(path = "/operator/webhooks/:id", method = "patch", operation_id = "changeWebhook")]
    async fn change(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
        Body(body): Body<ChangeBody>,
    ) -> Result<Shown, Refused<Changing>> {
        let from = operator_origin(&operator(&caller)?);
        let (id, change) = (endpoint_id(&id)?, body.read(&*self.0.webhook_security)?);
        let submissions = self.0.submissions.clone();
        let record = self.0.gate.run(async move { submissions.update_endpoint(&id, change, &from).await }).await?;
        Ok(Shown::Endpoint(Answer(record.into())))
    }

    /// Remove an endpoint of webhooks
    ///
    /// It gets nothing more, and its secret signs nothing any more. What went to it can be read for 30 days. Repeating it changes nothing.
    #[oai(path = "/operator/webhooks/:id", method = "delete", operation_id = "removeWebhook")]
    async fn remove(
        &self,
        Authenticated(caller): Authenticated,
        /// Which endpoint.
        Path(id): Path<String>,
    ) -> Result<Removed, Refused<Removing>> {
        let (from, id) = (operator_origin(&operator(&caller)?), endpoint_id(&id)?);
        let submissions = self.0.submissions.clone();
        self.0.gate.run(async move { submissions.remove_endpoint(&id, &from).await }).await?;
        Ok(Removed::Gone)
    }

    /// Whether an app may have one more endpoint, as far as the views know. Where they do not answer nobody is refused.
    async fn must_have_room(&self, app: &AppName, key: Option<&str>) -> Result<(), Problem> {
        let there = match self.0.webhook_views.endpoints(Some(app), None, MAX_ENDPOINTS_PER_APP).await {
            Ok(there) => there.len(),
            Err(error) => {
                tracing::warn!(%error, %app, "the endpoints of an app are not counted: the view does not answer");
                return Ok(());
            }
        };
        if there < usize::from(MAX_ENDPOINTS_PER_APP) {
            return Ok(());
        }
        // A request that is repeated asks for no more room.
        if let Some(key) = key
            && self.0.submissions.endpoint(&EndpointId::for_key(app.as_str(), key)).await?.is_some()
        {
            return Ok(());
        }
        let detail = format!("the app {app} has {there} endpoints, as many as it may have; remove one, or change one");
        Err(Problem::new(Kind::WebhookLimit, detail))
    }
}

/// A text that cannot be an id names no endpoint, like any unknown one.
fn endpoint_id(text: &str) -> Result<EndpointId, Problem> {
    text.parse().map_err(|_| Problem::no_endpoint())
}
