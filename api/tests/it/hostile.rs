//! Input that means harm: whatever comes, the answer is the caller's fault, never the server's, and well formed.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::harness::{Ally, all_answers, token};

/// So many cases a property; each is a request over TCP.
const CASES: u32 = 256;

fn check<S: Strategy>(cases: &S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(cases, holds).unwrap_or_else(|error| panic!("{error}"));
}

/// JSON that looks like answers more often than chance would have it.
fn answers() -> impl Strategy<Value = Value> {
    let whole = all_answers();
    let names: Vec<String> = whole.as_object().unwrap().keys().cloned().chain(["x".to_owned()]).collect();
    let field = (prop::sample::select(names), any_json());
    prop::collection::vec(field, 0..6).prop_map(move |fields| {
        let mut answers = whole.clone();
        for (name, value) in fields {
            answers[name] = value;
        }
        answers
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..12).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec!["monday", "09:00", "24:00", "2026-02-30", "knee", "beginner"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,8}|day|start|end|bodyPart|pain", inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

struct Gateway {
    runtime: Runtime,
    ally: Ally,
}

impl Gateway {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ally = runtime.block_on(Ally::start());
        runtime.block_on(ally.onboarded("amy"));
        Self { runtime, ally }
    }

    /// The status and, of an error, the problem's type.
    fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<u16, TestCaseError> {
        let request = self.ally.request(method, path, "amy").header("content-type", "application/json").body(body);
        self.runtime.block_on(async {
            let response = request.send().await.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let status = response.status().as_u16();
            let media_type = response.headers().get("content-type").cloned();
            let text = response.text().await.map_err(|error| TestCaseError::fail(error.to_string()))?;
            if status >= 400 {
                prop_assert_eq!(media_type.unwrap(), "application/problem+json");
                let document: Value =
                    serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(&document["status"], status);
            }
            prop_assert!(status < 500, "{}: {}", status, text);
            Ok(status)
        })
    }
}

#[test]
fn random_bytes_are_no_answers() {
    let gateway = Gateway::start();
    check(&prop::collection::vec(any::<u8>(), 0..200), |bytes| {
        let parses = serde_json::from_slice::<Value>(&bytes).is_ok();
        let status = gateway.send(Method::POST, "/api/v1/onboarding", bytes)?;
        prop_assert!(parses || status == 400);
        Ok(())
    });
}

#[test]
fn random_json_is_answered_well() {
    let gateway = Gateway::start();
    check(&any_json(), |value| {
        gateway.send(Method::POST, "/api/v1/onboarding", value.to_string().into())?;
        gateway.send(Method::POST, "/api/v1/plans/generate", value.to_string().into())?;
        Ok(())
    });
}

#[test]
fn answers_that_went_wrong_are_answered_well() {
    let gateway = Gateway::start();
    check(&answers(), |value| {
        let status = gateway.send(Method::POST, "/api/v1/onboarding", value.to_string().into())?;
        prop_assert!(matches!(status, 200 | 202 | 400 | 422), "{}", status);
        Ok(())
    });
}

#[test]
fn random_ids_and_parameters_find_nothing() {
    let gateway = Gateway::start();
    check(&("[a-zA-Z0-9%._~:@!$&'()*+,;=-]{1,80}", "[a-zA-Z0-9%:&=+._-]{0,60}"), |(id, query)| {
        for path in [
            format!("/api/v1/jobs/{id}?{query}"),
            format!("/api/v1/plans/{id}?{query}"),
            format!("/api/v1/plans/status?jobId={id}&{query}"),
            format!("/api/v1/profile?{query}"),
            format!("/{id}"),
        ] {
            gateway.send(Method::GET, &path, Vec::new())?;
        }
        gateway.send(Method::POST, &format!("/api/v1/jobs/{id}/cancel"), Vec::new())?;
        Ok(())
    });
}

#[test]
fn random_tokens_open_nothing() {
    let gateway = Gateway::start();
    let good = token(&gateway.ally.clock, "amy");
    let bent = (0..good.len(), "[A-Za-z0-9_.-]").prop_map(move |(at, with)| {
        let mut bent = good.clone();
        bent.replace_range(at..=at, &with);
        (bent == good, bent)
    });
    check(&prop_oneof![bent, "[ -~]{0,80}".prop_map(|text| (false, text))], |(same, text)| {
        let request = gateway
            .ally
            .server
            .request(Method::GET, "/api/v1/profile")
            .header("authorization", format!("Bearer {text}"));
        let status = gateway
            .runtime
            .block_on(async { request.send().await })
            .map_err(|error| TestCaseError::fail(error.to_string()))?
            .status();
        // The last character of a base64 text holds bits that stand for nothing.
        prop_assert!(same || status == 401 || text.len() > 80, "{} for {}", status, text);
        Ok(())
    });
}

#[test]
fn random_bytes_on_the_wire_do_no_harm() {
    let gateway = Gateway::start();
    check(&prop::collection::vec(any::<u8>(), 1..300), |bytes| {
        gateway.runtime.block_on(async {
            let mut stream = TcpStream::connect(gateway.ally.server.address).await.unwrap();
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            let answer = String::from_utf8_lossy(&answer).into_owned();
            prop_assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}", answer);
            Ok(())
        })
    });
    assert_eq!(gateway.runtime.block_on(gateway.ally.server.get("/health")).status(), 200);
}

#[tokio::test]
async fn deep_nesting_is_no_stack_overflow() {
    let ally = Ally::start().await;
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(60_000 / open.len());
        let request =
            ally.request(Method::POST, "/api/v1/onboarding", "amy").header("content-type", "application/json");
        assert_eq!(request.body(deep).send().await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn thousands_of_wrong_fields_get_a_short_answer() {
    let ally = Ally::start().await;
    let many: Value = (0..4_000).map(|n| (format!("f{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    let response = ally.post("/api/v1/onboarding", "amy", &many).await;
    assert_eq!(response.status(), 400);
    let text = response.text().await.unwrap();
    assert!(text.len() < 64 * 1024, "{}", text.len());
    let long = json!({"x".repeat(50_000): 1});
    assert!(ally.post("/api/v1/onboarding", "amy", &long).await.text().await.unwrap().len() < 4_096);
}
