//! A gateway on 127.0.0.1 with everything behind it in memory, and the words that tests say to it.

mod answers;
mod dead_letters;
mod event_stream;
mod raw;
mod views;
mod webhooks;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ally_api::{Drain, Gateway, Health, Limits, Probe, Rate, RoleEndpoint, ServeConfig, StreamLimits, gateway, serve};
use ally_domain::engine::Catalogue;
use ally_domain::testing::MemoryEventStore;
use ally_handlers::job_feed::JobFeed;
use ally_handlers::{Executor, Submissions};
use ally_telemetry::export::SpanMemory;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use answers::Answers;
pub use dead_letters::{MemoryConsumers, MemoryDeadLetters};
pub use event_stream::{Event, EventStream};
pub use raw::Raw;
pub use views::MemoryViews;
pub use webhooks::MemoryWebhooks;
pub use world::{FixedClock, Part, auth, composed, composed_of, token};

/// A served role.
pub struct Server {
    pub address: SocketAddr,
    pub client: Client,
    pub stop: CancellationToken,
    pub served: JoinHandle<()>,
    /// Held for its end, at which it tells what differs.
    _answers: Answers,
}

/// A gateway and what stands behind it.
pub struct Ally {
    pub server: Server,
    pub store: MemoryEventStore,
    pub views: Arc<MemoryViews>,
    pub clock: Arc<FixedClock>,
    pub nats: Arc<Part>,
    pub dead_letters: Arc<MemoryDeadLetters>,
    pub consumers: Arc<MemoryConsumers>,
    pub webhooks: Arc<MemoryWebhooks>,
}

/// What a test changes about a gateway.
pub struct Setup {
    pub limits: Limits,
    pub max_queued_jobs: u64,
    pub serve: ServeConfig,
    pub streams: StreamLimits,
    pub traces: Option<SpanMemory>,
}

/// Limits that a test does not meet by accident.
pub fn generous() -> Limits {
    let off = Rate { per_minute: 0, burst: 0 };
    Limits { per_athlete: off, per_client: off, ..Limits::default() }
}

impl Default for Setup {
    fn default() -> Self {
        let traces = Some(SpanMemory::default());
        Self {
            limits: generous(),
            max_queued_jobs: 1_000,
            serve: ServeConfig::default(),
            streams: StreamLimits::default(),
            traces,
        }
    }
}

/// Serves an endpoint that has no operation of the document on a free port; its errors are problems all the same.
pub async fn served(endpoint: RoleEndpoint, config: ServeConfig, drain: Drain) -> Server {
    checked(endpoint, config, drain, Answers::beside_the_document()).await
}

/// Serves an endpoint on a free port. Every answer is checked; the test fails when one is not as documented.
pub async fn checked(endpoint: RoleEndpoint, config: ServeConfig, drain: Drain, answers: Answers) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = drain.started().clone();
    let endpoint = answers.checked(endpoint);
    let served = tokio::spawn(async move { serve(listener, endpoint, config, drain).await.unwrap() });
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
    Server { address, client, stop, served, _answers: answers }
}

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }
}

impl Ally {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let store = MemoryEventStore::default();
        let clock = Arc::new(FixedClock::default());
        let views = Arc::new(MemoryViews::new(store.clone()));
        let nats = Arc::new(Part::new("nats"));
        let dead_letters = Arc::new(MemoryDeadLetters::default());
        let consumers = Arc::new(MemoryConsumers::default());
        let drain = Drain::on(CancellationToken::new());
        let probes: Vec<Arc<dyn Probe>> = vec![nats.clone(), Arc::new(Part::new("postgres"))];
        let submissions = Submissions::new(Executor::new(Arc::new(store.clone())), clock.clone());
        let webhooks = Arc::new(MemoryWebhooks::new(store.clone(), submissions.clone()));
        let feed = JobFeed::new(Arc::new(store.clone()));
        tokio::spawn(feed.clone().follow_log(drain.started().clone()));
        let endpoint = gateway(Gateway {
            submissions,
            store: Arc::new(store.clone()),
            views: views.clone(),
            dead_letters: dead_letters.clone(),
            consumers: consumers.clone(),
            webhook_views: webhooks.clone(),
            webhook_security: webhooks.clone(),
            catalogue: Arc::new(Catalogue::embedded().unwrap()),
            job_feed: feed,
            streams: setup.streams,
            traces: setup.traces,
            clock: clock.clone(),
            auth: auth(),
            limits: setup.limits,
            max_queued_jobs: setup.max_queued_jobs,
            health: Health::new("gateway-bff", "1.2.3", probes, drain.started().clone()),
            drain: drain.clone(),
        })
        .unwrap();
        let server = checked(endpoint, setup.serve, drain, Answers::of_the_document()).await;
        Self { server, store, views, clock, nats, dead_letters, consumers, webhooks }
    }

    /// A request of an athlete's.
    pub fn request(&self, method: Method, path: &str, athlete: &str) -> RequestBuilder {
        self.server.request(method, path).bearer_auth(token(&self.clock, athlete))
    }

    pub async fn get(&self, path: &str, athlete: &str) -> Response {
        self.request(Method::GET, path, athlete).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, athlete: &str, body: &Value) -> Response {
        self.request(Method::POST, path, athlete).json(body).send().await.unwrap()
    }

    /// Answers everything; the athlete has a profile then, and its job is requested as the process manager would.
    pub async fn onboarded(&self, athlete: &str) -> String {
        let response = self.post("/api/v1/onboarding", athlete, &all_answers()).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let job = body(response).await["jobId"].as_str().unwrap().to_owned();
        self.request_promised().await;
        job
    }
}

/// Answers that complete the six steps.
pub fn all_answers() -> Value {
    json!({
        "purpose": "muscle_building",
        "proficiency": "beginner",
        "season": "offseason",
        "availabilityDays": ["monday", "wednesday", "friday"],
        "weeklyGoalDays": 3,
        "equipment": ["dumbbells"],
        "fixedSchedules": [{"day": "monday", "start": "09:00", "end": "17:30"}],
        "recoveryHabits": ["good_sleep"],
        "injuries": [{"bodyPart": "knee", "pain": 3}],
        "age": 30
    })
}

/// The body as JSON.
pub async fn body(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The body of an error answer, after checking that it is a problem document that is true to the answer.
pub async fn problem(response: Response, status: u16, kind: &str) -> Value {
    let (answered, path) = (response.status(), response.url().path().to_owned());
    let media_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let document = body(response).await;
    assert_eq!(answered, status, "{document:#}");
    assert_eq!(media_type.as_deref(), Some("application/problem+json"));
    assert_eq!(document["type"], format!("/problems/{kind}"), "{document:#}");
    assert_eq!(document["status"], status);
    assert_eq!(document["instance"], path);
    for text in ["title", "detail"] {
        assert!(document[text].as_str().is_some_and(|text| !text.is_empty()), "{text} of {document:#}");
    }
    document
}

/// The fields that a problem names, in order.
pub fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().into_iter().flatten().map(|error| error["field"].as_str().unwrap()).collect()
}

/// A header as text.
pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}
