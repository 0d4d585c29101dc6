//! Endpoints of webhooks from the command line: registered, watched, sent again, removed; and the receiver for development.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::bench::{Ally, objects, said, text};
use crate::system::{DEADLINE, RoleProcess, System, ally, eventually, http};
use crate::webhooks::receiver::{Answer, Receiver};

const KEY: &str = "a key of tests, long enough for webhooks";

/// Messages may go to this machine, pauses are short, and the second attempt is the last.
pub fn quick_webhooks(system: &mut System) {
    for (variable, value) in [
        ("ALLY_WEBHOOK_KEY", KEY),
        ("WEBHOOK_ALLOW_LOOPBACK", "true"),
        ("WEBHOOK_RETRY_FIRST_MS", "200"),
        ("WEBHOOK_RETRY_LONGEST_MS", "500"),
        ("WEBHOOK_REST_MS", "200"),
        ("WEBHOOK_LONGEST_REST_MS", "500"),
        ("WEBHOOK_MAX_ATTEMPTS", "2"),
    ] {
        system.set(variable, value);
    }
}

fn register(ally: &Ally, url: &str) -> Value {
    let arguments = ["webhooks", "register", "--app", "coach", "--url", url, "--type", "job.completed", "--as", "kim"];
    ally.objects(&arguments).remove(0)
}

