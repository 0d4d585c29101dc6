//! A run with faults, of every role: drafts that the model makes and spoils, and none while it is away; jobs that are retried and
//! dead-lettered; a log that refuses; a paused consumer; an archive that is written; people who come, stay and go; an app that takes its
//! webhooks, and one that does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ally_domain::engine::request::DEFAULT_WEEKS;
use ally_handlers::testing::{FakeModel, Reply};
use ally_telemetry::testing::OtlpReceiver;
use async_nats::jetstream;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::model::draft;
use crate::operator::webhooks::quick_webhooks;
use crate::presence::quick;
use crate::presence::socket::Socket;
use crate::prometheus::Prometheus;
use crate::system::{Client, RoleProcess, System, answers, eventually, server};
use crate::webhooks::receiver::{Answer, Receiver};

/// How often something is asked of each role, so that every rate has something to show.
const BEAT: Duration = Duration::from_millis(250);
/// Room for a request and none for a plan.
const TOO_SMALL_FOR_A_PLAN: i32 = 2_600;
/// Room for nothing.
const TOO_SMALL_FOR_A_REQUEST: i32 = 100;

/// The running system, and the Prometheus that watches it.
pub struct Run {
    pub prometheus: Prometheus,
    system: System,
    roles: Vec<RoleProcess>,
    life: JoinHandle<()>,
    ends: Arc<AtomicBool>,
    /// While set, the model answers 500 to all.
    model_is_away: Arc<AtomicBool>,
    _model: FakeModel,
    _receiver: OtlpReceiver,
}

impl Run {
    pub async fn start() -> Self {
        let model_is_away = Arc::new(AtomicBool::new(false));
        let away = Arc::clone(&model_is_away);
        // Of seven answers one is none of a plan, which goes back, and one is a fault of the endpoint, which is asked again.
        let model = FakeModel::start(move |n, _| match n % 7 {
            _ if away.load(Ordering::Relaxed) => Reply::status(500, ""),
            2 => Reply::Text("no plan at all".to_owned()),
            4 => Reply::status(500, ""),
            _ => draft(),
        })
        .await;
        let receiver = OtlpReceiver::start().await.unwrap();
        let system = system(&model, &receiver);
        let names = ["gateway", "onboarding", "planner", "presence", "projector"];
        let roles: Vec<_> = system.start_ready(names).await.into();
        let services =
            ["gateway-bff", "profile-onboarding", "planning-engine", "realtime-presence-service", "projector"];
        let watched: Vec<_> = services.into_iter().zip(&roles).collect();
        let prometheus = Prometheus::over(&watched).await;
        // What is counted before the first scrape has no rate.
        eventually("two scrapes of each role", async || {
            let seen = prometheus.query("min(count_over_time(build_info[1m]))").await;
            (prometheus.query("count(build_info)").await == [5.0] && seen.first() >= Some(&2.0)).then_some(())
        })
        .await;
        let ends = Arc::new(AtomicBool::new(false));
        let client = system.client(&roles[0], "amy");
        client.onboard(&answers()).await;
        let life = tokio::spawn(live(client.clone(), roles[3].http.clone(), system.token("amy"), Arc::clone(&ends)));
        let run = Self { prometheus, system, roles, life, ends, model_is_away, _model: model, _receiver: receiver };
        run.apps_are_called().await;
        run.people_come_and_go().await;
        run.jobs_fail(&client).await;
        run.the_model_goes_away().await;
        // Once more, since what is counted for the first time has no rate.
        run.system.client(&run.roles[0], "cid").onboard(&answers()).await;
        run.command(&["consumers", "pause", "planner-express", "--for", "10m"]).await;
        run
    }

    /// Ends the life and removes what the run left on the servers.
    pub async fn end(self) {
        self.ends.store(true, Ordering::Relaxed);
        self.life.await.unwrap();
        drop(self.roles);
        self.system.remove().await;
    }

