//! News of jobs by server-sent events, over every role: connections break as they do in the field, and each event is seen once.

mod follower;
mod proxy;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use ally_domain::ids::AggregateKind;
use ally_domain::ports::EventLog as _;

use self::follower::{Cut, Follower, sequence};
use self::proxy::Proxy;
use crate::faults::Dice;
use crate::system::{Client, RoleProcess, System, answers, eventually};

/// Jobs that are followed.
const JOBS: usize = 50;
/// Connections that break.
const CUTS: usize = 200;
/// The first bytes of a stream come within this time, also on a busy machine. One that holds them back shows nothing before the first
/// comment, which comes after 15 seconds.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Where a gateway listens.
fn address(gateway: &RoleProcess) -> SocketAddr {
    gateway.http.strip_prefix("http://").unwrap().parse().unwrap()
}

/// The sequences of the events of jobs that the log holds.
async fn logged(system: &System) -> Vec<u64> {
    let log = system.log().await;
    let end = log.last_sequence("PLANS").await.unwrap();
    let mut reader = log.open("PLANS", 0).await.unwrap();
    let mut sequences = Vec::new();
    let mut read = 0;
    while read < end {
        for event in reader.next(256, Duration::from_secs(5)).await.unwrap().events {
            read = event.position.sequence;
            if event.aggregate.kind == AggregateKind::Job {
                sequences.push(read);
            }
        }
    }
    sequences
}

/// Requests jobs one behind the other, so that something happens all the time.
async fn request_jobs(client: Client, first: String) {
    let mut jobs = vec![first];
    while jobs.len() < JOBS {
        jobs.push(client.generate(&format!("job-{}", jobs.len())).await);
        if jobs.len().is_multiple_of(4) {
            client.ended(&jobs[jobs.len() - 3]).await;
        }
    }
    for job in &jobs {
        assert_eq!(client.ended(job).await.status, "completed");
    }
}

/// Breaks a client's connections, half by a clean end and half by a reset, while jobs are made; it sees each event once, in order.
async fn see_each_event_once(system: &System, gateway: &RoleProcess, entries: &[SocketAddr]) {
    let client = system.client(gateway, "amy");
    let mut follower = Follower::new(system.token("amy"));
    let first_bytes = follower.read_until(entries[0], Cut::Clean, usize::MAX).await;
    assert!(first_bytes < AT_ONCE, "the first bytes came after {first_bytes:?}");
    assert!(matches!(follower.seen.as_slice(), [(event, _)] if event == "snapshot"), "{:?}", follower.seen);
    let begin = sequence(&follower.seen.remove(0).1);
    let first = client.onboard(&answers()).await;
    let jobs = tokio::spawn(request_jobs(client.clone(), first));
    let seed = uuid::Uuid::new_v4().as_u64_pair().0;
    println!("seed {seed}");
    let mut random = Dice::new(seed);
    for cut in 0..CUTS {
        let entry = entries[random.below(entries.len())];
        let how = if cut % 2 == 0 { Cut::Clean } else { Cut::Reset };
        follower.read_until(entry, how, 1 + random.below(6_000)).await;
    }
    jobs.await.unwrap();
    let expected: Vec<u64> = logged(system).await.into_iter().filter(|sequence| *sequence > begin).collect();
    assert!(expected.len() >= 2 * JOBS, "{} events", expected.len());
    for _ in 0..expected.len() {
        if follower.last.as_deref().map(sequence) == expected.last().copied() {
            break;
        }
        follower.read_until(entries[0], Cut::Clean, usize::MAX).await;
    }
    let seen: Vec<u64> = follower.seen.iter().map(|(_, id)| sequence(id)).collect();
    let unseen: BTreeSet<_> = expected.iter().filter(|sequence| !seen.contains(sequence)).collect();
    assert_eq!(seen, expected, "seed {seed}; never seen: {unseen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_cut_off_two_hundred_times_sees_each_event_once() {
    let system = System::new();
    let [one, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let [other] = system.start_ready(["gateway"]).await;
    see_each_event_once(&system, &one, &[address(&one), address(&other)]).await;
    system.remove().await;
}

/// A proxy speaks HTTP/1.0 to the gateways, gathers answers, and knows nothing of streams.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_behind_a_proxy_with_default_settings_sees_each_event_once() {
    let system = System::new();
    let [one, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let [other] = system.start_ready(["gateway"]).await;
    let proxy = Proxy::before(&[&one, &other]).await;
    see_each_event_once(&system, &one, &[proxy.address]).await;
    drop(proxy);
    system.remove().await;
}

/// Five hundred streams that a node has open are ended in a moment, each with a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_ends_sends_five_hundred_streams_elsewhere() {
    let mut system = System::new();
    system.set("EVENT_STREAMS_PER_ATHLETE", "0");
    let [gateway, _projector] = system.start_ready(["gateway", "projector"]).await;
    let token = system.token("amy");
    let http = crate::system::http().build().unwrap();
    let mut streams = Vec::new();
    for _ in 0..500 {
        let answer = http.get(format!("{}/api/v1/events", gateway.http)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        streams.push(answer);
    }
    let begun = std::time::Instant::now();
    let ended = tokio::spawn(gateway.terminate());
    for stream in streams {
        let text = stream.text().await.unwrap();
        assert!(text.contains("event: end\n") && text.contains("\"reason\":\"draining\""), "{text}");
    }
    println!("500 streams ended within {:?}", begun.elapsed());
    assert_eq!(ended.await.unwrap(), Some(0));
    system.remove().await;
}

/// The reader of a node rests while nobody follows, and begins again with the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_for_nobody() {
    let system = System::new();
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let mut follower = Follower::new(system.token("amy"));
    follower.read_until(address(&gateway), Cut::Clean, usize::MAX).await;
    eventually("no stream is open", async || {
        gateway.metrics().await.lines().any(|line| line == "event_streams 0").then_some(())
    })
    .await;
    let job = client.onboard(&answers()).await;
    client.ended(&job).await;
    follower.read_until(address(&gateway), Cut::Clean, usize::MAX).await;
    let events: Vec<_> = follower.seen.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(events[..2], ["snapshot", "job"], "what happened meanwhile was missed, and is told");
    system.remove().await;
}

/// What waits for its time stands in the log as well, and no reader is given it: a stream begins all the same, at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_begins_where_the_log_ends_with_what_is_no_event() {
    let system = System::new();
    let [gateway, _onboarding, _projector] = system.start_ready(["gateway", "onboarding", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    eventually("the job is requested", async || (!logged(&system).await.is_empty()).then_some(())).await;
    let nats = async_nats::connect(crate::system::server("ALLY_TEST_NATS_URL")).await.unwrap();
    let jetstream = async_nats::jetstream::new(nats);
    let subject = format!("{}.schedule.PLANS.of-a-test", system.variable("ALLY_PREFIX"));
    let publish = async || jetstream.publish(subject.clone(), "later".into()).await.unwrap().await.unwrap();
    publish().await;
    let mut follower = Follower::new(system.token("amy"));
    follower.read_until(address(&gateway), Cut::Clean, usize::MAX).await;
    assert!(matches!(follower.seen.as_slice(), [(event, _)] if event == "snapshot"), "{job}: {:?}", follower.seen);
    // The reader of the node runs now, and is given nothing of what comes.
    publish().await;
    follower.read_until(address(&gateway), Cut::Clean, usize::MAX).await;
    assert_eq!(follower.seen.len(), 1, "nothing was missed");
    system.remove().await;
}