/// Waits until a delivery stands so; the delivery.
async fn stands(ally: &Ally, delivery: &str, status: &str) -> Value {
    eventually(&format!("delivery {delivery} is {status}"), async || {
        let found = ally.objects(&["webhooks", "delivery", delivery]).remove(0);
        (found["status"] == status).then_some(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_fails_is_looked_at_and_sent_again_what_was_given_up() {
    let ally = Ally::start_with(quick_webhooks).await;
    let receiver = Receiver::start().await;
    receiver.answer("/app", Answer::Status(500, None));
    let registered = register(&ally, &receiver.url("/app"));
    let (id, secret) = (text(&registered, "endpointId"), text(&registered, "secret"));
    eventually("it is listed", async || {
        (ally.objects(&["webhooks", "list", "--app", "coach"]).len() == 1).then_some(())
    })
    .await;
    assert_eq!(ally.objects(&["webhooks", "list", "--app", "other"]).len(), 0);
    let shown = ally.objects(&["webhooks", "show", id]).remove(0);
    assert!(shown["enabled"] == true && shown.get("secret").is_none(), "{shown}");
    assert_eq!(ally.objects(&["webhooks", "show", id, "--secret"])[0]["secret"], secret);
    let history = ally.objects(&["events", "show", "webhook", id]).remove(0);
    assert_eq!(history["events"][0]["actor"], "operator:kim", "{history}");

    let ping = ally.objects(&["webhooks", "ping", id]).remove(0);
    let delivery = text(&ping, "deliveryId");
    let given_up = stands(&ally, delivery, "given_up").await;
    let attempts = given_up["history"].as_array().unwrap();
    assert!(attempts.len() == 2 && attempts.iter().all(|it| it["status"] == 500), "{given_up}");
    assert_eq!(given_up["message"]["type"], "webhook.ping", "{given_up}");
    eventually("it is listed as given up", async || {
        let found = ally.objects(&["webhooks", "deliveries", id, "--status", "given_up"]);
        (found.len() == 1 && found[0]["deliveryId"] == delivery).then_some(())
    })
    .await;
    assert_eq!(ally.objects(&["webhooks", "deliveries", id, "--status", "delivered"]).len(), 0);
    eventually("it is shown as failing", async || {
        ally.objects(&["webhooks", "list"])[0]["failingSince"].is_string().then_some(())
    })
    .await;
    let shown = ally.runbook("webhooks", &[("ENDPOINT", id), ("DELIVERY", delivery)]);
    assert!(shown.contains("the endpoint answered 500") && shown.contains("a test is on its way"), "{shown}");

    receiver.answer("/app", Answer::Takes);
    let since = text(&given_up, "queuedAt");
    let tried = ally.objects(&["webhooks", "replay", id, "--since", since, "--dry-run"]).remove(0);
    assert!(tried["found"].as_u64() >= Some(1) && tried["replayed"] == 0, "{tried}");
    let shown = ally.runbook("webhooks-again", &[("ENDPOINT", id), ("SINCE", since)]);
    assert!(shown.contains("nothing was sent") && shown.contains("are on their way"), "{shown}");
    let delivered = stands(&ally, delivery, "delivered").await;
    assert_eq!((&delivered["round"], &delivered["lastStatus"]), (&json!(2), &json!(204)), "{delivered}");
    assert!(receiver.taken("/app").iter().any(|message| message.id() == text(&delivered, "messageId")));
    assert!(receiver.taken("/app").iter().all(|message| message.is_signed_by(secret)));
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_replaced_and_an_endpoint_disabled_enabled_and_removed() {
    let ally = Ally::start_with(quick_webhooks).await;
    let receiver = Receiver::start().await;
    let registered = register(&ally, &receiver.url("/app"));
    let (id, old) = (text(&registered, "endpointId"), text(&registered, "secret"));
    let shown = ally.runbook("webhook-secret", &[("ENDPOINT", id)]);
    let new = ally.objects(&["webhooks", "show", id, "--secret"]).remove(0);
    assert!(
        shown.contains(text(&new, "secret")) && new["previousUntil"].is_string() && new["secret"] != old,
        "{shown}"
    );
    ally.text(&["webhooks", "ping", id]);
    let message = eventually("the test arrives", async || receiver.taken("/app").pop()).await;
    assert!(message.is_signed_by(text(&new, "secret")) && message.is_signed_by(old), "both sign for a day");

    let disabled = ally.objects(&["webhooks", "disable", id]).remove(0);
    assert_eq!((&disabled["enabled"], &disabled["disabledCause"]), (&json!(false), &json!("operator")), "{disabled}");
    let refused = ally.run(&["webhooks", "ping", id]);
    assert!(refused.status.code() == Some(2) && said(&refused).contains("ally webhooks enable"), "{}", said(&refused));
    assert_eq!(ally.objects(&["webhooks", "enable", id])[0]["enabled"], true);
    assert_eq!(ally.objects(&["webhooks", "enable", id])[0]["enabled"], true, "twice is once");
    assert!(ally.text(&["webhooks", "remove", id]).contains("is removed"));
    let gone = ally.run(&["webhooks", "show", id]);
    assert!(gone.status.code() == Some(2) && said(&gone).contains(id), "{}", said(&gone));
    eventually("it is listed no more", async || ally.objects(&["webhooks", "list"]).is_empty().then_some(())).await;
    assert_eq!(ally.objects(&["webhooks", "deliveries", id]).len(), 1, "what went to it can be looked at");
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_takes_what_is_signed_and_says_why_it_refuses_the_rest() {
    let ally = Ally::start_with(quick_webhooks).await;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let url = format!("http://127.0.0.1:{port}/hook");
    let registered = register(&ally, &url);
    let (id, secret) = (text(&registered, "endpointId"), text(&registered, "secret"));
    let arguments = ["webhooks", "listen", "--port", &port, "--secret", secret, "-n", "2", "--json"];
    let mut receiver = ally.system.command(&arguments);
    let receiver = receiver.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let client = http().build().unwrap();
    // The first that is answered at all: before that nobody listens.
    let unsigned = eventually("it listens", async || client.post(&url).json(&json!({})).send().await.ok()).await;
    assert_eq!(unsigned.status(), 400);
    ally.text(&["webhooks", "ping", id]);
    let output = ended(receiver).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let lines = objects(&output);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0]["verified"] == false && text(&lines[0], "refused").contains("missing header"), "{lines:?}");
    assert!(lines[1]["verified"] == true && lines[1]["type"] == "webhook.ping", "{lines:?}");
    ally.remove().await;
}

/// What the doctor finds of one thing, by a gateway and a projector; nothing where it does not look at it.
fn doctor(ally: &Ally, projector: &RoleProcess, what: &str) -> Option<Value> {
    let mut doctor = ally.system.command(&["doctor", "--json"]);
    let port = |url: &str| url.trim_end_matches("/metrics").rsplit(':').next().unwrap().to_owned();
    for (name, role) in [("GATEWAY_BFF", &ally.gateway), ("PROJECTOR", projector)] {
        doctor.env(format!("{name}_PORT"), port(&role.http));
        doctor.env(format!("{name}_METRICS_PORT"), port(&role.metrics));
    }
    objects(&doctor.output().unwrap()).into_iter().find(|finding| finding["what"] == what)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_sees_endpoints_that_fail_a_missing_key_and_events_that_nobody_queues() {
    let ally = Ally::start_with(quick_webhooks).await;
    let found = |what: &str| doctor(&ally, &ally.projector, what);
    assert_eq!(found("webhook endpoints").unwrap()["found"], "none");
    assert!(found("events for webhooks").is_none(), "without an endpoint nobody queues");
    let receiver = Receiver::start().await;
    receiver.answer("/app", Answer::Status(503, None));
    let registered = register(&ally, &receiver.url("/app"));
    let id = text(&registered, "endpointId");
    eventually("what happens is queued", async || {
        found("events for webhooks").is_some_and(|finding| finding["well"] == true).then_some(())
    })
    .await;
    assert_eq!(found("key of webhooks").unwrap()["well"], true);
    ally.text(&["webhooks", "ping", id]);
    let noted = eventually("the endpoint is noted", async || {
        found("webhook endpoints").filter(|finding| text(finding, "found").contains("takes nothing since"))
    })
    .await;
    assert!(noted["well"] == true && text(&noted, "remedy").contains("ally webhooks deliveries"), "{noted}");

    // A projector that was started without the key.
    let mut keyless = ally.system.command(&["serve", "--role", "projector"]);
    keyless.env_remove("ALLY_WEBHOOK_KEY");
    let keyless = RoleProcess::start(keyless, "projector").await;
    keyless.ready().await;
    let missing = doctor(&ally, &keyless, "key of webhooks").unwrap();
    assert!(missing["well"] == false && text(&missing, "found").contains("projector has none"), "{missing}");
    assert_eq!(missing["runbook"], "docs/runbook.md#webhooks-do-not-arrive");
    assert_eq!(keyless.terminate().await, Some(0));

    ally.text(&["webhooks", "remove", id]);
    eventually("nobody queues any more", async || {
        (found("webhook endpoints")?["found"] == "none" && found("events for webhooks").is_none()).then_some(())
    })
    .await;
    ally.remove().await;
}

async fn ended(child: Child) -> Output {
    let waited = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    tokio::time::timeout(DEADLINE, waited).await.expect("it ends").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_ends_by_control_c_and_needs_no_server() {
    let mut receiver = ally(&["webhooks", "listen", "--port", "0"]);
    let mut receiver = receiver.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(receiver.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
    let message = json!({"type": "job.completed", "data": {"jobId": "7"}});
    let answer = http().build().unwrap().post(url).json(&message).send().await.unwrap();
    assert_eq!(answer.status(), 204, "without a secret everything is taken");
    kill_process(Pid::from_child(&receiver), Signal::INT).unwrap();
    let output = ended(receiver).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("job.completed") && shown.contains("job 7 not verified"), "{shown}");
}
