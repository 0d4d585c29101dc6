//! Every date and moment that the document knows, with values at the end of the world: never the server's fault.

use std::collections::BTreeSet;
use std::time::Duration;

use ally_domain::ports::Clock as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Ally, all_answers, auth, body, composed, fields, problem};

const DATES: [&str; 7] =
    ["0000-01-01", "0001-01-01", "1582-10-15", "1899-12-31", "9999-12-27", "9999-12-31", "-9999-01-01"];
const MOMENTS: [&str; 8] = [
    "0000-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59.999999999Z",
    "0000-12-31T23:59:59+23:59",
];

/// Where the document has a date or a moment that a caller sends: the operation and the field.
fn places(document: &Value) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if is_time(&parameter["schema"]) {
                    found.insert((name.to_owned(), parameter["name"].as_str().unwrap().to_owned()));
                }
            }
            let shape = &operation["requestBody"]["content"]["application/json"]["schema"];
            fields_of(document, shape, name, "", &mut found);
        }
    }
    found
}

fn is_time(schema: &Value) -> bool {
    matches!(schema["format"].as_str(), Some("date" | "date-time"))
}

fn fields_of(document: &Value, shape: &Value, operation: &str, path: &str, found: &mut BTreeSet<(String, String)>) {
    if let Some(reference) = shape["$ref"].as_str() {
        return fields_of(document, document.pointer(&reference[1..]).unwrap(), operation, path, found);
    }
    if is_time(shape) {
        found.insert((operation.to_owned(), path.trim_start_matches('.').to_owned()));
    }
    for (name, property) in shape["properties"].as_object().into_iter().flatten() {
        fields_of(document, property, operation, &format!("{path}.{name}"), found);
    }
    for inner in shape["anyOf"].as_array().into_iter().chain(shape["oneOf"].as_array()).flatten() {
        fields_of(document, inner, operation, path, found);
    }
    if shape["items"].is_object() {
        fields_of(document, &shape["items"], operation, &format!("{path}[]"), found);
    }
}

async fn refused(response: Response, field: &str, text: &str) {
    let status = response.status().as_u16();
    let told = body(response).await;
    assert!(matches!(status, 400 | 422), "{status} for {field} = {text}: {told:#}");
    assert_eq!(fields(&told), [field], "{text}: {told:#}");
}

/// The whole batch is refused where a field has not its shape, and else the one request.
async fn refused_in_batch(ally: &Ally, field: &str, text: &str) {
    let batch = json!({"items": [{"idempotencyKey": "k", "request": {field: text}}]});
    let response = ally.post("/api/v1/jobs/batch", "amy", &batch).await;
    if response.status() != 200 {
        return refused(response, &format!("items[0].request.{field}"), text).await;
    }
    let answer = body(response).await;
    assert_eq!(answer["items"][0]["status"], 422, "{text}: {answer:#}");
    assert_eq!(fields(&answer["items"][0]["problem"]), [field], "{text}");
}

