//! What goes to endpoints: a test, what became of each attempt, and messages that are sent again.

use std::time::Duration;

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::ports::Clock as _;
use ally_domain::webhook::{DeliveryCommand, MessageType, WebhookMessage};
use reqwest::Method;
use serde_json::{Value, json};

use super::{WEBHOOKS, ask, get, post, registered};
use crate::harness::{Ally, body, fields, header, problem};

const SINCE: &str = "2026-11-20T08:00:00Z";

fn endpoint_of(path: &str) -> EndpointId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// Queues a message about a job for an endpoint, as the fan-out does.
async fn queue(ally: &Ally, path: &str, n: usize) -> DeliveryId {
    let endpoint_id = endpoint_of(path);
    let message = WebhookMessage {
        id: format!("c{n}:1"),
        message_type: MessageType::JobCompleted,
        timestamp: ally.clock.now(),
        data: json!({
            "jobId": "0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21", "athleteId": "amy", "status": "completed",
            "planId": "5f1f0f3a-2f0e-5c11-8a53-7a110a3c9a53", "planVersion": 1, "attempt": 1, "position": "PLANS:42"
        }),
    };
    let id = DeliveryId::of(&endpoint_id, &message.id);
    ally.deliver(&id, DeliveryCommand::Queue { endpoint_id, message }).await;
    id
}

async fn give_up(ally: &Ally, id: &DeliveryId, round: u32) {
    ally.deliver(id, DeliveryCommand::GiveUp { round, reason: "it answered 503 sixteen times".to_owned() }).await;
}

async fn succeed(ally: &Ally, id: &DeliveryId, round: u32) {
    ally.deliver(id, DeliveryCommand::RecordSuccess { round, status: 204, millis: 5 }).await;
}

async fn fail(ally: &Ally, id: &DeliveryId, round: u32) {
    let (status, reason, retry_at) = (Some(503), "it answered 503".to_owned(), Some(ally.clock.now()));
    ally.deliver(id, DeliveryCommand::RecordFailure { round, status, reason, millis: 7, retry_at }).await;
}

#[tokio::test]
async fn a_ping_is_a_delivery_of_its_own() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    let ping = |key: &'static str| {
        let (ally, path) = (&ally, format!("{path}/ping"));
        async move { ask(ally, Method::POST, &path, None, Some(key)).await }
    };
    let first = ping("a").await;
    assert_eq!((first.status().as_u16(), header(&first, "idempotent-replayed")), (202, None));
    let location = header(&first, "location").unwrap().to_owned();
    let first = body(first).await;
    assert_eq!((&first["status"], &first["links"]["self"]), (&json!("waiting"), &json!(location)));
    let shown = body(get(&ally, &location).await).await;
    assert_eq!(
        (&shown["type"], &shown["attempts"], &shown["history"]),
        (&json!("webhook.ping"), &json!(0), &json!([]))
    );
    let message = json!({"type": "webhook.ping", "timestamp": SINCE, "data": {"endpointId": first["endpointId"]}});
    assert_eq!(shown["message"], message);

    let again = ping("a").await;
    assert_eq!(header(&again, "idempotent-replayed"), Some("true"));
    assert_eq!(body(again).await["deliveryId"], first["deliveryId"]);
    let other = body(ping("b").await).await;
    assert_ne!(other["deliveryId"], first["deliveryId"]);
    let listed = body(get(&ally, &format!("{path}/deliveries?position={}", other["position"].as_str().unwrap())).await);
    assert_eq!(listed.await["deliveries"].as_array().unwrap().len(), 2);
    problem(post(&ally, &format!("{WEBHOOKS}/none/ping"), &json!({})).await, 404, "not-found").await;
}

#[tokio::test]
async fn a_delivery_shows_each_attempt_of_each_round() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    let id = queue(&ally, &path, 1).await;
    let address = format!("{path}/deliveries/{id}");
    fail(&ally, &id, 1).await;
    let waiting = body(get(&ally, &address).await).await;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("waiting"), &json!(1)));
    assert_eq!((&waiting["lastStatus"], &waiting["nextAttemptAt"]), (&json!(503), &json!(SINCE)));
    assert_eq!(waiting["message"]["data"]["position"], "PLANS:42");
    let early = problem(post(&ally, &format!("{address}/replay"), &json!({})).await, 409, "webhook-state").await;
    assert!(early["detail"].as_str().unwrap().contains("on its way"), "{early}");

    give_up(&ally, &id, 1).await;
    let given_up = body(get(&ally, &address).await).await;
    assert_eq!((&given_up["status"], given_up.get("nextAttemptAt")), (&json!("given_up"), None));
    assert_eq!(given_up["lastReason"], "it answered 503 sixteen times");
    ally.clock.forward(Duration::from_secs(60));
    let replayed = post(&ally, &format!("{address}/replay"), &json!({})).await;
    assert_eq!((replayed.status().as_u16(), header(&replayed, "location")), (202, Some(address.as_str())));
    let again = body(get(&ally, &address).await).await;
    assert_eq!((&again["status"], &again["round"], &again["attempts"]), (&json!("waiting"), &json!(2), &json!(0)));
    assert_eq!(again.get("endedAt"), None);
    succeed(&ally, &id, 2).await;
    let ended = body(get(&ally, &address).await).await;
    assert_eq!((&ended["status"], &ended["endedAt"]), (&json!("delivered"), &json!("2026-11-20T08:01:00Z")));
    let history = ended["history"].as_array().unwrap();
    let attempts: Vec<_> =
        history.iter().map(|it| (it["round"].clone(), it["attempt"].clone(), it["status"].clone())).collect();
    assert_eq!(attempts, [(json!(1), json!(1), json!(503)), (json!(2), json!(1), json!(204))]);
    assert_eq!((ended["history"][1].get("reason"), ended.get("lastReason")), (None, None));
}

