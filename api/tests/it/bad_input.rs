//! What bad input gets: 400 naming every field and what would be right, and never a stored event.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, fields, problem};

async fn refused(answers: Value) -> Value {
    let ally = Ally::start().await;
    let document = problem(ally.post("/api/v1/onboarding", "amy", &answers).await, 400, "validation").await;
    assert!(ally.store.events("ONBOARDING").is_empty());
    for error in document["errors"].as_array().unwrap() {
        assert!(!error["problem"].as_str().unwrap().is_empty(), "{error}");
        assert!(!error["expected"].as_str().unwrap().is_empty(), "{error}");
    }
    document
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let document = refused(json!({
        "purpose": "world_domination",
        "purposeDetails": "x".repeat(1_001),
        "proficiency": 3,
        "season": null,
        "competitionDate": "01.05.2027",
        "availabilityDays": ["monday", "funday"],
        "weeklyGoalDays": 8,
        "minutesPerSession": 14,
        "equipment": "dumbbells",
        "fixedSchedules": [{"day": "monday", "start": "9am", "end": "10:00"}, {"day": "monday"}],
        "recoveryHabits": [true],
        "injuries": [{"bodyPart": "knee", "pain": 11, "since": "2020"}],
        "age": 9.5,
        "pregnant": "no",
        "clearedByProfessional": 1
    }))
    .await;
    let mut named = fields(&document);
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "age",
            "availabilityDays[1]",
            "clearedByProfessional",
            "competitionDate",
            "equipment",
            "fixedSchedules[0].start",
            "fixedSchedules[1].end",
            "fixedSchedules[1].start",
            "injuries[0].pain",
            "injuries[0].since",
            "minutesPerSession",
            "pregnant",
            "proficiency",
            "purpose",
            "purposeDetails",
            "recoveryHabits[0]",
            "weeklyGoalDays",
        ]
    );
}

#[tokio::test]
async fn choices_are_listed_and_a_near_miss_is_suggested() {
    let document = refused(json!({"purpose": "muscle_bulding", "proficency": "beginner"})).await;
    let errors = document["errors"].as_array().unwrap();
    let of = |field: &str| errors.iter().find(|error| error["field"] == field).unwrap();
    assert!(of("purpose")["problem"].as_str().unwrap().ends_with("did you mean muscle_building?"));
    assert!(of("purpose")["expected"].as_str().unwrap().contains("rehabilitation"));
    assert!(of("proficency")["problem"].as_str().unwrap().ends_with("did you mean proficiency?"));
}

