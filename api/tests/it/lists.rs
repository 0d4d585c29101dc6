//! Listings: pages, filters, and cursors that lead nowhere else.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, all_answers, body, composed, fields, problem};

const JOBS: &str = "/api/v1/jobs";

async fn requested(ally: &Ally, athlete: &str) -> String {
    ally.clock.forward(Duration::from_secs(1));
    body(ally.post("/api/v1/plans/generate", athlete, &json!({})).await).await["jobId"].as_str().unwrap().to_owned()
}

/// Everything that a listing holds, page by page.
async fn whole(ally: &Ally, path: &str, list: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = body(ally.get(&format!("{path}{cursor}"), "amy").await).await;
        all.extend(page[list].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn ids(jobs: &[Value]) -> Vec<&str> {
    jobs.iter().map(|job| job["jobId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn jobs_are_listed_newest_first_a_page_at_a_time() {
    let ally = Ally::start().await;
    let mut made = vec![ally.onboarded("amy").await];
    ally.onboarded("bea").await;
    for _ in 0..6 {
        made.push(requested(&ally, "amy").await);
    }
    requested(&ally, "bea").await;
    made.reverse();
    for limit in [1, 2, 3, 7, 20] {
        let listed = whole(&ally, &format!("{JOBS}?limit={limit}"), "items").await;
        assert_eq!(ids(&listed), made, "in pages of {limit}");
    }
    let page = body(ally.get(&format!("{JOBS}?limit=7"), "amy").await).await;
    assert!(page.get("next").is_none(), "what ends with the page has no next one");
    let one = body(ally.get(&format!("{JOBS}/{}", made[0]), "amy").await).await;
    assert_eq!(page["items"][0], one, "a job in a list is what it is by itself");
    assert_eq!(body(ally.get(JOBS, "cleo").await).await, json!({"items": []}));
}

#[tokio::test]
async fn jobs_are_filtered_by_status_and_by_time() {
    let ally = Ally::start().await;
    let first = ally.onboarded("amy").await;
    let (second, third) = (requested(&ally, "amy").await, requested(&ally, "amy").await);
    ally.begin(&first).await;
    ally.complete(&first, "amy").await;
    ally.begin(&second).await;
    let of = |query: &str| {
        let path = format!("{JOBS}?{query}");
        let ally = &ally;
        async move { body(ally.get(&path, "amy").await).await["items"].as_array().unwrap().clone() }
    };
    assert_eq!(ids(&of("status=completed").await), [&first]);
    assert_eq!(ids(&of("status=queued,running").await), [&third, &second]);
    assert_eq!(ids(&of("status=queued&status=completed").await), [&third, &first]);
    assert_eq!(of("status=failed").await, Vec::<Value>::new());
    // They were requested at 08:00:00, 08:00:01 and 08:00:02.
    assert_eq!(ids(&of("since=2026-11-20T08:00:01Z").await), [&third, &second]);
    assert_eq!(ids(&of("until=2026-11-20T08:00:01Z").await), [&first]);
    assert_eq!(ids(&of("since=2026-11-20T08:00:01Z&until=2026-11-20T08:00:02Z").await), [&second]);
    let wrong = format!("{JOBS}?status=lost&since=yesterday&until=now&limit=0&cursor=x&position=1");
    let told = problem(ally.get(&wrong, "amy").await, 400, "validation").await;
    assert_eq!(fields(&told), ["status", "since", "until", "limit", "cursor", "position"]);
    let statuses = told["errors"][0]["expected"].as_str().unwrap();
    assert!(statuses.contains("dead_lettered"), "{statuses}");
}

#[tokio::test]
async fn a_cursor_is_sealed_and_belongs_to_one_listing_of_one_athlete() {
    let ally = Ally::start().await;
    for athlete in ["amy", "eve"] {
        ally.onboarded(athlete).await;
        for _ in 0..2 {
            let job = requested(&ally, athlete).await;
            ally.begin(&job).await;
            ally.complete(&job, athlete).await;
        }
    }
    let next = |path: &'static str| {
        let ally = &ally;
        async move {
            let page = body(ally.get(&format!("{path}?limit=1"), "amy").await).await;
            page["next"].as_str().unwrap().to_owned()
        }
    };
    let (jobs, plans) = (next(JOBS).await, next("/api/v1/plans").await);
    assert_eq!(jobs, next(JOBS).await, "the same page has the same next one");
    for cursor in [&jobs, &plans] {
        assert!(cursor.parse::<u64>().is_err() && !cursor.contains("PLANS"), "{cursor}");
    }
    let (begin, end) = jobs.split_at(jobs.len() / 2);
    let (first, rest) = end.split_at(1);
    let broken = format!("{begin}{}{rest}", if first == "A" { "B" } else { "A" });
    for (path, athlete, cursor) in [
        (JOBS, "eve", &jobs),
        ("/api/v1/plans", "amy", &jobs),
        (JOBS, "amy", &plans),
        (JOBS, "amy", &broken),
        (JOBS, "amy", &"1".to_owned()),
        ("/api/v1/plans", "amy", &"42".to_owned()),
        ("/api/v1/plans", "amy", &String::new()),
    ] {
        let told = problem(ally.get(&format!("{path}?cursor={cursor}"), athlete).await, 400, "validation").await;
        assert_eq!(fields(&told), ["cursor"], "{path} {athlete} {cursor}");
        assert!(told["detail"].as_str().unwrap().contains("begins again"), "{told:#}");
    }
}

#[tokio::test]
async fn a_training_log_is_read_a_page_at_a_time() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete_with(&job, "amy", composed).await;
    ally.clock.forward(Duration::from_secs(14 * 86_400));
    for n in 1..=5 {
        let at = format!("2026-11-2{}T08:00:00Z", n + 3);
        let report = json!({"at": at, "pain": [{"bodyPart": "knee", "level": n}]});
        let sent = ally.request(Method::POST, &format!("/api/v1/plans/{plan}/pain"), "amy").json(&report).send().await;
        assert_eq!(sent.unwrap().status(), 201);
    }
    let path = format!("/api/v1/workouts?planId={plan}");
    let all = body(ally.get(&path, "amy").await).await;
    assert_eq!(all["painReports"].as_array().unwrap().len(), 5);
    assert!(all.get("next").is_none());
    for limit in [1, 2, 5] {
        let listed = whole(&ally, &format!("{path}&limit={limit}"), "painReports").await;
        assert_eq!(Value::from(listed), all["painReports"], "in pages of {limit}");
    }
    ally.views.fail(Some("down"));
    let listed = whole(&ally, &format!("{path}&limit=2"), "painReports").await;
    assert_eq!(Value::from(listed), all["painReports"], "from the log the pages are the same");
}

#[tokio::test]
async fn the_current_plan_is_the_one_that_was_made_last() {
    let ally = Ally::start().await;
    let none = problem(ally.get("/api/v1/plans/current", "amy").await, 404, "not-found").await;
    assert!(none["detail"].as_str().unwrap().contains("/api/v1/onboarding"), "{none:#}");

    let promised = body(ally.post("/api/v1/onboarding", "amy", &all_answers()).await).await;
    let job = promised["jobId"].as_str().unwrap().to_owned();
    let under_way = problem(ally.get("/api/v1/plans/current", "amy").await, 404, "not-found").await;
    assert!(under_way["detail"].as_str().unwrap().contains(&format!("/api/v1/jobs/{job}?wait=")), "{under_way:#}");
    ally.request_promised().await;
    ally.begin(&job).await;
    let under_way = problem(ally.get("/api/v1/plans/current", "amy").await, 404, "not-found").await;
    assert!(under_way["detail"].as_str().unwrap().contains("running"), "{under_way:#}");

    let plan = ally.complete_with(&job, "amy", composed).await;
    let current = body(ally.get("/api/v1/plans/current", "amy").await).await;
    assert_eq!(current, body(ally.get(&format!("/api/v1/plans/{plan}"), "amy").await).await);
    let calendar =
        ally.request(Method::GET, "/api/v1/plans/current?start=07:00", "amy").header("accept", "text/calendar");
    assert!(calendar.send().await.unwrap().text().await.unwrap().starts_with("BEGIN:VCALENDAR"));

    let by_address = ally.get("/api/v1/plans/current.ics", "amy").await;
    assert!(by_address.text().await.unwrap().starts_with("BEGIN:VCALENDAR"));
    let wrong = problem(ally.get("/api/v1/plans/current.json?version=1", "amy").await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["version"]);

    let next = requested(&ally, "amy").await;
    ally.begin(&next).await;
    assert_eq!(
        body(ally.get("/api/v1/plans/current", "amy").await).await["planId"],
        plan,
        "until there is a newer one"
    );
    let newer = ally.complete(&next, "amy").await;
    assert_eq!(body(ally.get("/api/v1/plans/current", "amy").await).await["planId"], newer);
    problem(ally.get("/api/v1/plans/current", "eve").await, 404, "not-found").await;
}

#[tokio::test]
async fn a_job_says_whether_it_has_ended_and_how_long_it_takes_yet() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let path = format!("{JOBS}/{job}");
    let queued = body(ally.get(&path, "amy").await).await;
    assert_eq!((&queued["ended"], &queued["message"]), (&json!(false), &json!("The job waits for a worker.")));
    assert!(queued.get("estimatedSeconds").is_none(), "no job has ended yet: {queued}");
    ally.begin(&job).await;
    ally.clock.forward(Duration::from_secs(10));
    ally.complete(&job, "amy").await;
    let completed = body(ally.get(&path, "amy").await).await;
    assert_eq!((&completed["ended"], &completed["message"]), (&json!(true), &json!("The plan is ready.")));
    assert!(completed.get("estimatedSeconds").is_none(), "nothing is left: {completed}");

    let next = body(ally.post("/api/v1/plans/generate", "amy", &json!({})).await).await["jobId"].clone();
    let path = format!("{JOBS}/{}", next.as_str().unwrap());
    assert_eq!(body(ally.get(&path, "amy").await).await["estimatedSeconds"], 10);
    ally.clock.forward(Duration::from_secs(4));
    assert_eq!(body(ally.get(&path, "amy").await).await["estimatedSeconds"], 6);
}