#[tokio::test]
async fn a_delivery_belongs_to_its_endpoint() {
    let ally = Ally::start().await;
    let (own, other) = (registered(&ally, "coach").await, registered(&ally, "coach").await);
    let id = queue(&ally, &own, 1).await;
    give_up(&ally, &id, 1).await;
    for path in [format!("{other}/deliveries/{id}"), format!("{own}/deliveries/none"), format!("{own}/deliveries/a.b")]
    {
        problem(get(&ally, &path).await, 404, "not-found").await;
        problem(post(&ally, &format!("{path}/replay"), &json!({})).await, 404, "not-found").await;
    }
    assert_eq!(body(get(&ally, &format!("{other}/deliveries")).await).await, json!({"deliveries": []}));
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_by_status() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    let mut queued = Vec::new();
    for n in 0..5 {
        queued.push(queue(&ally, &path, n).await.to_string());
        ally.clock.forward(Duration::from_secs(1));
    }
    queued.reverse();
    let of = |page: &Value| -> Vec<String> {
        let all = page["deliveries"].as_array().unwrap().iter();
        all.map(|it| it["deliveryId"].as_str().unwrap().to_owned()).collect()
    };
    let (mut listed, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let page = body(get(&ally, &format!("{path}/deliveries?limit=2{cursor}")).await).await;
        listed.extend(of(&page));
        next = page["next"].as_str().map(|next| format!("&cursor={next}"));
    }
    assert_eq!(listed, queued);
    succeed(&ally, &queued[2].parse().unwrap(), 1).await;
    let delivered = body(get(&ally, &format!("{path}/deliveries?status=delivered")).await).await;
    assert_eq!(of(&delivered), [queued[2].clone()]);
    let other = registered(&ally, "club").await;
    let page = body(get(&ally, &format!("{path}/deliveries?limit=1")).await).await;
    let cursor = page["next"].as_str().unwrap();
    let foreign = get(&ally, &format!("{other}/deliveries?status=lost&cursor={cursor}")).await;
    assert_eq!(fields(&problem(foreign, 400, "validation").await), ["status", "cursor"]);
}

async fn replay(ally: &Ally, path: &str, sent: Value) -> Value {
    let response = post(ally, &format!("{path}/replay"), &sent).await;
    assert_eq!(response.status(), 200, "{sent}");
    body(response).await
}

#[tokio::test]
async fn messages_since_a_moment_are_sent_again_by_how_they_stand() {
    let ally = Ally::start().await;
    let (path, other) = (registered(&ally, "coach").await, registered(&ally, "coach").await);
    let early = queue(&ally, &path, 0).await;
    give_up(&ally, &early, 1).await;
    give_up(&ally, &queue(&ally, &other, 0).await, 1).await;
    ally.clock.forward(Duration::from_secs(60));
    let (first, second) = (queue(&ally, &path, 1).await, queue(&ally, &path, 2).await);
    let delivered = queue(&ally, &path, 3).await;
    let waiting = queue(&ally, &path, 4).await;
    give_up(&ally, &first, 1).await;
    give_up(&ally, &second, 1).await;
    succeed(&ally, &delivered, 1).await;

    let since = json!({"since": "2026-11-20T08:00:30Z"});
    assert_eq!(replay(&ally, &path, since.clone()).await, json!({"replayed": 2}));
    assert_eq!(replay(&ally, &path, since).await, json!({"replayed": 0}), "twice is once");
    let round =
        async |id: &DeliveryId| body(get(&ally, &format!("{path}/deliveries/{id}")).await).await["round"].clone();
    for (id, expected) in [(&early, 1), (&first, 2), (&second, 2), (&delivered, 1), (&waiting, 1)] {
        assert_eq!(round(id).await, expected, "{id}");
    }
    let of_delivered = json!({"since": SINCE, "status": "delivered"});
    assert_eq!(replay(&ally, &path, of_delivered).await, json!({"replayed": 1}));
    assert_eq!(round(&delivered).await, 2);
    for (sent, named) in [
        (json!({}), "since"),
        (json!({"since": SINCE, "status": "waiting"}), "status"),
        (json!({"since": SINCE, "cursor": "x"}), "cursor"),
        (json!({"since": SINCE, "until": SINCE}), "until"),
    ] {
        let refused = post(&ally, &format!("{path}/replay"), &sent).await;
        assert_eq!(fields(&problem(refused, 400, "validation").await), [named], "{sent}");
    }
    problem(post(&ally, &format!("{WEBHOOKS}/none/replay"), &json!({"since": SINCE})).await, 404, "not-found").await;
}

#[tokio::test]
async fn a_thousand_messages_are_sent_again_at_once_and_the_rest_behind_them() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    for n in 0..1_001 {
        let id = queue(&ally, &path, n).await;
        succeed(&ally, &id, 1).await;
    }
    let mut sent = json!({"since": SINCE, "status": "delivered"});
    let first = replay(&ally, &path, sent.clone()).await;
    assert_eq!(first["replayed"], 1_000);
    // Those that were delivered again meanwhile are not sent a third time.
    for event in ally.store.events("DELIVERIES").iter().filter(|event| event.event_type.name == "replayed") {
        succeed(&ally, &DeliveryId::from(&event.aggregate.id), 2).await;
    }
    sent["cursor"] = first["next"].clone();
    assert_eq!(replay(&ally, &path, sent).await, json!({"replayed": 1}));
}
