//! Dead letters over HTTP: for operators and nobody else. And a job's timeline, for its athlete and nobody else.

use ally_api::mint;
use ally_domain::job::JobCommand;
use ally_domain::ports::Clock as _;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Ally, auth, body, fields, problem};

const LETTER: &str = "/api/v1/operator/dead-letters/planner.PLANS-1";

/// Every operation that needs the role, as it would work.
const OPERATIONS: [(&str, &str); 13] = [
    ("GET", "/api/v1/operator/dead-letters"),
    ("GET", "/api/v1/operator/dead-letter-groups"),
    ("GET", LETTER),
    ("POST", "/api/v1/operator/dead-letters/planner.PLANS-1/redrive"),
    ("POST", "/api/v1/operator/dead-letters/planner.PLANS-1/discard"),
    ("POST", "/api/v1/operator/dead-letters/redrive"),
    ("POST", "/api/v1/operator/dead-letters/discard"),
    ("GET", "/api/v1/operator/consumers"),
    ("POST", "/api/v1/operator/consumers/planner/pause"),
    ("POST", "/api/v1/operator/consumers/planner/resume"),
    ("POST", "/api/v1/operator/jobs/7/expedite"),
    ("GET", "/api/v1/operator/traces"),
    ("GET", "/api/v1/operator/traces/0af7651916cd43dd8448eb211c80319c"),
];

fn request(ally: &Ally, method: &str, path: &str) -> RequestBuilder {
    let method: Method = method.parse().unwrap();
    let request = ally.server.request(method.clone(), path);
    let body = match path.rsplit('/').next().unwrap() {
        "pause" => json!({}),
        "redrive" | "discard" if !path.contains("PLANS") => json!({"note": "fixed", "all": true}),
        _ => json!({"note": "fixed"}),
    };
    if method == Method::POST { request.json(&body) } else { request }
}

pub fn as_kim(ally: &Ally, request: RequestBuilder) -> RequestBuilder {
    let hour = std::time::Duration::from_secs(3_600);
    let token = mint(&auth(), "kim", ally.clock.now(), hour, &["operator".to_owned()]).unwrap();
    request.bearer_auth(token)
}

async fn answer(ally: &Ally, method: &str, path: &str) -> Value {
    let response = as_kim(ally, request(ally, method, path)).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    body(response).await
}

#[tokio::test]
async fn only_an_operator_is_let_to_the_dead_letters() {
    let ally = Ally::start().await;
    ally.dead_letters.park("planner.PLANS-1", "f1");
    for (method, path) in OPERATIONS {
        problem(request(&ally, method, path).send().await.unwrap(), 401, "unauthorized").await;
        let athlete = request(&ally, method, path).bearer_auth(crate::harness::token(&ally.clock, "amy"));
        let refused = problem(athlete.send().await.unwrap(), 403, "forbidden").await;
        assert!(refused["detail"].as_str().unwrap().contains("operator"), "{refused}");
    }
    assert!(ally.dead_letters.changes().is_empty(), "nothing was done for who may not");
    assert!(ally.consumers.changes().is_empty(), "nothing was done for who may not");
}

#[tokio::test]
async fn dead_letters_are_listed_grouped_and_shown() {
    let ally = Ally::start().await;
    for (id, fingerprint) in [("planner.PLANS-1", "f1"), ("planner.PLANS-2", "f1"), ("planner.PLANS-3", "f2")] {
        ally.dead_letters.park(id, fingerprint);
    }
    assert_eq!(answer(&ally, "GET", OPERATIONS[0].1).await["letters"].as_array().unwrap().len(), 3);
    let one = format!("{}?fingerprint=f1&limit=1", OPERATIONS[0].1);
    assert_eq!(answer(&ally, "GET", &one).await["letters"][0]["id"], "planner.PLANS-1");
    assert_eq!(answer(&ally, "GET", OPERATIONS[1].1).await["groups"][0]["count"], 2);
    let shown = answer(&ally, "GET", LETTER).await;
    assert_eq!((&shown["about"], &shown["deliveries"]), (&json!("job 7"), &json!(5)));
    let wrong = as_kim(&ally, ally.server.request(Method::GET, &format!("{}?limit=many", OPERATIONS[0].1)));
    assert_eq!(fields(&problem(wrong.send().await.unwrap(), 400, "validation").await), ["limit"]);
    let wrong = format!("{}?state=lost&since=yesterday&cursor=x", OPERATIONS[0].1);
    let wrong = as_kim(&ally, ally.server.request(Method::GET, &wrong));
    let wrong = problem(wrong.send().await.unwrap(), 400, "validation").await;
    assert_eq!(fields(&wrong), ["cursor", "state", "since"]);
}

