//! A server whose store is full: what was accepted before waits and ends when there is room, what is new is refused at
//! once, and everybody says why.

use std::time::{Duration, Instant};

use ally_nats::testing::Server;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::system::{Answer, Client, RoleProcess, System, answers, eventually, server};

const STORE_BYTES: u64 = 3_000_000;
const PIECE_BYTES: usize = 10_000;
const FILLER: &str = "FILLER";

/// An Ally on a server whose store is small.
struct Small {
    system: System,
    nats: Server,
    jetstream: async_nats::jetstream::Context,
}

impl Small {
    async fn start() -> Self {
        let mut system = System::new();
        let nats = Server::prepare(server("ALLY_TEST_NATS_SERVER"), system.folder(), "small", "");
        nats.limit_store(STORE_BYTES);
        nats.start();
        system.set("NATS_URL", &nats.url()).set("ACK_WAIT_MS", "3000").set("MAX_ATTEMPTS", "3");
        let client = eventually("a server", async || async_nats::connect(nats.url()).await.ok()).await;
        let jetstream = async_nats::jetstream::new(client);
        let filler = async_nats::jetstream::stream::Config {
            name: FILLER.to_owned(),
            subjects: vec!["filler".to_owned()],
            ..Default::default()
        };
        eventually("a stream", async || jetstream.create_stream(filler.clone()).await.ok()).await;
        system.apply_streams().await;
        Self { system, nats, jetstream }
    }

    /// Fills the store up to so many percent; the server takes no more than 100.
    async fn fill(&self, percent: u64) {
        let piece = vec![b'x'; PIECE_BYTES];
        while self.jetstream.query_account().await.unwrap().storage < STORE_BYTES * percent / 100 {
            if self.jetstream.publish("filler", piece.clone().into()).await.unwrap().await.is_err() {
                return;
            }
        }
    }

    /// Makes room below the limit, whatever it was overshot by.
    async fn make_some_room(&self) {
        let filler = self.jetstream.get_stream(FILLER).await.unwrap();
        let mut next = filler.get_info().await.unwrap().state.first_sequence;
        while self.jetstream.query_account().await.unwrap().storage + PIECE_BYTES as u64 > STORE_BYTES {
            filler.delete_message(next).await.unwrap();
            next += 1;
        }
    }

    async fn make_all_room(&self) {
        self.jetstream.get_stream(FILLER).await.unwrap().purge().await.unwrap();
    }

    async fn remove(self) {
        // Its streams go with its folder; the database is on the shared server.
        self.nats.kill();
        self.system.remove().await;
    }
}

async fn generate(client: &Client, key: &str) -> Answer {
    let request = client.request(Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", key);
    request.json(&json!({"weeks": 16})).send().await.unwrap()
}

async fn accepted(client: &Client, jobs: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..jobs {
        let answer = generate(client, &format!("key-{n}")).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        ids.push(answer.json::<Value>().await.unwrap()["jobId"].as_str().unwrap().to_owned());
    }
    ids
}

/// Nothing new is taken, and the answer says so at once.
async fn refused(client: &Client) {
    let asked = Instant::now();
    let answer = generate(client, "new").await;
    // An append may be tried for 15 seconds where the answer is not known.
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(answer.json::<Value>().await.unwrap()["type"], "/problems/store-full");
}

const CLOSED: &str = "nothing new is accepted, and at 95 % the workers pause";
const PAUSED: &str = "nothing new is accepted and the workers pause until there is room";

/// Waits until the role says what follows from how full the store is; it is ready all the same.
async fn degraded(role: &RoleProcess, consequence: &str) {
    eventually("degraded", async || {
        let (status, report) = role.health().await;
        let nats = report["components"].as_array().unwrap().iter().find(|part| part["name"] == "nats").unwrap();
        (status == 200 && nats["status"] == "degraded" && nats["reason"].as_str()?.contains(consequence)).then_some(())
    })
    .await;
}

async fn cancel(client: &Client, job: &str) -> String {
    let answer = client.request(Method::POST, &format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    answer.json::<Value>().await.unwrap()["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_before_the_store_was_full_ends_when_there_is_room() {
    let small = Small::start().await;
    let [gateway, projector] = small.system.start_ready(["gateway", "projector"]).await;
    let client = small.system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let jobs = accepted(&client, 7).await;
    small.fill(100).await;
    small.make_some_room().await;

    // Some attempts begin, and their plans find no room: their worker has them in hand.
    let planner = small.system.start("planner").await;
    degraded(&planner, PAUSED).await;
    let running = eventually("a job that waits with its plan", async || {
        for job in &jobs {
            if client.job(job).await.status == "running" {
                return Some(job.clone());
            }
        }
        None
    })
    .await;
    refused(&client).await;
    planner.kill();
    small.make_some_room().await;
    assert_eq!(cancel(&client, &running).await, "cancelling");
    small.fill(100).await;

    let planner = small.system.start("planner").await;
    degraded(&planner, PAUSED).await;
    assert_eq!(client.job(&running).await.status, "cancelling", "its end finds no room");
    small.make_all_room().await;
    assert_eq!(client.ended(&running).await.status, "cancelled");
    for job in jobs.iter().filter(|job| **job != running) {
        let ended = client.ended(job).await;
        assert_eq!(ended.status, "completed", "{ended:?}");
        assert!(ended.attempts <= 2, "the full store counted as an attempt: {ended:?}");
    }
    let answer = generate(&client, "new").await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    for role in [gateway, planner, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    small.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_nine_tenths_on_nothing_new_is_accepted_and_what_was_accepted_goes_on() {
    let mut small = Small::start().await;
    let limit = STORE_BYTES.to_string();
    let port = small.nats.monitoring_port().to_string();
    small.system.set("NATS_STORE_LIMIT_BYTES", &limit).set("NATS_MONITOR_PORT", &port);
    let [gateway, projector] = small.system.start_ready(["gateway", "projector"]).await;
    let client = small.system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let jobs = accepted(&client, 2).await;
    small.fill(91).await;
    degraded(&gateway, CLOSED).await;
    refused(&client).await;
    let metrics = gateway.metrics().await;
    assert!(metrics.contains(&format!("jetstream_storage_limit_bytes {STORE_BYTES}")), "{metrics}");
    let doctor = small.system.command(&["doctor", "--json"]).output().unwrap();
    let findings = String::from_utf8(doctor.stdout).unwrap();
    let store: Value =
        serde_json::from_str(findings.lines().find(|line| line.contains("NATS store")).unwrap()).unwrap();
    assert_eq!(store["well"], false, "{store}");

    let [planner] = small.system.start_ready(["planner"]).await;
    assert_eq!(client.ended(&jobs[0]).await.status, "completed");
    small.fill(96).await;
    degraded(&planner, PAUSED).await;
    small.make_all_room().await;
    eventually("it accepts again", async || {
        (generate(&client, "new").await.status() == StatusCode::ACCEPTED).then_some(())
    })
    .await;
    assert_eq!(client.ended(&jobs[1]).await.status, "completed");
    for role in [gateway, planner, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    small.remove().await;
}