    async fn command(&self, arguments: &[&str]) {
        let mut command = self.system.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// One takes what it is sent, the other one never does.
    async fn apps_are_called(&self) {
        let apps = Receiver::start().await;
        apps.answer("/fails", Answer::Status(500, None));
        for path in ["/takes", "/fails"] {
            let url = apps.url(path);
            self.command(&["webhooks", "register", "--app", "coach", "--url", &url, "--type", "job.completed"]).await;
        }
        eventually("a webhook is taken", async || (!apps.taken("/takes").is_empty()).then_some(())).await;
        eventually("one is given up", async || self.has("sum(webhooks_given_up_total) > 0").await).await;
    }

    /// Joins, heartbeats, a refusal, a leave, and one who is cut off and expires.
    async fn people_come_and_go(&self) {
        let (node, token) = (&self.roles[3], self.system.token("bob"));
        let mut bob = Socket::joined(node, &token, "lobby", json!({})).await;
        for n in 0..5 {
            bob.ask(json!({"type": "heartbeat", "patchState": {"n": n}})).await;
        }
        let refused = bob.ask(json!({"type": "join", "room": "", "state": {}})).await;
        assert_eq!(refused["ok"], false, "{refused}");
        bob.ask(json!({"type": "leave"})).await;
        Socket::joined(node, &token, "lobby", json!({})).await.cut();
    }

    /// For a while nothing that is made can be stored, so that a job is given up; then nothing at all, so that a request fails.
    async fn jobs_fail(&self, client: &Client) {
        let before = self.limit_messages(TOO_SMALL_FOR_A_PLAN).await;
        let job = eventually("a job is taken", async || generate(client, "given-up").await).await;
        assert_eq!(client.ended(&job).await.status, "dead_lettered");
        self.limit_messages(TOO_SMALL_FOR_A_REQUEST).await;
        eventually("a request fails", async || self.has("sum(rate(api_errors_total[1m])) > 0").await).await;
        self.limit_messages(before).await;
    }

    /// Attempts fail until one is tried again.
    async fn the_model_goes_away(&self) {
        self.model_is_away.store(true, Ordering::Relaxed);
        eventually("an attempt is tried again", async || self.has("sum(job_retries_total) > 0").await).await;
        self.model_is_away.store(false, Ordering::Relaxed);
    }

    async fn has(&self, query: &str) -> Option<()> {
        (!self.prometheus.query(query).await.is_empty()).then_some(())
    }

    /// Sets the largest message that the log takes; what it was.
    async fn limit_messages(&self, bytes: i32) -> i32 {
        let nats = async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap();
        let jetstream = jetstream::new(nats);
        let name = format!("{}_PLANS", self.system.variable("ALLY_PREFIX"));
        let mut config = jetstream.get_stream(name).await.unwrap().cached_info().config.clone();
        let before = std::mem::replace(&mut config.max_message_size, bytes);
        jetstream.update_stream(config).await.unwrap();
        before
    }
}

fn system(model: &FakeModel, receiver: &OtlpReceiver) -> System {
    let mut system = quick();
    quick_webhooks(&mut system);
    let archive = format!("file://{}", system.folder().join("archive").display());
    for (variable, value) in [
        ("PLAN_PROVIDER", "llm"),
        ("LLM_BASE_URL", &model.base_url()),
        ("LLM_API_KEY", "sk-test-0123456789"),
        ("LLM_MODEL", "fake-1"),
        ("LLM_FALLBACK", "fail"),
        ("ARCHIVE_URL", &archive),
        ("ARCHIVE_AFTER_SECONDS", "0"),
        ("ARCHIVE_EVERY_SECONDS", "2"),
        ("NATS_STORE_LIMIT_BYTES", "1099511627776"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()),
        ("OTEL_TRACES_SAMPLER_ARG", "1"),
    ] {
        system.set(variable, value);
    }
    system
}

/// Requests a plan; the job's id, where one was taken.
async fn generate(client: &Client, key: &str) -> Option<String> {
    let request = client.request(Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", key);
    let answer = request.json(&json!({"weeks": DEFAULT_WEEKS})).send().await.ok()?;
    if answer.status() != StatusCode::ACCEPTED {
        return None;
    }
    let body: Value = answer.json().await.ok()?;
    body["jobId"].as_str().map(str::to_owned)
}

/// An athlete who asks for plans and reads them, and one who changes a channel's metadata. What is refused meanwhile is asked again.
async fn live(client: Client, presence: String, token: String, ends: Arc<AtomicBool>) {
    let http = crate::system::http().build().unwrap();
    let mut beat = tokio::time::interval(BEAT);
    let mut n = 0_u32;
    while !ends.load(Ordering::Relaxed) {
        beat.tick().await;
        if let Some(job) = generate(&client, &format!("life-{n}")).await {
            let _ = client.request(Method::GET, &format!("/api/v1/jobs/{job}")).send().await;
        }
        let metadata = json!({"data": [{"key": "turn", "value": n}], "options": {}});
        let path = format!("{presence}/api/v1/presence/channels/room/lobby/metadata");
        let _ = http.request(Method::PUT, path).bearer_auth(&token).json(&metadata).send().await;
        n += 1;
    }
}
