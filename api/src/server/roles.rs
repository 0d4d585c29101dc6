//! What each role serves: its routes, and the layers around them in one order.

use std::sync::Arc;

use ally_domain::engine::Catalogue;
use ally_domain::ports::{Clock, EventStore};
use ally_handlers::Submissions;
use ally_handlers::job_feed::JobFeed;
use ally_telemetry::export::SpanMemory;
use ally_telemetry::{names, series};
use poem::endpoint::BoxEndpoint;
use poem::error::ParsePathError as BrokenPath;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route};

use super::accept::Drain;
use crate::asyncapi;
use crate::auth::{AuthConfig, Guard, Verifier};
use crate::cursor::Cursors;
use crate::delivery::Delivery;
use crate::document::{self, Operation};
use crate::finish::Finish;
use crate::gate::Gate;
use crate::job_events::{JobStreams, StreamLimits};
use crate::limits::{self, Bounds, CorsError, CrossOrigin, Limits, Quotas, Shares};
use crate::lookup::Lookup;
use crate::observe::Observe;
use crate::operations::{ConsumerDesk, DeadLetterOffice, WebhookSecurity, WebhookViews};
use crate::ports::{PastMembers, Views, Workload};
use crate::presence::{Doors, PRESENCE_WEBSOCKET, SOCKET_IO, asyncapi_document, socket_io, websocket};
use crate::problem::{self, Problem};
use crate::queries::Queries;
use crate::receiver::{Receive, Receiver};
use crate::routes::{self, Describe, Desk, Figures, Health, PresenceServices, RenderMetrics, Table};

/// Everything behind a port of a role.
pub type RoleEndpoint = BoxEndpoint<'static, Response>;

/// What the gateway stands on.
pub struct Gateway {
    /// The commands.
    pub submissions: Submissions,
    /// The log, for what is not projected yet.
    pub store: Arc<dyn EventStore>,
    /// The views.
    pub views: Arc<dyn Views>,
    /// What was given up.
    pub dead_letters: Arc<dyn DeadLetterOffice>,
    /// The workers' consumers.
    pub consumers: Arc<dyn ConsumerDesk>,
    /// The endpoints of webhooks and what went to them.
    pub webhook_views: Arc<dyn WebhookViews>,
    /// Where webhooks may go, and what they are signed with.
    pub webhook_security: Arc<dyn WebhookSecurity>,
    /// The events of jobs as they enter the log.
    pub job_feed: JobFeed,
    /// What one client may have of streams.
    pub streams: StreamLimits,
    /// The exercises.
    pub catalogue: Arc<Catalogue>,
    /// Where this process keeps its traces, if it does.
    pub traces: Option<SpanMemory>,
    /// The time, for tokens.
    pub clock: Arc<dyn Clock>,
    /// What a token must show.
    pub auth: AuthConfig,
    /// The bounds of the listener.
    pub limits: Limits,
    /// The most jobs that may wait; beyond, submissions get 503.
    pub max_queued_jobs: u64,
    /// What the role says of itself.
    pub health: Health,
    /// How it ends.
    pub drain: Drain,
}

/// What the planner's port stands on.
pub struct Planner {
    /// The queue and the slots.
    pub workload: Arc<dyn Workload>,
    /// The time, for ages.
    pub clock: Arc<dyn Clock>,
    /// What the role says of itself.
    pub health: Health,
    /// The bounds of the listener.
    pub limits: Limits,
}

/// What the port of presence stands on.
pub struct PresenceRole {
    /// The rooms, and who may come in.
    pub doors: Doors,
    /// Who was there earlier.
    pub past: Arc<dyn PastMembers>,
    /// What the role says of itself.
    pub health: Health,
    /// The bounds of the listener.
    pub limits: Limits,
}

/// The public API: routes behind the guard, health, document, problem pages.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn gateway(parts: Gateway) -> Result<RoleEndpoint, CorsError> {
    routes::begin_onboarding_series();
    limits::begin_series();
    let limits = Arc::new(parts.limits);
    let shares = Shares::new(&limits);
    let longest_wait = limits.longest_wait();
    let lookup = Lookup::new(parts.submissions.clone(), parts.store, Arc::clone(&parts.views));
    let desk = Desk {
        submissions: parts.submissions,
        lookup: Arc::new(lookup),
        gate: Gate::new(parts.views, parts.max_queued_jobs, parts.drain.commands().clone()),
        shares: shares.clone(),
        dead_letters: parts.dead_letters,
        consumers: parts.consumers,
        webhook_views: parts.webhook_views,
        webhook_security: parts.webhook_security,
        catalogue: parts.catalogue,
        streams: JobStreams::new(parts.job_feed, Arc::clone(&parts.clock), parts.streams),
        cursors: Cursors::new(&parts.auth.secret),
        traces: parts.traces,
        longest_wait,
        draining: parts.drain.started().clone(),
    };
    let verifier = Verifier::new(&parts.auth, parts.clock);
    let guard = Guard { verifier: verifier.clone(), shares: shares.clone() };
    let queries = Queries::new(document::operations());
    let api = document::service(&desk).into_endpoint().with(queries).with(guard);
    let route = routes::docs(routes::health(Route::new(), &parts.health), document::document());
    let route = routes::asyncapi(route, &asyncapi::document())
        .nest_no_strip("/api/v1", api)
        .nest("/problems", problem::pages());
    let own = document::operations().into_iter().map(Operation::route);
    let table = Table::new(own.chain(health_templates()).chain(page_templates()));
    layered(route, &table, limits, shares, Some(verifier))
}

