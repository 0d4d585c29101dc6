//! News of jobs by server-sent events, over every role: connections break as they do in the field, and each event is seen once.

use std::collections::BTreeSet;
use std::time::Duration;

use ally_domain::ids::AggregateKind;
use ally_domain::ports::EventLog as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::faults::Dice;
use crate::system::{Client, RoleProcess, System, answers, eventually};

/// Jobs that are followed.
const JOBS: usize = 50;
/// Connections that break.
const CUTS: usize = 200;
/// A connection without news is left after this time, at the latest.
const QUIET: Duration = Duration::from_millis(30);

/// How a connection is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Clean,
    Reset,
}

/// A client that follows all jobs of an athlete, and is cut off again and again.
struct Follower {
    token: String,
    /// The id of the last event that was read whole.
    last: Option<String>,
    /// Every event, as it came.
    seen: Vec<(String, String)>,
}

impl Follower {
    /// Reads for a while, and leaves; the bytes behind the last whole event are lost.
    async fn read_until(&mut self, gateway: &RoleProcess, cut: Cut, mut bytes_left: usize) {
        let address = gateway.http.strip_prefix("http://").unwrap();
        let mut connection = TcpStream::connect(address).await.unwrap();
        let last = self.last.as_ref().map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head =
            format!("GET /api/v1/events HTTP/1.1\r\nHost: ally\r\nAuthorization: Bearer {}\r\n{last}\r\n", self.token);
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let mut chunk = [0; 4_096];
        while bytes_left > 0 {
            let wanted = bytes_left.min(chunk.len());
            let has_begun = !received.is_empty();
            let Ok(read) = tokio::time::timeout(QUIET, connection.read(&mut chunk[..wanted])).await else {
                // Also on a busy machine the answer comes before it is left.
                if has_begun { break } else { continue }
            };
            let read = read.unwrap();
            assert!(read > 0, "the server ended a stream: {}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&chunk[..read]);
            bytes_left -= read;
        }
        match cut {
            Cut::Clean => connection.shutdown().await.unwrap(),
            Cut::Reset => connection.set_zero_linger().unwrap(),
        }
        self.take(&String::from_utf8_lossy(&received));
    }

    /// Takes what came whole. The answer is chunked: lines of sizes stand between, and no event holds one.
    fn take(&mut self, received: &str) {
        let Some((head, body)) = received.split_once("\r\n\r\n") else { return };
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let text = dechunked(body);
        let Some(end) = text.rfind("\n\n") else { return };
        for block in text[..end].split("\n\n") {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            assert_ne!(field("event: ").as_deref(), Some("resync"), "{block}");
            if let (Some(id), Some(event)) = (field("id: "), field("event: ")) {
                self.last = Some(id.clone());
                self.seen.push((event, id));
            }
        }
    }
}

/// The text of a chunked body, as far as it came.
fn dechunked(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        let whole = rest.get(..size).unwrap_or(rest);
        text.push_str(whole);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    text
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

fn sequence(id: &str) -> u64 {
    id.split_once('-').unwrap().1.parse().unwrap()
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_cut_off_two_hundred_times_sees_each_event_once() {
    let system = System::new();
    let [one, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let [other] = system.start_ready(["gateway"]).await;
    let client = system.client(&one, "amy");
    let mut follower = Follower { token: system.token("amy"), last: None, seen: Vec::new() };
    follower.read_until(&one, Cut::Clean, usize::MAX).await;
    assert!(matches!(follower.seen.as_slice(), [(event, _)] if event == "snapshot"), "{:?}", follower.seen);
    let begin = sequence(&follower.seen.remove(0).1);
    let first = client.onboard(&answers()).await;
    let jobs = tokio::spawn(request_jobs(client.clone(), first));
    let seed = uuid::Uuid::new_v4().as_u64_pair().0;
    println!("seed {seed}");
    let mut random = Dice::new(seed);
    for cut in 0..CUTS {
        let gateway = if random.one_in(2) { &one } else { &other };
        let how = if cut % 2 == 0 { Cut::Clean } else { Cut::Reset };
        follower.read_until(gateway, how, 1 + random.below(6_000)).await;
    }
    jobs.await.unwrap();
    let expected: Vec<u64> = logged(&system).await.into_iter().filter(|sequence| *sequence > begin).collect();
    assert!(expected.len() >= 2 * JOBS, "{} events", expected.len());
    for _ in 0..expected.len() {
        if follower.last.as_deref().map(sequence) == expected.last().copied() {
            break;
        }
        follower.read_until(&one, Cut::Clean, usize::MAX).await;
    }
    let seen: Vec<u64> = follower.seen.iter().map(|(_, id)| sequence(id)).collect();
    let unseen: BTreeSet<_> = expected.iter().filter(|sequence| !seen.contains(sequence)).collect();
    assert_eq!(seen, expected, "seed {seed}; never seen: {unseen:?}");
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
    let mut follower = Follower { token: system.token("amy"), last: None, seen: Vec::new() };
    follower.read_until(&gateway, Cut::Clean, usize::MAX).await;
    eventually("no stream is open", async || {
        gateway.metrics().await.lines().any(|line| line == "event_streams 0").then_some(())
    })
    .await;
    let job = client.onboard(&answers()).await;
    client.ended(&job).await;
    follower.read_until(&gateway, Cut::Clean, usize::MAX).await;
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
    let mut follower = Follower { token: system.token("amy"), last: None, seen: Vec::new() };
    follower.read_until(&gateway, Cut::Clean, usize::MAX).await;
    assert!(matches!(follower.seen.as_slice(), [(event, _)] if event == "snapshot"), "{job}: {:?}", follower.seen);
    // The reader of the node runs now, and is given nothing of what comes.
    publish().await;
    follower.read_until(&gateway, Cut::Clean, usize::MAX).await;
    assert_eq!(follower.seen.len(), 1, "nothing was missed");
    system.remove().await;
}