#[tokio::test]
async fn dead_letters_are_paged_and_what_became_of_them_is_told() {
    let ally = Ally::start().await;
    for n in 1..=5 {
        ally.dead_letters.park(&format!("planner.PLANS-{n}"), "f1");
    }
    answer(&ally, "POST", OPERATIONS[4].1).await;
    let (mut ids, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let page = answer(&ally, "GET", &format!("{}?limit=2{cursor}", OPERATIONS[0].1)).await;
        ids.extend(page["letters"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(|next| format!("&cursor={next}"));
    }
    assert_eq!(ids, [2, 3, 4, 5].map(|n| format!("planner.PLANS-{n}")), "open ones, each once");
    let ended = answer(&ally, "GET", &format!("{}?state=discarded", OPERATIONS[0].1)).await;
    let ended = &ended["letters"][0];
    assert_eq!((&ended["state"], &ended["endedBy"]), (&json!("discarded"), &json!("operator:kim")));
    let any = answer(&ally, "GET", &format!("{}?state=any&since=2026-11-20T08:00:00Z", OPERATIONS[0].1)).await;
    assert_eq!(any["letters"].as_array().unwrap().len(), 5);
    let late = answer(&ally, "GET", &format!("{}?state=any&since=2026-11-20T08:00:01Z", OPERATIONS[0].1)).await;
    assert!(late["letters"].as_array().unwrap().is_empty());
}

async fn many(ally: &Ally, what: &str, body: Value) -> Value {
    let path = format!("/api/v1/operator/dead-letters/{what}");
    let response = as_kim(ally, ally.server.request(Method::POST, &path)).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
    crate::harness::body(response).await
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["outcomes"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_whole_group_is_redriven_and_another_discarded() {
    let ally = Ally::start().await;
    for (id, cause) in [("planner.PLANS-1", "f1"), ("planner.PLANS-2", "f2"), ("planner.PLANS-3", "f1")] {
        ally.dead_letters.park(id, cause);
    }
    let dry = many(&ally, "redrive", json!({"fingerprint": "f1", "dryRun": true})).await;
    assert_eq!((outcomes(&dry), &dry["more"]), (vec!["dry_run"; 2], &json!(false)));
    assert!(ally.dead_letters.changes().is_empty(), "a dry run changes nothing");

    let first = json!({"fingerprint": "f1", "note": "fixed", "limit": 1, "perSecond": 1000});
    let answer = many(&ally, "redrive", first.clone()).await;
    assert_eq!((outcomes(&answer), &answer["more"]), (vec!["redriven"], &json!(true)));
    let answer = many(&ally, "redrive", first).await;
    assert_eq!((outcomes(&answer), &answer["more"]), (vec!["redriven"], &json!(false)));
    let answer = many(&ally, "discard", json!({"all": true, "consumer": null, "note": "left"})).await;
    assert_eq!(outcomes(&answer), ["discarded"]);
    assert_eq!(
        ally.dead_letters.changes(),
        [
            "redriven planner.PLANS-1 by kim: fixed",
            "redriven planner.PLANS-3 by kim: fixed",
            "discarded planner.PLANS-2 by kim: left"
        ]
    );
}

#[tokio::test]
async fn nobody_changes_all_dead_letters_by_leaving_something_out() {
    let ally = Ally::start().await;
    ally.dead_letters.park("planner.PLANS-1", "f1");
    for (body, wrong) in [
        (json!({"note": "fixed"}), vec!["all"]),
        (json!({"note": "fixed", "all": true, "fingerprint": "f1"}), vec!["all"]),
        (json!({"all": true}), vec!["note"]),
        (json!({}), vec!["all", "note"]),
        (json!({"all": true, "note": "fixed", "perSecond": 0}), vec!["perSecond"]),
        (json!({"all": true, "note": "fixed", "limit": 1001}), vec!["limit"]),
        (json!({"all": true, "note": "fixed", "rate": 3}), vec!["rate"]),
    ] {
        let request = as_kim(&ally, ally.server.request(Method::POST, OPERATIONS[5].1)).json(&body);
        assert_eq!(fields(&problem(request.send().await.unwrap(), 400, "validation").await), wrong, "{body}");
    }
    assert!(ally.dead_letters.changes().is_empty());
}

#[tokio::test]
async fn not_more_letters_a_second_are_put_back_than_was_said() {
    let ally = Ally::start().await;
    for n in 0..6 {
        ally.dead_letters.park(&format!("planner.PLANS-{n}"), "f1");
    }
    let took = async |per_second: u32, limit: u32| {
        let begun = std::time::Instant::now();
        many(&ally, "redrive", json!({"all": true, "note": "fixed", "perSecond": per_second, "limit": limit})).await;
        begun.elapsed()
    };
    // The same work, once at a pace of ten a second: two pauses between three letters, and none that would be seen.
    let (quick, paced) = (took(1_000, 3).await, took(10, 3).await);
    assert!(paced > quick * 2, "{paced:?} at ten a second, {quick:?} at a thousand");
}

#[tokio::test]
async fn consumers_are_listed_paused_and_resumed_by_name() {
    let ally = Ally::start().await;
    let listed = answer(&ally, "GET", "/api/v1/operator/consumers").await;
    assert_eq!(
        (&listed["consumers"][0]["name"], &listed["consumers"][0]["paused"]),
        (&json!("planner"), &json!(false))
    );
    let pause = |name: &str, body: Value| {
        let path = format!("/api/v1/operator/consumers/{name}/pause");
        as_kim(&ally, ally.server.request(Method::POST, &path)).json(&body)
    };
    let paused = body(pause("planner", json!({"seconds": 90})).send().await.unwrap()).await;
    assert_eq!((&paused["paused"], &paused["pauseLeftSeconds"]), (&json!(true), &json!(90)));
    let resumed = answer(&ally, "POST", "/api/v1/operator/consumers/planner/resume").await;
    assert_eq!(resumed["paused"], false);
    problem(pause("nobody", json!({})).send().await.unwrap(), 404, "not-found").await;
    for wrong in [0, 604_801, -1] {
        let refused = pause("planner", json!({"seconds": wrong})).send().await.unwrap();
        assert_eq!(fields(&problem(refused, 400, "validation").await), ["seconds"]);
    }
    assert_eq!(ally.consumers.changes(), ["Some(90s) by kim", "None by kim"]);
}

#[tokio::test]
async fn an_operator_puts_a_job_before_others() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let asked = ally.server.request(Method::POST, "/api/v1/plans/generate").json(&json!({"weeks": 1}));
    let asked = asked.bearer_auth(crate::harness::token(&ally.clock, "amy")).send().await.unwrap();
    let job = body(asked).await["jobId"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/operator/jobs/{job}/expedite");
    for _ in 0..2 {
        let expedited = answer(&ally, "POST", &path).await;
        assert_eq!((&expedited["jobId"], &expedited["status"]), (&json!(job), &json!("queued")));
    }
    let timeline = body(ally.get(&format!("/api/v1/jobs/{job}/timeline"), "amy").await).await;
    let told = timeline["entries"].as_array().unwrap();
    let told = told.iter().map(|it| (it["type"].as_str().unwrap(), it["actor"].as_str().unwrap())).collect::<Vec<_>>();
    let expected = [("plan_job.requested.v1", "athlete:amy"), ("plan_job.expedited.v1", "operator:kim")];
    assert_eq!(told, expected, "once, whoever's job it is");
    ally.begin(&job).await;
    problem(as_kim(&ally, request(&ally, "POST", &path)).send().await.unwrap(), 409, "job-state").await;
    problem(as_kim(&ally, request(&ally, "POST", OPERATIONS[10].1)).send().await.unwrap(), 404, "not-found").await;
}

#[tokio::test]
async fn a_letter_whose_job_is_worked_on_stays_and_can_be_discarded() {
    let ally = Ally::start().await;
    ally.dead_letters.park("planner.PLANS-1", "f1");
    ally.dead_letters.begin("planner.PLANS-1");
    let early = as_kim(&ally, request(&ally, "POST", OPERATIONS[3].1)).send().await.unwrap();
    let early = problem(early, 409, "job-state").await;
    assert!(early["detail"].as_str().unwrap().contains("in a moment"), "{early}");
    assert_eq!(answer(&ally, "POST", OPERATIONS[4].1).await["outcome"], "discarded");
}

#[tokio::test]
async fn a_cause_that_was_put_back_before_is_said_again_and_an_unknown_one_is_not_there() {
    let ally = Ally::start().await;
    for id in ["planner.PLANS-1", "planner.PLANS-2"] {
        ally.dead_letters.park(id, "f1");
    }
    let redrive = |body: Value| as_kim(&ally, ally.server.request(Method::POST, OPERATIONS[5].1)).json(&body).send();
    for outcome in ["redriven", "already"] {
        let treated = body(redrive(json!({"fingerprint": "f1", "note": "fixed"})).await.unwrap()).await;
        let outcomes = treated["outcomes"].as_array().unwrap();
        assert_eq!(outcomes.len(), 2);
        assert!(outcomes.iter().all(|it| it["outcome"] == outcome), "{treated}");
    }
    let nothing = body(redrive(json!({"fingerprint": "f1", "dryRun": true})).await.unwrap()).await;
    assert_eq!(nothing["outcomes"], json!([]));
    let unknown = redrive(json!({"fingerprint": "f2", "note": "fixed"})).await.unwrap();
    let unknown = problem(unknown, 404, "not-found").await;
    assert!(unknown["detail"].as_str().unwrap().contains("f2"), "{unknown}");
    for path in ["dead-letters?consumer=planer", "dead-letter-groups?consumer=planer"] {
        let path = format!("/api/v1/operator/{path}");
        let mistyped = as_kim(&ally, ally.server.request(Method::GET, &path)).send().await.unwrap();
        assert_eq!(fields(&problem(mistyped, 400, "validation").await), ["consumer"], "{path}");
    }
    let mistyped = redrive(json!({"consumer": "planer", "note": "fixed"})).await.unwrap();
    assert_eq!(fields(&problem(mistyped, 400, "validation").await), ["consumer"]);
    let nothing = body(redrive(json!({"consumer": "planner", "note": "fixed"})).await.unwrap()).await;
    assert_eq!(nothing["outcomes"], json!([]), "a consumer that gave nothing up");
    let of_one = body(redrive(json!({"all": true, "note": "fixed"})).await.unwrap()).await;
    assert_eq!(of_one["outcomes"], json!([]), "all of none is none");
}

#[tokio::test]
async fn a_change_names_its_operator_and_is_made_once() {
    let ally = Ally::start().await;
    for id in ["planner.PLANS-1", "planner.PLANS-2"] {
        ally.dead_letters.park(id, "f1");
    }
    assert_eq!(answer(&ally, "POST", OPERATIONS[3].1).await["outcome"], "redriven");
    assert_eq!(answer(&ally, "POST", OPERATIONS[3].1).await["outcome"], "already");
    let otherwise = as_kim(&ally, request(&ally, "POST", OPERATIONS[4].1));
    problem(otherwise.send().await.unwrap(), 404, "not-found").await;
    let second = OPERATIONS[4].1.replace("PLANS-1", "PLANS-2");
    assert_eq!(answer(&ally, "POST", &second).await["outcome"], "discarded");
    assert_eq!(
        ally.dead_letters.changes(),
        ["redriven planner.PLANS-1 by kim: fixed", "discarded planner.PLANS-2 by kim: fixed"]
    );
    for bad in [json!({}), json!({"note": ""}), json!({"note": "x".repeat(501)})] {
        let request = as_kim(&ally, ally.server.request(Method::POST, OPERATIONS[3].1)).json(&bad);
        assert_eq!(fields(&problem(request.send().await.unwrap(), 400, "validation").await), ["note"]);
    }
}

#[tokio::test]
async fn a_timeline_tells_what_happened_to_ones_own_job() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    ally.work(&job, JobCommand::Cancel).await;
    let path = format!("/api/v1/jobs/{job}/timeline");
    let timeline = body(ally.get(&path, "amy").await).await;
    let told = timeline["entries"].as_array().unwrap();
    let types: Vec<_> = told.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    // A first plan goes before others.
    let happened = ["requested", "expedited", "started", "cancel_requested"];
    assert_eq!(types, happened.map(|name| format!("plan_job.{name}.v1")));
    assert_eq!(told[2]["attempt"], 1);
    assert!(told[2]["summary"].as_str().unwrap().contains("w1"), "{timeline}");
    problem(ally.get(&path, "bob").await, 404, "not-found").await;
    problem(ally.get("/api/v1/jobs/nobody/timeline", "amy").await, 404, "not-found").await;
}