/// The planner's port: health and figures, for operators' eyes on an internal network.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn planner(parts: Planner) -> Result<RoleEndpoint, CorsError> {
    let figures = Figures { workload: parts.workload, clock: parts.clock };
    let route = routes::queue(routes::health(Route::new(), &parts.health), &figures);
    let own = ["/queue/status", "/concurrency/status"].map(|path| (path.to_owned(), vec!["GET".to_owned()]));
    internal(route, Table::new(health_templates().chain(own)), parts.limits)
}

/// The port of presence: routes behind the guard, WebSockets, health, document, problem pages.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn presence(parts: PresenceRole) -> Result<RoleEndpoint, CorsError> {
    limits::begin_series();
    let limits = Arc::new(parts.limits);
    let shares = Shares::new(&limits);
    let guard = Guard { verifier: parts.doors.verifier.clone(), shares: shares.clone() };
    let verifier = parts.doors.verifier.clone();
    let desk = PresenceServices { doors: parts.doors.clone(), past: parts.past };
    let queries = Queries::new(document::presence_operations());
    let api = document::presence_service(&desk).into_endpoint().with(queries).with(guard);
    let health = routes::health(Route::new(), &parts.health);
    let route = routes::docs(health, document::presence_document());
    let route = routes::asyncapi(route, &asyncapi_document())
        .at(PRESENCE_WEBSOCKET, websocket(parts.doors.clone()))
        .at(SOCKET_IO, socket_io(parts.doors))
        .nest_no_strip("/api/v1", api)
        .nest("/problems", problem::pages())
        .around(|route, request| async move { route.call(request).await.map_err(as_wrong_name) });
    let sockets = [(PRESENCE_WEBSOCKET, vec!["GET"]), (SOCKET_IO, vec!["GET", "POST"])]
        .map(|(path, methods)| (path.to_owned(), methods.into_iter().map(str::to_owned).collect()));
    let own = document::presence_operations().into_iter().map(Operation::route).chain(sockets);
    let table = Table::new(own.chain(health_templates()).chain(page_templates()));
    layered(route, &table, limits, shares, Some(verifier))
}

/// Any text may be a room's name, so that a path that is no text is wrong, and not the path of something unknown.
fn as_wrong_name(error: poem::Error) -> poem::Error {
    if !error.is::<BrokenPath>() {
        return error;
    }
    Problem::field("path", "is no percent-encoded UTF-8", "the name of a room, percent-encoded").into()
}

/// The port of a role that only works: health.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn worker(health: &Health, limits: Limits) -> Result<RoleEndpoint, CorsError> {
    internal(routes::health(Route::new(), health), Table::new(health_templates()), limits)
}

/// A role's metrics port, for who looks after it: its figures, and what it says of itself where it is a role.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn metrics(render: RenderMetrics, describe: Option<Describe>, limits: Limits) -> Result<RoleEndpoint, CorsError> {
    let table = Table::new(["/metrics", "/about"].map(|path| (path.to_owned(), vec!["GET".to_owned()])));
    let route = routes::metrics(Route::new(), render);
    let route = match describe {
        Some(describe) => routes::about(route, describe),
        None => route,
    };
    internal(route, table, limits)
}

/// A port that takes messages of others, for a command that listens on this machine.
///
/// # Errors
/// When a listed origin is not an origin.
pub fn receiver(receive: Receive, limits: Limits) -> Result<RoleEndpoint, CorsError> {
    internal(Receiver { receive, limits: limits.clone() }, Table::new(std::iter::empty()), limits)
}

fn health_templates() -> impl Iterator<Item = (String, Vec<String>)> {
    ["/health", "/health/ready", "/health/live", "/api/health"]
        .into_iter()
        .map(|path| (path.to_owned(), vec!["GET".to_owned()]))
}

fn page_templates() -> impl Iterator<Item = (String, Vec<String>)> {
    let openapi = ["/openapi.json", "/openapi.yaml", "/openapi-3.0.json"];
    let others = ["/", "/asyncapi.json", "/asyncapi.yaml", "/docs", "/problems/", "/problems/{slug}"];
    openapi.into_iter().chain(others).map(|path| (path.to_owned(), vec!["GET".to_owned()]))
}

fn internal(
    route: impl Endpoint<Output = Response> + 'static,
    table: Table,
    limits: Limits,
) -> Result<RoleEndpoint, CorsError> {
    let limits = Arc::new(limits);
    let shares = Shares::new(&limits);
    layered(route, &table, limits, shares, None)
}

/// From the outside in: observe, finish, origins, what is left of shares, finish again (so that a page of an allowed origin can read
/// errors), bounds, delivery (so that it is bounded), and finish around the routes (so that errors are delivered like answers).
fn layered(
    route: impl Endpoint<Output = Response> + 'static,
    table: &Table,
    limits: Arc<Limits>,
    shares: Shares,
    verifier: Option<Verifier>,
) -> Result<RoleEndpoint, CorsError> {
    series::begin(names::HTTP_SERVER_HUNG_UP_TOTAL, &[]);
    let finish = Finish { table: table.clone() };
    let origins = CrossOrigin::new(&limits.cors_allowed_origins)?;
    let trust_forwarded_for = limits.trust_forwarded_for;
    let observe = Observe { table: table.clone(), trust_forwarded_for, verifier };
    let delivered = route.with(finish.clone()).with(Delivery { table: table.clone() });
    let bounded = delivered.with(Bounds { limits, shares }).with(finish.clone()).with(Quotas);
    Ok(bounded.with(origins).with(finish).with(observe).boxed())
}
