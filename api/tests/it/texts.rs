//! Text that no store and no header can hold is refused at the door, in whatever field, parameter or header it comes.

use ally_domain::job::JobCommand;
use ally_domain::ports::Clock as _;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Ally, auth, body, fields, problem};

fn as_operator(ally: &Ally, method: Method, path: &str) -> RequestBuilder {
    let hour = std::time::Duration::from_secs(3_600);
    let token = ally_api::mint(&auth(), "kim", ally.clock.now(), hour, &["operator".to_owned()]).unwrap();
    ally.server.request(method, path).bearer_auth(token)
}

#[tokio::test]
async fn an_operators_filter_is_a_name() {
    let ally = Ally::start().await;
    for path in ["dead-letters", "dead-letter-groups"] {
        for text in ["%00", "a%00b", "%0A", "%7F", "%C2%85", &"x".repeat(65)] {
            let path = format!("/api/v1/operator/{path}?consumer={text}");
            let told = problem(as_operator(&ally, Method::GET, &path).send().await.unwrap(), 400, "validation").await;
            assert_eq!(fields(&told), ["consumer"], "{path}");
        }
    }
    let path = "/api/v1/operator/dead-letters?fingerprint=%00&since=0001-01-01T00:00:00Z";
    let told = problem(as_operator(&ally, Method::GET, path).send().await.unwrap(), 400, "validation").await;
    assert_eq!(fields(&told), ["fingerprint", "since"]);
}

#[tokio::test]
async fn an_operators_note_is_what_an_audit_can_keep() {
    let ally = Ally::start().await;
    ally.dead_letters.park("planner.PLANS-1", "f1");
    for note in ["\0", "why\0", "\u{7f}", "\u{9d}", " \n ", &"x".repeat(501)] {
        for (path, more) in [
            ("/api/v1/operator/dead-letters/planner.PLANS-1/redrive", json!({})),
            ("/api/v1/operator/dead-letters/planner.PLANS-1/discard", json!({})),
            ("/api/v1/operator/dead-letters/discard", json!({"all": true})),
        ] {
            let mut note = json!({"note": note});
            note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let response = as_operator(&ally, Method::POST, path).json(&note).send().await.unwrap();
            assert_eq!(fields(&problem(response, 400, "validation").await), ["note"], "{path}: {note}");
        }
    }
    assert!(ally.dead_letters.changes().is_empty());
    let note = json!({"note": "fixed:\n\tthe model ünderstands 日本 again"});
    let path = "/api/v1/operator/dead-letters/planner.PLANS-1/discard";
    assert_eq!(as_operator(&ally, Method::POST, path).json(&note).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_athletes_words_hold_no_control_characters() {
    let ally = Ally::start().await;
    for (path, body, field) in [
        ("/api/v1/onboarding", json!({"purpose": "general_fitness", "purposeDetails": "a\0b"}), "purposeDetails"),
        ("/api/v1/plans/p/pain", json!({"pain": [{"bodyPart": "knee", "level": 3}], "note": "\0"}), "note"),
        ("/api/v1/plans/p/replan", json!({"reason": "\u{1b}[2J"}), "reason"),
        ("/api/v1/time-crunch/preview", json!({"planId": "\0", "sessionId": "w1d1", "targetMinutes": 30}), "planId"),
    ] {
        let told = body_of(&ally, path, &body).await;
        assert!(fields(&told).contains(&field), "{path}: {told:#}");
    }
    let prose = json!({"purpose": "general_fitness", "purposeDetails": "a line\r\nanother\twith a tab"});
    assert_eq!(ally.post("/api/v1/onboarding", "amy", &prose).await.status(), 200);
}

async fn body_of(ally: &Ally, path: &str, body: &Value) -> Value {
    problem(ally.post(path, "amy", body).await, 400, "validation").await
}

#[tokio::test]
async fn no_athlete_reads_what_a_panic_said() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let reason = "the plan engine broke down: task 1738 panicked with message \"at src/secret.rs\"".to_owned();
    let retry_at = ally.clock.now();
    ally.work(&job, JobCommand::FailAttempt { attempt: 1, reason: reason.clone(), retry_at, attempts_left: 4 }).await;
    let plain = "a fault of Ally's, which its operators can see";
    let read = async || {
        let job = format!("/api/v1/jobs/{job}");
        let told =
            [body(ally.get(&job, "amy").await).await, body(ally.get(&format!("{job}/timeline"), "amy").await).await];
        assert!(!told.iter().any(|told| told.to_string().contains("panicked")), "{told:?}");
        told
    };
    let [status, timeline] = read().await;
    assert_eq!(status["error"]["message"], plain);
    assert!(timeline.to_string().contains(&format!("4 left: {plain}; the next one is due at 2026-")), "{timeline}");
    let reason = format!("all 5 attempts are used up, the last one by: {reason}");
    ally.work(&job, JobCommand::DeadLetter { reason, fingerprint: "f".into() }).await;
    let [status, _] = read().await;
    assert_eq!(status["error"]["message"], format!("all 5 attempts are used up, the last one by: {plain}"));
}

/// Every text parameter of the document, with a character that PostgreSQL cannot hold.
#[tokio::test]
async fn no_parameter_of_the_document_takes_a_nul() {
    let ally = Ally::start().await;
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                let method: Method = method.to_uppercase().parse().unwrap();
                let address = path.replace("{session}", if name == "session" { "%00" } else { "w1d1" });
                let address = match parameter["in"].as_str().unwrap() {
                    "query" => {
                        format!("{}?{name}=%00", address.replace("{id}", "some-id").replace("{name}", "planner"))
                    }
                    "path" => address.replace(&format!("{{{name}}}"), "%00").replace("{id}", "some-id"),
                    _ => continue,
                };
                let request = as_operator(&ally, method.clone(), &address);
                let request = if method == Method::POST { request.json(&json!({})) } else { request };
                let response = request.send().await.unwrap();
                let status = response.status().as_u16();
                assert!((400..500).contains(&status), "{status} for {address}");
                let told = body(response).await;
                if parameter["in"] == "query" {
                    assert!(fields(&told).contains(&name), "{address}: {told:#}");
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 30, "{asked}");
}
