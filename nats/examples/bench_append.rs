//! Appends per second through the event store, beside what the bare protocol gives on the same server in the same run.
//!
//! `bench_append nats://host:port [seconds [replicas]]` prints one line of JSON. The server should flush before each ack
//! (`jetstream { sync_interval: always }`); without that the figures say nothing about durable appends. Three replicas need
//! a cluster; it is reached by the first of the addresses.
//!
//! What a whole job costs is measured from outside: `docs/bench/README.md`.
//!
//! Raw messages carry the headers that the store's have, but no expectations: the comparison favours them.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measuring program: it prints its result and dies of any failure"
)]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ally_domain::event_data::{EncodedEvent, EventType};
use ally_domain::ports::EventStore;
use ally_domain::testing::conformance::{new_append, new_context, new_job};
use ally_nats::names::StreamName;
use ally_nats::{JetStream, NatsConfig, NatsEventStore, Replicas, Upcasters};
use async_nats::jetstream::{self, Context};
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use serde_json::json;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAYLOAD_BYTES: usize = 400;
const PIPELINE: usize = 512;
const BATCH: usize = 200;
/// So many that what the machine does beside it evens out: single rounds differ by a fifth.
const ROUNDS: usize = 11;
const LOADED_JOBS: usize = 200;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let url = args.next().expect("usage: bench_append nats://host:port [seconds per measurement [replicas]]");
    let time =
        Duration::from_secs_f64(args.next().map_or(0.8, |seconds| seconds.parse().expect("a number of seconds")));
    let replicas = args.next().map_or(1_usize, |replicas| replicas.parse().expect("1 or 3 replicas"));
    let prefix = format!("b{}", &uuid::Uuid::now_v7().simple().to_string()[12..]);
    let jetstream = JetStream::connect(NatsConfig { prefix, ..NatsConfig::new(&url) }).await.unwrap();
    jetstream.apply_streams(Replicas::Exactly(replicas)).await.unwrap();
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let raw = jetstream::new(async_nats::connect(url.split(',').next().unwrap()).await.unwrap());

    let mut figures: [Vec<Figure>; 6] = Default::default();
    through_store(&store, 16, time / 3).await;
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        // In turn, so that a slow moment of the machine meets all of them.
        figures[0].push(one_at_a_time(&raw, &jetstream, time).await);
        figures[1].push(through_store(&store, 1, time).await);
        figures[2].push(pipelined(&raw, &jetstream, time).await);
        figures[3].push(through_store(&store, 16, time).await);
        figures[4].push(batches(&raw, &jetstream, time).await);
        figures[5].push(through_store(&store, 256, time).await);
    }
    // Other work on the machine slows a whole round: ratios are taken within each.
    let of_each_round = |ratio: fn(&Figure, &Figure) -> f64, a: usize, b: usize| {
        let mut ratios: Vec<_> = figures[a].iter().zip(&figures[b]).map(|(a, b)| ratio(a, b)).collect();
        ratios.sort_by(f64::total_cmp);
        (ratios[ratios.len() / 2] * 100.0).round() / 100.0
    };
    let to_batches = of_each_round(|a, b| a.rate / b.rate, 5, 4);
    let to_pipelined = of_each_round(|a, b| a.rate / b.rate, 5, 2);
    let to_single = of_each_round(|a, b| a.p50.as_secs_f64() / b.p50.as_secs_f64(), 1, 0);
    let [single, store_1, pipelined, store_16, batches, store_256] = figures.map(median);
    let load = load(&store).await;
    let version = raw.client().server_info().version;
    println!(
        "{}",
        json!({
            "bench": "append", "server": version, "payload_bytes": PAYLOAD_BYTES, "replicas": replicas, "rounds": ROUNDS,
            "store_per_second": { "1": store_1.rate(), "16": store_16.rate(), "256": store_256.rate() },
            "raw_per_second": { "one_at_a_time": single.rate(), "pipelined": pipelined.rate(), "batches_of_200": batches.rate() },
            "latency_ms_p50": { "store_1": store_1.p50_ms(), "store_16": store_16.p50_ms(), "store_256": store_256.p50_ms(), "raw_one_at_a_time": single.p50_ms(), "load_8_events": load.p50_ms() },
            "ratios": {
                "store_256_to_batches_of_200": to_batches,
                "store_256_to_pipelined": to_pipelined,
                "store_1_latency_to_one_at_a_time": to_single,
            },
        })
    );
    for stream in StreamName::ALL {
        raw.delete_stream(jetstream.names().stream(stream)).await.unwrap();
    }
}

#[derive(Debug, Clone, Copy)]
struct Figure {
    rate: f64,
    p50: Duration,
}

impl Figure {
    fn new(began: Instant, count: u64, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        let p50 = latencies.get(latencies.len() / 2).copied().unwrap_or_default();
        Self { rate: count as f64 / began.elapsed().as_secs_f64(), p50 }
    }

    fn rate(self) -> u64 {
        self.rate as u64
    }

