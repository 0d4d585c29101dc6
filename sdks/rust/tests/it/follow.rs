//! Streams that break.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ally_sdk::{Ally, Error, Follow, JobNews, JobNewsItem, ProblemKind, Token};
use serde_json::json;

use super::double::{Answer, Asked, Double, Ends, JOB, job, message};

const JOBS: u32 = 8;

fn id(number: u32) -> String {
    format!("log-{number}")
}

fn event(number: u32) -> String {
    let mut job = job("running", false);
    job["progress"] = json!(number);
    let data = json!({"type": "job.progressed", "id": id(number), "at": "2026-11-27T08:30:02Z", "job": job});
    message("job", &data, Some(&id(number)))
}

fn ended() -> String {
    message("end", &json!({"type": "end", "reason": "job_ended"}), None)
}

/// A stream of all events behind the last id.
fn resumed(asked: &Asked) -> String {
    let last = asked.header("last-event-id");
    let after: u32 = last.map_or(0, |last| last.trim_start_matches("log-").parse().unwrap());
    let events: String = (after + 1..=JOBS).map(event).collect();
    format!("retry: 5\n{events}{}", ended())
}

async fn all(mut stream: Follow) -> Result<Vec<JobNewsItem>, Error> {
    let mut found = Vec::new();
    while let Some(item) = stream.next().await {
        found.push(item?);
    }
    Ok(found)
}

async fn ids(stream: Follow) -> Vec<Option<String>> {
    all(stream).await.unwrap().into_iter().map(|item| item.id).collect()
}

fn expected(from: u32) -> Vec<Option<String>> {
    (from..=JOBS).map(|number| Some(id(number))).collect()
}

#[tokio::test]
async fn each_event_is_seen_once_and_in_order_wherever_connections_are_cut() {
    for ends in [Ends::Clean, Ends::Reset] {
        let double = Double::serve(move |asked, count| {
            let mut body = resumed(asked);
            if count >= 14 {
                return Answer::events(body);
            }
            // Each connection gets a little further than an event, by a length that no event has.
            body.truncate(350 + count * 7);
            Answer::events(body).in_pieces(1 + count % 5).ends(ends)
        })
        .await;
        assert_eq!(ids(double.client().follow_job(JOB).attempts(50)).await, expected(1));
        assert!(double.asked().len() > 3, "{:?}", double.asked());
        assert_eq!(double.headers("authorization")[0].as_deref(), Some("Bearer token"));
    }
}

#[tokio::test]
async fn a_refusal_for_now_is_waited_out_as_long_as_the_server_says() {
    let double = Double::serve(|asked, count| match count {
        1 => Answer::problem(429, "rate-limited").header("retry-after", "1"),
        2 => Answer::problem(503, "overloaded").header("retry-after", "0"),
        _ => Answer::events(resumed(asked)),
    })
    .await;
    let begun = Instant::now();
    assert_eq!(ids(double.client().follow_job(JOB)).await, expected(1));
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is obeyed");
    assert_eq!(double.asked().len(), 3);
}

#[tokio::test]
async fn an_answer_without_content_ends_it() {
    let double = Double::in_turn([Answer::new(204, "text/plain", "")]).await;
    assert!(ids(double.client().follow_job(JOB).last_event_id("log-8")).await.is_empty());
    assert_eq!(double.headers("last-event-id"), [Some("log-8".to_owned())]);
}

#[tokio::test]
async fn an_end_with_a_time_is_come_back_from_with_the_last_id() {
    let double = Double::serve(|asked, count| {
        let end = message("end", &json!({"type": "end", "reason": "draining", "reconnectAfterMs": 1}), None);
        Answer::events(if count == 1 { event(1) + &end } else { resumed(asked) })
    })
    .await;
    assert_eq!(ids(double.client().follow_jobs()).await, expected(1));
    assert_eq!(double.headers("last-event-id"), [None, Some(id(1))]);
    assert_eq!(double.asked()[1].path, "/api/v1/events");
}

#[tokio::test]
async fn after_a_resync_the_last_id_is_forgotten() {
    let double = Double::serve(|asked, count| {
        let resync = message("resync", &json!({"type": "resync", "reason": "unknown_position"}), None);
        match count {
            1 => Answer::events(format!("retry: 5\n{resync}")).ends(Ends::Clean),
            _ => Answer::events(resumed(asked)),
        }
    })
    .await;
    let seen = all(double.client().follow_job(JOB).last_event_id("other-9")).await.unwrap();
    assert!(matches!(seen[0].news, JobNews::Resync(_)), "{:?}", seen[0]);
    assert_eq!(seen.len(), 1 + JOBS as usize);
    assert_eq!(double.headers("last-event-id"), [Some("other-9".to_owned()), None]);
}