#[tokio::test]
async fn no_date_of_the_document_is_the_servers_fault() {
    let ally = Ally::start().await;
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let known = [
        ("answerOnboarding", "competitionDate"),
        ("deadLetterGroups", "since"),
        ("deadLetters", "since"),
        ("generatePlan", "deadline"),
        ("generatePlan", "notBefore"),
        ("generatePlan", "startDate"),
        ("generatePlans", "items[].request.deadline"),
        ("generatePlans", "items[].request.notBefore"),
        ("generatePlans", "items[].request.startDate"),
        ("jobs", "since"),
        ("jobs", "until"),
        ("logWorkout", "performedAt"),
        ("replayWebhookDeliveries", "since"),
        ("reportPain", "at"),
    ];
    let known = known.map(|(operation, field)| (operation.to_owned(), field.to_owned()));
    assert_eq!(places(&document), BTreeSet::from(known), "every place is tried below");

    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete_with(&job, "amy", composed).await;
    for date in DATES {
        let mut answers = all_answers();
        answers["competitionDate"] = json!(date);
        refused(ally.post("/api/v1/onboarding", "amy", &answers).await, "competitionDate", date).await;
        let wish = json!({"startDate": date});
        refused(ally.post("/api/v1/plans/generate", "amy", &wish).await, "startDate", date).await;
        refused_in_batch(&ally, "startDate", date).await;
    }
    let operator =
        ally_api::mint(&auth(), "kim", ally.clock.now(), Duration::from_secs(60), &["operator".to_owned()]).unwrap();
    for moment in MOMENTS {
        let workout = json!({"planId": plan, "sessionId": "w1d1", "performedAt": moment, "items": []});
        refused(ally.post("/api/v1/workouts", "amy", &workout).await, "performedAt", moment).await;
        for field in ["deadline", "notBefore"] {
            // A moment that has passed is now.
            if (field, moment) == ("notBefore", "1969-12-31T23:59:59Z") {
                continue;
            }
            let wish = json!({field: moment});
            refused(ally.post("/api/v1/plans/generate", "amy", &wish).await, field, moment).await;
            refused_in_batch(&ally, field, moment).await;
        }
        let pain = json!({"at": moment, "pain": [{"bodyPart": "knee", "level": 8}]});
        refused(ally.post(&format!("/api/v1/plans/{plan}/pain"), "amy", &pain).await, "at", moment).await;
        let replay = ally.server.request(Method::POST, "/api/v1/operator/webhooks/none/replay").bearer_auth(&operator);
        let answer = replay.json(&json!({"since": moment})).send().await.unwrap();
        match moment {
            // Long ago, and nothing wrong with it in a filter.
            "1969-12-31T23:59:59Z" => assert_eq!(answer.status(), 404),
            _ => refused(answer, "since", moment).await,
        }
        for (list, bound) in [
            ("operator/dead-letters", "since"),
            ("operator/dead-letter-groups", "since"),
            ("jobs", "since"),
            ("jobs", "until"),
        ] {
            let path = format!("/api/v1/{list}?{bound}={}", moment.replace('+', "%2B"));
            let answer = ally.server.request(Method::GET, &path).bearer_auth(&operator).send().await.unwrap();
            match moment {
                // Long ago, and nothing wrong with it in a filter.
                "1969-12-31T23:59:59Z" => assert_eq!(answer.status(), 200),
                _ => refused(answer, bound, moment).await,
            }
        }
    }
}

#[tokio::test]
async fn a_plan_begins_between_today_and_two_years_ahead() {
    // The tests' day is 2026-11-20, 08:00 UTC.
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    for date in ["2026-11-18", "2025-11-20", "2028-11-21"] {
        refused(ally.post("/api/v1/plans/generate", "amy", &json!({"startDate": date})).await, "startDate", date).await;
    }
    // West of Greenwich it may still be yesterday.
    for date in ["2026-11-19", "2026-11-20", "2028-11-20"] {
        let response = ally.post("/api/v1/plans/generate", "amy", &json!({"startDate": date})).await;
        assert_eq!(response.status(), 202, "{date}");
    }
}

#[tokio::test]
async fn a_repeat_of_a_request_is_the_same_job_when_its_day_has_passed() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let ask = || {
        let request = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("idempotency-key", "spring");
        request.json(&json!({"startDate": "2026-11-23"})).send()
    };
    let first = body(ask().await.unwrap()).await;
    ally.clock.forward(Duration::from_secs(9 * 24 * 3_600));
    let again = ask().await.unwrap();
    assert_eq!(again.status(), 202);
    assert_eq!(body(again).await["jobId"], first["jobId"]);
}

#[tokio::test]
async fn a_competition_is_within_five_years() {
    let ally = Ally::start().await;
    let with = |date: &str| {
        let mut answers = all_answers();
        answers["competitionDate"] = json!(date);
        answers
    };
    for date in ["2026-11-19", "2031-11-21"] {
        refused(ally.post("/api/v1/onboarding", "amy", &with(date)).await, "competitionDate", date).await;
    }
    assert_eq!(ally.post("/api/v1/onboarding", "amy", &with("2031-11-20")).await.status(), 202);
}

#[tokio::test]
async fn pain_is_not_reported_from_before_the_plan() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    // It begins on Monday 2026-11-23.
    let path = format!("/api/v1/plans/{}/pain", ally.complete_with(&job, "amy", composed).await);
    let report =
        async |at: &str| ally.post(&path, "amy", &json!({"at": at, "pain": [{"bodyPart": "knee", "level": 8}]})).await;
    // Before its first day, what hurts now or hurt yesterday counts.
    for (at, status) in [("2026-11-18T12:00:00Z", 422), ("2026-11-19T12:00:00Z", 201), ("2026-11-20T07:00:00Z", 201)] {
        assert_eq!(report(at).await.status(), status, "{at}");
    }
    ally.clock.forward(Duration::from_secs(10 * 24 * 3_600));
    let told = problem(report("2026-11-22T23:59:59Z").await, 422, "contradiction").await;
    assert_eq!(fields(&told), ["at"]);
    assert_eq!(report("2026-11-23T00:00:00Z").await.status(), 201);
}