    fn p50_ms(self) -> f64 {
        (self.p50.as_secs_f64() * 1e6).round() / 1e3
    }
}

fn median(mut figures: Vec<Figure>) -> Figure {
    figures.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    figures[figures.len() / 2]
}

fn payload() -> Box<serde_json::value::RawValue> {
    serde_json::value::to_raw_value(&json!({ "filler": "x".repeat(PAYLOAD_BYTES - 13) })).unwrap()
}

/// Each appender appends the first event of a new job, waits for the answer, and does it again.
async fn through_store(store: &NatsEventStore, appenders: usize, time: Duration) -> Figure {
    let (began, count) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..appenders)
        .map(|_| {
            let (store, count) = (store.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let (data, mut latencies) = (payload(), Vec::new());
                while began.elapsed() < time {
                    let event =
                        EncodedEvent { event_type: EventType::new("plan_job", "requested", 1), data: data.clone() };
                    let sent = Instant::now();
                    store.append(new_append(&new_job(), 0, vec![event])).await.unwrap();
                    latencies.push(sent.elapsed());
                    count.fetch_add(1, Ordering::Relaxed);
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    Figure::new(began, count.load(Ordering::Relaxed), latencies)
}

/// Aggregates like a finished job's, read one after the other from behind everything that was appended before.
async fn load(store: &NatsEventStore) -> Figure {
    let (data, mut jobs) = (payload(), Vec::new());
    for _ in 0..LOADED_JOBS {
        let event = EncodedEvent { event_type: EventType::new("plan_job", "progressed", 1), data: data.clone() };
        let job = new_job();
        store.append(new_append(&job, 0, vec![event; 8])).await.unwrap();
        jobs.push(job);
    }
    let (began, mut latencies) = (Instant::now(), Vec::new());
    for job in &jobs {
        let asked = Instant::now();
        assert_eq!(store.load(job).await.unwrap().events.len(), 8);
        latencies.push(asked.elapsed());
    }
    Figure::new(began, LOADED_JOBS as u64, latencies)
}

fn message(jetstream: &JetStream, data: &str) -> (String, HeaderMap, Bytes) {
    let (job, context) = (new_job(), new_context());
    let id = format!("{}:1", context.command_id);
    let subject = format!("job/{}", job.id);
    let headers = [
        ("Nats-Msg-Id", id.as_str()),
        ("ce-id", id.as_str()),
        ("ce-type", "plan_job.requested.v1"),
        ("ce-source", "/ally"),
        ("ce-subject", subject.as_str()),
        ("ce-time", "2026-01-02T03:04:05.678Z"),
        ("ce-specversion", "1.0"),
        ("content-type", "application/json"),
        ("ally-correlation", context.correlation.as_str()),
        ("ally-causation", "PLANS:1"),
        ("ally-actor", "athlete:amy"),
    ];
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(name, value);
    }
    (jetstream.names().event(&job, "requested"), map, Bytes::from(data.to_owned()))
}

async fn one_at_a_time(raw: &Context, jetstream: &JetStream, time: Duration) -> Figure {
    let (data, began, mut latencies) = (payload(), Instant::now(), Vec::new());
    while began.elapsed() < time {
        let (subject, headers, payload) = message(jetstream, data.get());
        let sent = Instant::now();
        raw.publish_with_headers(subject, headers, payload).await.unwrap().await.unwrap();
        latencies.push(sent.elapsed());
    }
    Figure::new(began, latencies.len() as u64, latencies)
}

async fn pipelined(raw: &Context, jetstream: &JetStream, time: Duration) -> Figure {
    let (data, began, mut acks, mut count) = (payload(), Instant::now(), VecDeque::new(), 0);
    while began.elapsed() < time {
        let (subject, headers, payload) = message(jetstream, data.get());
        acks.push_back(raw.publish_with_headers(subject, headers, payload).await.unwrap());
        if acks.len() >= PIPELINE {
            acks.pop_front().unwrap().await.unwrap();
            count += 1;
        }
    }
    for ack in acks {
        ack.await.unwrap();
        count += 1;
    }
    Figure::new(began, count, Vec::new())
}

async fn batches(raw: &Context, jetstream: &JetStream, time: Duration) -> Figure {
    let (data, began, client, mut latencies) = (payload(), Instant::now(), raw.client(), Vec::new());
    while began.elapsed() < time {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let sent = Instant::now();
        for n in 1..=BATCH {
            let (subject, mut headers, payload) = message(jetstream, data.get());
            headers.insert("Nats-Batch-Id", id.as_str());
            headers.insert("Nats-Batch-Sequence", HeaderValue::from(n));
            if n < BATCH {
                client.publish_with_headers(subject, headers, payload).await.unwrap();
            } else {
                headers.insert("Nats-Batch-Commit", "1");
                let answer = client.request_with_headers(subject, headers, payload).await.unwrap();
                assert!(!String::from_utf8_lossy(&answer.payload).contains("error"), "{answer:?}");
            }
        }
        latencies.push(sent.elapsed());
    }
    Figure::new(began, (latencies.len() * BATCH) as u64, latencies)
}
