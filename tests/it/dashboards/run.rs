//! A run with faults, of every role: plans that the model makes, spoils and leaves to the engine; jobs that are retried and
//! dead-lettered; a paused consumer; an archive that is written; people who come, stay and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ally_handlers::testing::{FakeModel, Reply};
use ally_telemetry::testing::OtlpReceiver;
use async_nats::jetstream;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::model::draft;
use crate::presence::quick;
use crate::presence::socket::Socket;
use crate::prometheus::Prometheus;
use crate::system::{Client, RoleProcess, System, answers, eventually, server};

/// How often something is asked of each role, so that every rate has something to show.
const BEAT: Duration = Duration::from_millis(250);
/// Room for a request and none for a plan.
const TOO_SMALL_FOR_A_PLAN: i32 = 2_600;

/// The running system, and the Prometheus that watches it.
pub struct Run {
    pub prometheus: Prometheus,
    system: System,
    roles: Vec<RoleProcess>,
    life: JoinHandle<()>,
    ends: Arc<AtomicBool>,
    _model: FakeModel,
    _receiver: OtlpReceiver,
}

impl Run {
    pub async fn start() -> Self {
        // Of seven answers one is none of a plan, which goes back, and one is a fault of the endpoint, for which the engine stands in.
        let model = FakeModel::start(|n, _| match n % 7 {
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
        let life = tokio::spawn(live(client.clone(), roles[3].http.clone(), system.token("amy"), ends.clone()));
        let run = Self { prometheus, system, roles, life, ends, _model: model, _receiver: receiver };
        run.people_come_and_go().await;
        run.jobs_fail(&client).await;
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

    /// Nothing that is made can be stored for a while: each job is tried again and then given up.
    async fn jobs_fail(&self, client: &Client) {
        let before = self.limit_messages(TOO_SMALL_FOR_A_PLAN).await;
        let job = client.generate("given-up").await;
        assert_eq!(client.ended(&job).await.status, "dead_lettered");
        self.limit_messages(before).await;
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
    let archive = format!("file://{}", system.folder().join("archive").display());
    for (variable, value) in [
        ("PLAN_PROVIDER", "llm"),
        ("LLM_BASE_URL", &model.base_url()),
        ("LLM_API_KEY", "sk-test-0123456789"),
        ("LLM_MODEL", "fake-1"),
        // Tried again once, at once.
        ("MAX_ATTEMPTS", "2"),
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

/// An athlete who asks for plans and reads them, and a member who sends heartbeats and changes the room's metadata.
async fn live(client: Client, presence: String, token: String, ends: Arc<AtomicBool>) {
    let http = crate::system::http().build().unwrap();
    let mut beat = tokio::time::interval(BEAT);
    let mut n = 0_u32;
    while !ends.load(Ordering::Relaxed) {
        beat.tick().await;
        let key = format!("life-{n}");
        let job = client.generate(&key).await;
        client.job(&job).await;
        let metadata = json!({"data": [{"key": "turn", "value": n}], "options": {}});
        let path = format!("{presence}/api/v1/presence/channels/room/lobby/metadata");
        let answer = http.request(Method::PUT, path).bearer_auth(&token).json(&metadata).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        n += 1;
    }
}