#[tokio::test]
async fn days_are_a_number_or_names() {
    for wrong in [json!(0), json!(8), json!([]), json!("monday"), json!({}), json!(true), json!(2.5)] {
        let document = refused(json!({"availabilityDays": wrong})).await;
        assert_eq!(fields(&document), ["availabilityDays"], "{wrong}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_says_so() {
    for wrong in [json!([]), json!("text"), json!(1), json!(null), json!(true)] {
        let document = refused(wrong.clone()).await;
        assert_eq!(fields(&document), [""], "{wrong}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_parse_says_where() {
    let ally = Ally::start().await;
    for wrong in ["", "{", "{\"purpose\":}", "\u{feff}{}", "{\"a\":1}{\"b\":2}"] {
        let request =
            ally.request(Method::POST, "/api/v1/onboarding", "amy").header("content-type", "application/json");
        let document = problem(request.body(wrong).send().await.unwrap(), 400, "validation").await;
        assert_eq!(fields(&document), [""], "{wrong}");
        assert!(document["errors"][0]["problem"].as_str().unwrap().contains("line 1"), "{document}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let ally = Ally::start().await;
    for wrong in [Some("application/x-www-form-urlencoded"), Some("text/plain"), None] {
        let mut request = ally.request(Method::POST, "/api/v1/onboarding", "amy").body("{}");
        if let Some(media_type) = wrong {
            request = request.header("content-type", media_type);
        }
        problem(request.send().await.unwrap(), 415, "unsupported-media-type").await;
    }
    for right in ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/merge+json"] {
        let request = ally.request(Method::POST, "/api/v1/onboarding", "amy").header("content-type", right);
        assert_eq!(request.body("{}").send().await.unwrap().status(), 200, "{right}");
    }
}

#[tokio::test]
async fn contradictions_are_unprocessable() {
    let ally = Ally::start().await;
    for (field, wrong) in [
        ("weeklyGoalDays", json!({"availabilityDays": 2, "weeklyGoalDays": 5})),
        ("competitionDate", json!({"competitionDate": "2020-01-01"})),
        ("fixedSchedules[0].end", json!({"fixedSchedules": [{"day": "monday", "start": "17:00", "end": "17:00"}]})),
    ] {
        let document = problem(ally.post("/api/v1/onboarding", "amy", &wrong).await, 422, "contradiction").await;
        assert_eq!(fields(&document), [field]);
    }
}

#[tokio::test]
async fn a_wish_is_checked_like_any_body() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let before = ally.store.events("PLANS").len();
    let wrong = json!({"startDate": "soon", "weeks": 17, "seed": -1, "week": 4});
    let document = problem(ally.post("/api/v1/plans/generate", "amy", &wrong).await, 400, "validation").await;
    let mut named = fields(&document);
    named.sort_unstable();
    assert_eq!(named, ["seed", "startDate", "week", "weeks"]);
    assert_eq!(ally.store.events("PLANS").len(), before);
}

#[tokio::test]
async fn keys_are_short_and_visible() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let long = "k".repeat(129);
    for wrong in ["", " ", "a b", &long] {
        let request = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("idempotency-key", wrong);
        let document = problem(request.send().await.unwrap(), 400, "validation").await;
        assert_eq!(fields(&document), ["Idempotency-Key"], "{wrong:?}");
    }
    let latin = reqwest::header::HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let request = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("idempotency-key", latin);
    problem(request.send().await.unwrap(), 400, "validation").await;
    let twice = ally.request(Method::POST, "/api/v1/plans/generate", "amy");
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b");
    problem(twice.send().await.unwrap(), 400, "validation").await;
}

#[tokio::test]
async fn parameters_are_named_too() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    for (query, named) in [
        ("position=42&wait=forever", vec!["position", "wait"]),
        ("wait=31", vec!["wait"]),
        ("position=PLANS:x", vec!["position"]),
    ] {
        let response = ally.get(&format!("/api/v1/jobs/{job}?{query}"), "amy").await;
        assert_eq!(fields(&problem(response, 400, "validation").await), named, "{query}");
    }
    let missing = problem(ally.get("/api/v1/plans/status?wait=x", "amy").await, 400, "validation").await;
    assert_eq!(fields(&missing), ["jobId", "wait"]);
    let page = problem(ally.get("/api/v1/plans?limit=0&cursor=x", "amy").await, 400, "validation").await;
    assert_eq!(fields(&page), ["limit", "cursor"]);
    let profile = problem(ally.get("/api/v1/profile?position=x", "amy").await, 400, "validation").await;
    assert_eq!(fields(&profile), ["position"]);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let ally = Ally::start().await;
    problem(ally.server.get("/nothing").await, 404, "not-found").await;
    problem(ally.get("/api/v1/nothing", "amy").await, 404, "not-found").await;
    let wrong = ally.request(Method::DELETE, "/api/v1/onboarding", "amy").send().await.unwrap();
    assert_eq!(wrong.headers()["allow"], "POST, OPTIONS");
    problem(wrong, 405, "method-not-allowed").await;
    let wrong = ally.server.request(Method::POST, "/health").send().await.unwrap();
    assert_eq!(wrong.headers()["allow"], "GET, HEAD, OPTIONS");
    problem(wrong, 405, "method-not-allowed").await;
}

#[tokio::test]
async fn every_type_leads_to_its_page() {
    let ally = Ally::start().await;
    for kind in ally_api::Kind::ALL {
        let response = ally.server.get(&kind.path()).await;
        assert_eq!(response.status(), 200, "{kind:?}");
        assert!(response.text().await.unwrap().contains(kind.title()));
    }
    let index = ally.server.get("/problems/").await;
    assert_eq!(index.status(), 200);
    problem(ally.server.get("/problems/none").await, 404, "not-found").await;
}
