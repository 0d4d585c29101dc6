//! The events of jobs, as they come by themselves.

use std::sync::LazyLock;
use std::time::Duration;

use ally_api::StreamLimits;
use ally_api::testing::{Conformance, MessageConformance};
use ally_domain::job::JobCommand;
use ally_domain::ports::Clock as _;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::harness::{Ally, Event, EventStream, Setup, body, header, problem};

static OPENAPI: LazyLock<Conformance> = LazyLock::new(Conformance::new);
static ASYNCAPI: LazyLock<MessageConformance> = LazyLock::new(MessageConformance::of_gateway);

/// Where an event is not as both documents describe it.
fn differences(event: &Event) -> Vec<String> {
    let mut found = OPENAPI.differences_from("JobNews", &event.data);
    found.extend(ASYNCAPI.differences_with_headers(&event.name, &event.fields(), &event.data));
    found
}

async fn get(ally: &Ally, path: &str, athlete: &str, last: Option<&str>) -> Response {
    let request = ally.request(Method::GET, path, athlete);
    let request = match last {
        Some(last) => request.header("last-event-id", last),
        None => request,
    };
    request.send().await.unwrap()
}

async fn follow(ally: &Ally, path: &str, last: Option<&str>) -> EventStream {
    EventStream::of(get(ally, path, "amy", last).await, differences)
}

fn of_job(job: &str) -> String {
    format!("/api/v1/jobs/{job}/events")
}

/// Requests a plan; the job's id.
async fn request(ally: &Ally, athlete: &str) -> String {
    let accepted = body(ally.post("/api/v1/plans/generate", athlete, &json!({})).await).await;
    accepted["jobId"].as_str().unwrap().to_owned()
}

async fn retry(ally: &Ally, job: &str) {
    let retry_at = ally.clock.now() + Duration::from_secs(5);
    let reason = "no answer".to_owned();
    ally.work(job, JobCommand::FailAttempt { attempt: 1, reason, retry_at, attempts_left: 4 }).await;
}

fn kind(event: &Event) -> &str {
    event.data["type"].as_str().unwrap()
}

#[tokio::test]
async fn a_job_is_told_from_where_it_stands_to_its_end() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let mut stream = follow(&ally, &of_job(&job), None).await;
    let snapshot = stream.next().await;
    assert_eq!(snapshot.name, "snapshot");
    assert!(snapshot.retry.is_some(), "a client that is cut off knows when to come back");
    assert_eq!(snapshot.data["jobs"][0], body(ally.get(&format!("/api/v1/jobs/{job}"), "amy").await).await);
    ally.begin(&job).await;
    let plan = ally.complete(&job, "amy").await;
    let (started, completed) = (stream.next().await, stream.next().await);
    assert_eq!((kind(&started), kind(&completed)), ("job.started", "job.completed"));
    assert_eq!(started.id.as_deref(), started.data["id"].as_str());
    assert_eq!(completed.data["job"], body(ally.get(&format!("/api/v1/jobs/{job}"), "amy").await).await);
    assert_eq!(completed.data["job"]["planId"], plan);
    let end = stream.next().await;
    assert_eq!((end.name.as_str(), &end.data), ("end", &json!({"type": "end", "reason": "job_ended"})));
    assert_eq!(stream.block().await, None);

    let path = of_job(&job);
    let known = get(&ally, &path, "amy", completed.id.as_deref()).await;
    assert_eq!(known.status(), StatusCode::NO_CONTENT, "browsers come back no more");
    let mut again = follow(&ally, &path, started.id.as_deref()).await;
    assert_eq!(again.next().await.id, completed.id);
    assert_eq!(again.next().await.name, "end");
    let mut late = follow(&ally, &path, None).await;
    assert_eq!(late.next().await.data["jobs"][0]["status"], "completed");
    assert_eq!(late.next().await.data["reason"], "job_ended");
}

#[tokio::test]
async fn what_was_missed_is_told_wherever_the_connection_broke() {
    let ally = Ally::start().await;
    let first = ally.onboarded("amy").await;
    let mut stream = follow(&ally, "/api/v1/events", None).await;
    let mut seen = vec![stream.next().await];
    assert_eq!(seen[0].data["jobs"][0]["jobId"], first);
    let second = request(&ally, "amy").await;
    ally.onboarded("bea").await;
    ally.begin(&second).await;
    ally.begin(&first).await;
    ally.complete(&first, "amy").await;
    retry(&ally, &second).await;
    let third = request(&ally, "amy").await;
    ally.post(&format!("/api/v1/jobs/{third}/cancel"), "amy", &json!({})).await;
    let told = [
        ("job.requested", &second),
        ("job.started", &second),
        ("job.started", &first),
        ("job.completed", &first),
        ("job.attempt_failed", &second),
        ("job.requested", &third),
        ("job.cancelled", &third),
    ];
    for (event_type, job) in told {
        let event = stream.next().await;
        assert_eq!((kind(&event), event.data["job"]["jobId"].as_str()), (event_type, Some(job.as_str())));
        seen.push(event);
    }
    for (known, event) in seen.iter().enumerate() {
        let mut back = follow(&ally, "/api/v1/events", event.id.as_deref()).await;
        for missed in &seen[known + 1..] {
            let told = back.next().await;
            assert_eq!((&told.id, &told.data), (&missed.id, &missed.data));
        }
        let one = follow(&ally, &of_job(&second), event.id.as_deref()).await;
        drop(one);
    }
    // By the address as well, for those who cannot send the header; and the header counts first.
    let path = format!("/api/v1/events?lastEventId={}", seen[0].id.as_deref().unwrap());
    assert_eq!(follow(&ally, &path, None).await.next().await.id, seen[1].id);
    assert_eq!(follow(&ally, &path, seen[5].id.as_deref()).await.next().await.id, seen[6].id);
}

