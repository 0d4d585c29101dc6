//! Live, ready, why not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Json};
use poem::{EndpointExt, IntoResponse, Response, Route, get, handler};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::ports::Probe;

/// How long a part may take to say that it is well.
const PROBE_DEADLINE: Duration = Duration::from_secs(2);
const UP: &str = "up";
const DOWN: &str = "down";
const DEGRADED: &str = "degraded";

/// What a role says of itself. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    role: &'static str,
    version: &'static str,
    probes: Arc<[Arc<dyn Probe>]>,
    draining: CancellationToken,
    asked: Arc<Mutex<Option<Asked>>>,
}

/// The last round of questions.
struct Asked {
    began: Instant,
    answers: Vec<ComponentHealth>,
}

/// The answer of `/health` and `/health/ready`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    /// `ready`, `not_ready` or `draining`.
    pub status: &'static str,
    /// Which role.
    pub role: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// What it stands on.
    pub components: Vec<ComponentHealth>,
}

/// One of the things that a role stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentHealth {
    /// `nats`, `postgres`.
    pub name: &'static str,
    /// `up`, `degraded` (it answers, and `reason` says what somebody should do) or `down`.
    pub status: &'static str,
    /// Why it is not up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    /// The health of a role that stands on what the probes ask, and is not ready any more once `draining` is cancelled.
    #[must_use]
    pub fn new(
        role: &'static str,
        version: &'static str,
        probes: Vec<Arc<dyn Probe>>,
        draining: CancellationToken,
    ) -> Self {
        Self { role, version, probes: probes.into(), draining, asked: Arc::default() }
    }

    /// Asks everything at once. Probes need no token, so that any number of them at a time costs one round of questions;
    /// nobody gets answers from before they asked.
    pub async fn report(&self) -> HealthReport {
        let arrived = Instant::now();
        let mut asked = self.asked.lock().await;
        let components = match asked.as_ref().filter(|asked| asked.began >= arrived) {
            Some(asked) => asked.answers.clone(),
            None => {
                let began = Instant::now();
                let answers = join_all(self.probes.iter().map(|probe| ask(probe.as_ref()))).await;
                asked.insert(Asked { began, answers }).answers.clone()
            }
        };
        drop(asked);
        let well = components.iter().all(|component| component.status != DOWN);
        let status = match (self.draining.is_cancelled(), well) {
            (true, _) => "draining",
            (false, true) => "ready",
            (false, false) => "not_ready",
        };
        HealthReport { status, role: self.role, version: self.version, components }
    }
}

async fn ask(probe: &dyn Probe) -> ComponentHealth {
    let asked = async {
        match probe.check().await {
            Ok(()) => Ok(probe.warning().await),
            Err(reason) => Err(reason),
        }
    };
    let (status, reason) = match tokio::time::timeout(PROBE_DEADLINE, asked).await {
        Ok(Ok(None)) => (UP, None),
        Ok(Ok(warning)) => (DEGRADED, warning),
        Ok(Err(reason)) => (DOWN, Some(reason)),
        Err(_) => (DOWN, Some(format!("no answer within {} s", PROBE_DEADLINE.as_secs()))),
    };
    ComponentHealth { name: probe.name(), status, reason }
}

/// Whether a path is one of a prober's: not traced, not limited.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/health" | "/health/live" | "/health/ready" | "/api/health" | "/metrics")
}

/// The routes of a role's health, also under `/api` for the founding address.
pub(crate) fn routes(route: Route, health: &Health) -> Route {
    route
        .at("/health", get(ready).data(health.clone()))
        .at("/health/ready", get(ready).data(health.clone()))
        .at("/health/live", get(live).data(health.clone()))
        .at("/api/health", get(ready).data(health.clone()))
}

#[handler]
async fn ready(Data(health): Data<&Health>) -> Response {
    let report = health.report().await;
    let status = if report.status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(status, &report)
}

/// The process turns its event loop; what it stands on is another question.
#[handler]
async fn live(Data(health): Data<&Health>) -> Response {
    answer(
        StatusCode::OK,
        &HealthReport { status: "live", role: health.role, version: health.version, components: Vec::new() },
    )
}

fn answer(status: StatusCode, report: &HealthReport) -> Response {
    let mut response = Json(report).with_status(status).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/health+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