#[tokio::test]
async fn events_of_another_kind_are_left_out_and_their_ids_count() {
    let double = Double::serve(|asked, count| {
        let weather = message("weather", &json!({"rain": true}), Some("log-3"));
        match count {
            1 => Answer::events(format!("retry: 5\n{weather}")).ends(Ends::Clean),
            _ => Answer::events(resumed(asked)),
        }
    })
    .await;
    assert_eq!(ids(double.client().follow_job(JOB)).await, expected(4));
    assert_eq!(double.headers("last-event-id")[1].as_deref(), Some("log-3"));
}

#[tokio::test]
async fn news_of_a_newer_server_is_there_as_it_came() {
    let data =
        json!({"type": "job.admired", "id": "log-8", "at": "2026-11-27T08:30:02Z", "job": job("completed", true)});
    let double = Double::in_turn([Answer::events(message("job", &data, Some("log-8")) + &ended())]).await;
    let seen = all(double.client().follow_job(JOB)).await.unwrap();
    assert!(matches!(seen[0].news, JobNews::Newer), "{seen:?}");
    assert_eq!((seen[0].kind.as_str(), &seen[0].data), ("job.admired", &data));
}

#[tokio::test]
async fn a_refusal_for_good_is_handed_on_at_once() {
    for (status, kind, expected) in
        [(401, "unauthorized", ProblemKind::Unauthorized), (404, "not-found", ProblemKind::NotFound)]
    {
        let double = Double::in_turn([Answer::problem(status, kind)]).await;
        let refused = all(double.client().follow_job(JOB)).await;
        assert!(matches!(&refused, Err(Error::Problem(problem)) if problem.kind() == expected), "{refused:?}");
    }
}

#[tokio::test]
async fn a_silent_stream_is_left_and_failures_without_end_are_handed_on() {
    let double = Double::serve(|_, _| Answer::events("retry: 5\n\n").ends(Ends::Never)).await;
    let mut stream = double.client().follow_job(JOB).attempts(3).silence(Duration::from_millis(50));
    let failed = stream.next().await;
    assert!(matches!(&failed, Some(Err(Error::Stream(reason))) if reason.contains("silent")), "{failed:?}");
    assert!(stream.next().await.is_none(), "it has ended");
    assert_eq!(double.asked().len(), 3);
}

#[tokio::test]
async fn a_silent_stream_is_left_though_each_call_is_dropped_before() {
    let double = Double::serve(|asked, count| match count {
        1 => Answer::events(event(1)).ends(Ends::Never),
        _ => Answer::events(resumed(asked)),
    })
    .await;
    let mut stream = double.client().follow_job(JOB).silence(Duration::from_millis(300));
    assert_eq!(stream.next().await.unwrap().unwrap().id, Some(id(1)));
    let begun = Instant::now();
    let seen = loop {
        if let Ok(item) = tokio::time::timeout(Duration::from_millis(100), stream.next()).await {
            break item.unwrap().unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the silence begins anew with each call");
    };
    assert_eq!((seen.id, double.asked().len()), (Some(id(2)), 2));
}

#[tokio::test]
async fn a_refusal_whose_body_never_ends_is_a_failure() {
    let double =
        Double::serve(|_, _| Answer::problem(503, "draining").header("retry-after", "0").ends(Ends::Never)).await;
    let mut stream = double.client().follow_job(JOB).attempts(1).silence(Duration::from_millis(50));
    let failed = stream.next().await;
    assert!(matches!(&failed, Some(Err(Error::Stream(reason))) if reason.contains("503")), "{failed:?}");
}

#[tokio::test]
async fn a_token_is_asked_for_anew_with_each_connection() {
    let double = Double::serve(|asked, count| match count {
        1 => Answer::problem(503, "draining"),
        _ => Answer::events(resumed(asked)),
    })
    .await;
    let count = AtomicU32::new(0);
    let token = Token::from_fn(move || format!("token-{}", count.fetch_add(1, Ordering::Relaxed)));
    let http = reqwest::ClientBuilder::new().no_proxy().build().unwrap();
    let ally = Ally::builder(&double.url, token).http(http).build().unwrap();
    ids(ally.follow_job(JOB)).await;
    assert_eq!(double.headers("authorization"), ["token-0", "token-1"].map(|token| Some(format!("Bearer {token}"))));
}