#[tokio::test]
async fn an_id_that_tells_nothing_begins_afresh() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let known = follow(&ally, "/api/v1/events", None).await.next().await.id.unwrap();
    let log = known.split_once('-').unwrap().0.to_owned();
    for path in ["/api/v1/events".to_owned(), of_job(&job)] {
        for wrong in ["nonsense", "00000000-1", &format!("{log}-999999"), &format!("{log}-18446744073709551616")] {
            let mut stream = follow(&ally, &path, Some(wrong)).await;
            let resync = stream.next().await;
            let expected = json!({"type": "resync", "reason": "unknown_position"});
            assert_eq!((resync.name.as_str(), &resync.data, &resync.id), ("resync", &expected, &None), "{wrong}");
            let snapshot = stream.next().await;
            assert_eq!(snapshot.data["jobs"][0]["jobId"], job, "{wrong}");
            assert!(snapshot.id.is_some());
        }
    }
}

#[tokio::test]
async fn a_dead_letter_ends_a_jobs_stream_and_its_way_back_is_told_to_the_athlete() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let reason = "the model is gone".to_owned();
    ally.work(&job, JobCommand::DeadLetter { reason, fingerprint: "f".into() }).await;
    let mut own = follow(&ally, &of_job(&job), None).await;
    assert_eq!(own.next().await.data["jobs"][0]["status"], "dead_lettered");
    assert_eq!(own.next().await.data["reason"], "job_ended");
    let mut all = follow(&ally, "/api/v1/events", None).await;
    assert_eq!(all.next().await.data["jobs"][0]["status"], "dead_lettered");
    ally.work(&job, JobCommand::Redrive { note: "it is back".into() }).await;
    assert_eq!(kind(&all.next().await), "job.redriven");
}

#[tokio::test]
async fn a_stream_has_no_jobs_of_others() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    problem(get(&ally, &of_job(&job), "bea", None).await, 404, "not-found").await;
    problem(get(&ally, &of_job("no-such-job"), "amy", None).await, 404, "not-found").await;
    let token = ally.server.get(&of_job(&job)).await;
    problem(token, 401, "unauthorized").await;
    let mut bea = EventStream::of(get(&ally, "/api/v1/events", "bea", None).await, differences);
    assert_eq!(bea.next().await.data["jobs"], json!([]));
    ally.begin(&job).await;
    let own = ally.onboarded("bea").await;
    assert_eq!(bea.next().await.data["job"]["jobId"], own, "and nothing of amy's");
}

#[tokio::test]
async fn as_many_streams_as_may_be_and_no_more() {
    let streams = StreamLimits { per_athlete: 2, in_all: 3, ..StreamLimits::default() };
    let ally = Ally::with(Setup { streams, ..Setup::default() }).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = follow(&ally, "/api/v1/events", None).await;
        stream.next().await;
        open.push(stream);
    }
    let refused = get(&ally, "/api/v1/events", "amy", None).await;
    assert!(header(&refused, "retry-after").is_some());
    let told = problem(refused, 429, "rate-limited").await;
    assert!(told["detail"].as_str().unwrap().contains("of this athlete"), "{told}");
    let bea = get(&ally, "/api/v1/events", "bea", None).await;
    assert_eq!(bea.status(), StatusCode::OK);
    let told = problem(get(&ally, "/api/v1/events", "cyd", None).await, 429, "rate-limited").await;
    assert!(told["detail"].as_str().unwrap().contains("of this server"), "{told}");
    drop(open.pop());
    // The server sees that the client is gone; then there is a place again.
    loop {
        let again = get(&ally, "/api/v1/events", "amy", None).await;
        if again.status() == StatusCode::OK {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_that_ends_sends_its_clients_elsewhere() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let mut streams = Vec::new();
    for path in ["/api/v1/events".to_owned(), of_job(&job)] {
        let mut stream = follow(&ally, &path, None).await;
        stream.next().await;
        streams.push(stream);
    }
    ally.server.stop.cancel();
    for mut stream in streams {
        let end = stream.next().await;
        assert_eq!((end.name.as_str(), &end.data["reason"]), ("end", &json!("draining")));
        assert!(end.data["reconnectAfterMs"].as_u64().is_some_and(|after| after < 5_000));
        assert_eq!(end.data["reconnectAfterMs"].as_u64(), end.retry);
        assert_eq!(stream.block().await, None);
    }
}

#[tokio::test]
async fn a_stream_is_no_older_than_its_token() {
    let ally = Ally::start().await;
    let token = ally_api::mint(&crate::harness::auth(), "amy", ally.clock.now(), Duration::from_secs(1), &[]);
    let request = ally.server.request(Method::GET, "/api/v1/events").bearer_auth(token.unwrap());
    let mut stream = EventStream::of(request.send().await.unwrap(), differences);
    stream.next().await;
    assert_eq!(stream.next().await.data["reason"], "too_old");
}

#[tokio::test]
async fn what_has_nothing_to_tell_sends_comments() {
    let streams = StreamLimits { comment_every: Duration::from_millis(20), ..StreamLimits::default() };
    let ally = Ally::with(Setup { streams, ..Setup::default() }).await;
    let mut stream = follow(&ally, "/api/v1/events", None).await;
    stream.next().await;
    assert_eq!(stream.block().await.as_deref(), Some(":"));
}

#[tokio::test]
async fn a_view_that_is_behind_is_said_and_not_guessed() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.views.fail(Some("no route to host"));
    problem(get(&ally, "/api/v1/events", "amy", None).await, 503, "unavailable").await;
    let mut own = follow(&ally, &of_job(&job), None).await;
    assert_eq!(own.next().await.data["jobs"][0]["status"], json!("queued"), "one job is told from the log alone");
}
