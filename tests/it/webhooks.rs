//! Webhooks over every role: endpoints that take, fail, hang and are gone; roles that are killed; addresses that lead inside.

mod library;
pub mod receiver;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ally_domain::ids::AggregateKind;
use ally_domain::ports::EventLog as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::Dice;
use crate::system::{Client, RoleProcess, System, answers, eventually};
use receiver::{Answer, Received, Receiver};

/// The types that each endpoint of these tests chooses.
const JOBS: [&str; 4] = ["job.requested", "job.completed", "job.failed", "job.cancelled"];

/// An endpoint as it was registered.
struct Endpoint {
    id: String,
    secret: String,
}

/// The operator who registers endpoints.
struct Operator(Client);

impl Operator {
    fn of(system: &System, gateway: &RoleProcess) -> Self {
        let output = system.command(&["token", "--sub", "kim", "--role", "operator"]).output().unwrap();
        let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Self(Client::new(gateway.http.clone(), token))
    }

    async fn register(&self, url: &str, types: &[&str]) -> Result<Endpoint, Value> {
        let body = json!({ "app": "coach", "url": url, "types": types });
        let request = self.0.request(Method::POST, "/api/v1/operator/webhooks").header("Idempotency-Key", url);
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        if status != StatusCode::CREATED {
            return Err(body);
        }
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        Ok(Endpoint { id: text("endpointId"), secret: text("secret") })
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.0.request(Method::GET, &format!("/api/v1/operator/webhooks/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.0.request(Method::POST, &format!("/api/v1/operator/webhooks/{path}"));
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

/// A system whose pauses are short.
fn system() -> System {
    let mut system = System::new();
    for (variable, value) in [
        ("WEBHOOK_ALLOW_LOOPBACK", "true"),
        ("WEBHOOK_RETRY_FIRST_MS", "200"),
        ("WEBHOOK_RETRY_LONGEST_MS", "1000"),
        ("WEBHOOK_REST_MS", "200"),
        ("WEBHOOK_LONGEST_REST_MS", "1000"),
        ("WEBHOOK_TIMEOUT_MS", "2000"),
        ("WEBHOOK_MAX_ATTEMPTS", "1000"),
    ] {
        system.set(variable, value);
    }
    system
}

/// The events of jobs behind which webhooks stand, by their ids, with where each of them stands.
async fn logged(system: &System) -> BTreeMap<String, u64> {
    let log = system.log().await;
    let end = log.last_event("PLANS").await.unwrap();
    let mut reader = log.open("PLANS", 0).await.unwrap();
    let (mut events, mut read) = (BTreeMap::new(), 0);
    while read < end {
        for event in reader.next(256, Duration::from_secs(5)).await.unwrap().events {
            read = event.position.sequence;
            let is_wanted = JOBS.contains(&format!("job.{}", event.event_type.name).as_str());
            if event.aggregate.kind == AggregateKind::Job && is_wanted {
                events.insert(event.event_id, read);
            }
        }
    }
    events
}

/// Where each job stands, by what a receiver does that gets everything twice and in any order: it drops what it has seen, and of two
/// messages about a job it believes the one whose position is higher.
fn statuses_of(taken: &[Received]) -> BTreeMap<String, String> {
    let mut twice: Vec<_> = taken.iter().chain(taken).collect();
    let mut dice = Dice::new(7);
    for place in (1..twice.len()).rev() {
        twice.swap(place, dice.below(place + 1));
    }
    let (mut seen, mut jobs) = (BTreeSet::new(), BTreeMap::<String, (u64, String)>::new());
    for message in twice {
        if !seen.insert(message.id()) {
            continue;
        }
        let data = message.json()["data"].clone();
        let text = |key: &str| data[key].as_str().unwrap().to_owned();
        let position = text("position").strip_prefix("PLANS:").unwrap().parse().unwrap();
        let known = jobs.entry(text("jobId")).or_default();
        if position > known.0 {
            *known = (position, text("status"));
        }
    }
    jobs.into_iter().map(|(job, (_, status))| (job, status)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_endpoint_gets_each_event_whatever_breaks_and_none_waits_for_another() {
    let system = system();
    let [gateway, _onboarding, _planner, projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let (operator, receiver) = (Operator::of(&system, &gateway), Receiver::start().await);
    let client = system.client(&gateway, "amy");
    let before = client.onboard(&answers()).await;
    client.ended(&before).await;
    receiver.answer("/flaky", Answer::Status(503, Some("Retry-After: 0".to_owned())));
    receiver.answer("/hangs", Answer::Hangs);
    let good = operator.register(&receiver.url("/good"), &JOBS).await.unwrap();
    let flaky = operator.register(&receiver.url("/flaky"), &JOBS).await.unwrap();
    operator.register(&receiver.url("/hangs"), &JOBS).await.unwrap();
    operator.register("http://127.0.0.1:9/nobody", &JOBS).await.unwrap();
    let old = logged(&system).await;
    let mut jobs = Vec::new();
    for number in 0..10 {
        jobs.push(client.generate(&format!("job-{number}")).await);
    }
    // Whoever was at it is gone without a word; another one goes on.
    projector.kill();
    let _projector = system.start("projector").await;
    for number in 10..20 {
        jobs.push(client.generate(&format!("job-{number}")).await);
    }
    for job in &jobs {
        assert_eq!(client.ended(job).await.status, "completed");
    }
    let all = logged(&system).await;
    let wanted: BTreeSet<&String> = all.keys().filter(|id| !old.contains_key(*id)).collect();
    assert_eq!(wanted.len(), 40, "each job is requested and completed");
    let ids = |path: &str| receiver.taken(path).iter().map(|message| message.id().to_owned()).collect::<BTreeSet<_>>();
    eventually("the good endpoint has each event while others fail and hang", async || {
        (ids("/good").iter().collect::<BTreeSet<_>>() == wanted).then_some(())
    })
    .await;
    assert!(ids("/flaky").is_empty() && !receiver.received("/flaky").is_empty());
    receiver.answer("/flaky", Answer::Takes);
    eventually("the endpoint that is back has each event", async || {
        (ids("/flaky").iter().collect::<BTreeSet<_>>() == wanted).then_some(())
    })
    .await;
    for (path, endpoint) in [("/good", &good), ("/flaky", &flaky)] {
        for message in receiver.taken(path) {
            assert!(message.is_signed_by(&endpoint.secret), "{message:?}");
            let body = message.json();
            let position = body["data"]["position"].as_str().unwrap().to_owned();
            assert_eq!(position, format!("PLANS:{}", all[message.id()]), "{body}");
            assert_eq!(body["data"]["athleteId"], "amy", "{body}");
            assert!(message.headers.contains_key("traceparent"), "{message:?}");
        }
    }
    assert!(!receiver.taken("/good")[0].is_signed_by(&flaky.secret));
    let all_taken = receiver.taken("/flaky");
    assert_eq!(library::verified_in_python(&all_taken, &flaky.secret), all_taken.len());
    assert_eq!(statuses_of(&all_taken), jobs.iter().map(|job| (job.clone(), "completed".to_owned())).collect());
    eventually("each is known as delivered", async || {
        let delivered = operator.get(&format!("{}/deliveries?status=delivered&limit=100", flaky.id)).await;
        (delivered["deliveries"].as_array().map(Vec::len) == Some(40)).then_some(())
    })
    .await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_are_watched_rotated_pinged_and_sent_again() {
    let system = system();
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let (operator, receiver) = (Operator::of(&system, &gateway), Receiver::start().await);
    let watch = ["webhook.failing", "webhook.recovered", "webhook.disabled"];
    operator.register(&receiver.url("/watch"), &watch).await.unwrap();
    receiver.answer("/app", Answer::Status(500, None));
    let app = operator.register(&receiver.url("/app"), &["job.completed"]).await.unwrap();
    let noticed = |kind: &'static str| {
        let receiver = receiver.clone();
        async move {
            eventually(kind, async || {
                receiver.taken("/watch").into_iter().map(|message| message.json()).find(|body| body["type"] == kind)
            })
            .await
        }
    };
    let ping = operator.post(&format!("{}/ping", app.id), json!({})).await;
    assert_eq!(noticed("webhook.failing").await["data"]["endpointId"], app.id.as_str());
    receiver.answer("/app", Answer::Takes);
    noticed("webhook.recovered").await;
    let pinged = receiver.taken("/app").remove(0);
    assert_eq!(pinged.json()["type"], "webhook.ping");
    // Both secrets sign while one takes the place of the other.
    let rotated = operator.post(&format!("{}/secret", app.id), json!({ "overlapSeconds": 3_600 })).await;
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(new, app.secret);
    let delivery = ping["deliveryId"].as_str().unwrap();
    eventually("the ping is known to be delivered", async || {
        let known = operator.get(&format!("{}/deliveries/{delivery}", app.id)).await;
        (known["status"] == "delivered" && known["history"].as_array().is_some_and(|all| all.len() > 1)).then_some(())
    })
    .await;
    operator.post(&format!("{}/deliveries/{delivery}/replay", app.id), json!({})).await;
    let again = eventually("it is sent again", async || receiver.taken("/app").into_iter().nth(1)).await;
    assert_eq!((again.id(), &again.body), (pinged.id(), &pinged.body));
    assert!(again.is_signed_by(new) && again.is_signed_by(&app.secret));
    // One that is gone for good gets nothing more, and the other is told.
    receiver.answer("/app", Answer::Status(410, None));
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    client.ended(&job).await;
    assert_eq!(noticed("webhook.disabled").await["data"]["cause"], "gone");
    eventually("it is shown as disabled", async || {
        (operator.get(&app.id).await["disabledCause"] == "gone").then_some(())
    })
    .await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_inside() {
    let mut system = system();
    system.set("WEBHOOK_ALLOW_LOOPBACK", "false");
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let (operator, receiver) = (Operator::of(&system, &gateway), Receiver::start().await);
    let port = receiver.port();
    for host in ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "10.0.0.1"] {
        let refused = operator.register(&format!("https://{host}:{port}/"), &JOBS).await.err().unwrap();
        assert!(refused["errors"][0]["field"] == "url", "{host}: {refused}");
    }
    assert!(operator.register(&format!("http://app.example:{port}/"), &JOBS).await.is_err(), "it is not encrypted");
    // A name that leads inside is found where it is connected to.
    let named = operator.register(&format!("https://localhost:{port}/"), &JOBS).await.unwrap();
    let ping = operator.post(&format!("{}/ping", named.id), json!({})).await;
    let delivery = ping["deliveryId"].as_str().unwrap();
    let attempt = eventually("the attempt is refused", async || {
        let known = operator.get(&format!("{}/deliveries/{delivery}", named.id)).await;
        known["history"].as_array().and_then(|attempts| attempts.first()).cloned()
    })
    .await;
    let reason = attempt["reason"].as_str().unwrap();
    assert!(reason.contains("no address of the public internet"), "{attempt}");
    assert!(receiver.received("/").is_empty());
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let system = system();
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let (operator, receiver) = (Operator::of(&system, &gateway), Receiver::start().await);
    let inside = format!("Location: {}", receiver.url("/inside"));
    receiver.answer("/leads", Answer::Status(307, Some(inside)));
    let leads = operator.register(&receiver.url("/leads"), &JOBS).await.unwrap();
    operator.post(&format!("{}/ping", leads.id), json!({})).await;
    eventually("it is asked twice", async || (receiver.received("/leads").len() >= 2).then_some(())).await;
    assert!(receiver.received("/inside").is_empty());
    system.remove().await;
}
