//! Webhooks over HTTP, as operators manage them: endpoints and their secrets. What goes to them is in `deliveries`.

mod deliveries;

use std::time::Duration;

use ally_domain::webhook::{DisableCause, EndpointEvent};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Ally, body, fields, header, problem};
use crate::operator::as_kim;

const WEBHOOKS: &str = "/api/v1/operator/webhooks";

/// An operator's request, with a key where there is one.
async fn ask(ally: &Ally, method: Method, path: &str, sent: Option<&Value>, key: Option<&str>) -> Response {
    let mut request = as_kim(ally, ally.server.request(method, path));
    if let Some(sent) = sent {
        request = request.json(sent);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.send().await.unwrap()
}

async fn post(ally: &Ally, path: &str, sent: &Value) -> Response {
    ask(ally, Method::POST, path, Some(sent), None).await
}

async fn get(ally: &Ally, path: &str) -> Response {
    ask(ally, Method::GET, path, None, None).await
}

async fn change(ally: &Ally, path: &str, sent: &Value) -> Response {
    ask(ally, Method::PATCH, path, Some(sent), None).await
}

fn endpoint(app: &str) -> Value {
    json!({"app": app, "url": "https://app.example.org/hooks?of=ally", "types": ["job.completed", "job.failed"]})
}

/// Registers an endpoint; its address.
async fn registered(ally: &Ally, app: &str) -> String {
    let response = post(ally, WEBHOOKS, &endpoint(app)).await;
    assert_eq!(response.status(), 201);
    header(&response, "location").unwrap().to_owned()
}

/// The events of endpoints, in order.
fn events(ally: &Ally) -> Vec<EndpointEvent> {
    ally.store.events("WEBHOOKS").iter().map(|event| event.decode().unwrap()).collect()
}

#[tokio::test]
async fn a_registration_with_a_key_is_one_endpoint_for_ever() {
    let ally = Ally::start().await;
    let register = |sent: Value| {
        let ally = &ally;
        async move { ask(ally, Method::POST, WEBHOOKS, Some(&sent), Some("first")).await }
    };
    let first = register(endpoint("coach")).await;
    assert_eq!((first.status().as_u16(), header(&first, "idempotent-replayed")), (201, None));
    assert_eq!(header(&first, "cache-control"), Some("no-store, no-transform"));
    let location = header(&first, "location").unwrap().to_owned();
    let first = body(first).await;
    assert_eq!(location, format!("{WEBHOOKS}/{}", first["endpointId"].as_str().unwrap()));
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"), "{first}");
    assert_eq!((&first["enabled"], &first["registeredAt"]), (&json!(true), &json!("2026-11-20T08:00:00Z")));

    assert_eq!(change(&ally, &location, &json!({"description": "ours"})).await.status(), 200);
    let again = register(endpoint("coach")).await;
    assert_eq!((again.status().as_u16(), header(&again, "idempotent-replayed")), (201, Some("true")));
    let again = body(again).await;
    assert_eq!((&again["endpointId"], &again["secret"]), (&first["endpointId"], &first["secret"]));
    assert_eq!(again["description"], "ours", "it is answered as it is now");

    let mut other = endpoint("coach");
    other["types"] = json!(["job.completed"]);
    problem(register(other).await, 422, "idempotency-key-reused").await;
    let elsewhere = body(register(endpoint("club")).await).await;
    assert_ne!(elsewhere["endpointId"], first["endpointId"], "another app's key is another one");
    assert_eq!(ask(&ally, Method::DELETE, &location, None, None).await.status(), 204);
    problem(register(endpoint("coach")).await, 422, "idempotency-key-reused").await;
    assert_ne!(registered(&ally, "coach").await, registered(&ally, "coach").await, "without a key each is another one");
}

#[tokio::test]
async fn every_wrong_field_of_an_endpoint_is_named() {
    let ally = Ally::start().await;
    let with = |field: &str, value: Value| {
        let mut sent = endpoint("coach");
        sent[field] = value;
        sent
    };
    for (sent, named) in [
        (json!({}), vec!["app", "types", "url"]),
        (json!({"app": "a b", "url": "ftp://x", "types": ["job.completed"]}), vec!["app", "url"]),
        (with("types", json!([])), vec!["types"]),
        (with("types", json!(["webhook.ping"])), vec!["types[0]"]),
        (with("types", json!(["job.done"])), vec!["types[0]"]),
        (with("description", json!("x".repeat(201))), vec!["description"]),
        (with("url", json!("https://user:secret@app.example.org/")), vec!["url"]),
        (with("url", json!("https://app.example.org/#part")), vec!["url"]),
        (with("secret", json!("whsec_mine")), vec!["secret"]),
    ] {
        let refused = problem(post(&ally, WEBHOOKS, &sent).await, 400, "validation").await;
        let mut fields = fields(&refused);
        fields.sort_unstable();
        assert_eq!(fields, named, "{sent}");
    }
    let path = registered(&ally, "coach").await;
    for (sent, named) in [
        (json!({"url": "https://"}), "url"),
        (json!({"types": []}), "types"),
        (json!({"enabled": "no"}), "enabled"),
        (json!({"app": "club"}), "app"),
    ] {
        assert_eq!(fields(&problem(change(&ally, &path, &sent).await, 400, "validation").await), [named], "{sent}");
    }
    assert_eq!(events(&ally).len(), 1, "nothing of it was stored");
}

#[tokio::test]
async fn an_address_that_the_deployment_refuses_is_no_endpoint() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    for url in ["http://app.example.org/hooks", "https://127.0.0.1/hooks"] {
        let mut sent = endpoint("coach");
        sent["url"] = json!(url);
        let by_change = change(&ally, &path, &json!({"url": url})).await;
        for refused in [post(&ally, WEBHOOKS, &sent).await, by_change] {
            assert_eq!(fields(&problem(refused, 422, "webhook-url-refused").await), ["url"], "{url}");
        }
    }
    assert_eq!(events(&ally).len(), 1);
}

#[tokio::test]
async fn an_endpoint_gets_what_happens_behind_its_registration() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let end = |ally: &Ally| ally.store.events("PLANS").len() as u64;
    let path = registered(&ally, "coach").await;
    let Some(EndpointEvent::EndpointRegistered(first)) = events(&ally).pop() else { panic!("it is registered") };
    assert_eq!(first.since, end(&ally));

    let disabled = body(change(&ally, &path, &json!({"enabled": false})).await).await;
    assert_eq!((&disabled["enabled"], &disabled["disabledCause"]), (&json!(false), &json!("operator")));
    let actor = ally.store.events("WEBHOOKS").pop().unwrap().actor;
    assert_eq!(actor, "operator:kim");
    problem(post(&ally, &format!("{path}/ping"), &json!({})).await, 409, "webhook-state").await;
    let replay = post(&ally, &format!("{path}/replay"), &json!({"since": "2026-11-20T08:00:00Z"})).await;
    problem(replay, 409, "webhook-state").await;
    ally.onboarded("bob").await;
    let enabled = body(change(&ally, &path, &json!({"enabled": true})).await).await;
    assert_eq!((&enabled["enabled"], enabled.get("disabledCause")), (&json!(true), None));
    let Some(EndpointEvent::EndpointEnabled(enabled)) = events(&ally).pop() else { panic!("it is enabled") };
    assert_eq!(enabled.since, end(&ally), "what happened meanwhile is not sent by itself");
    assert!(enabled.since > first.since);
    change(&ally, &path, &json!({"enabled": true})).await;
    let disables = events(&ally).into_iter().filter(
        |event| matches!(event, EndpointEvent::EndpointDisabled(disabled) if disabled.cause == DisableCause::Operator),
    );
    assert_eq!((disables.count(), events(&ally).len()), (1, 3), "twice is once");
}

#[tokio::test]
async fn what_is_absent_of_a_change_stays_and_null_takes_a_description_away() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    let changed = json!({"url": "https://new.example.org/", "description": "new", "types": ["job.cancelled"]});
    let before = body(change(&ally, &path, &changed).await).await;
    assert_eq!(before["types"], json!(["job.cancelled"]));
    let same = body(change(&ally, &path, &json!({"url": null, "types": null, "enabled": null})).await).await;
    assert_eq!(same, before);
    let without = body(change(&ally, &path, &json!({"description": null})).await).await;
    assert_eq!((&without["url"], without.get("description")), (&before["url"], None));
    assert_eq!(body(get(&ally, &path).await).await, without, "it is read as it was answered");
    problem(change(&ally, &format!("{WEBHOOKS}/none"), &json!({})).await, 404, "not-found").await;
}

#[tokio::test]
async fn endpoints_are_listed_by_app_a_page_at_a_time() {
    let ally = Ally::start().await;
    let mut made = Vec::new();
    for app in ["coach", "club", "coach", "coach", "club"] {
        made.push(registered(&ally, app).await);
    }
    let (mut listed, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let page = body(get(&ally, &format!("{WEBHOOKS}?limit=2{cursor}")).await).await;
        let found = page["endpoints"].as_array().unwrap();
        listed.extend(found.iter().map(|one| one["links"]["self"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(|next| format!("&cursor={next}"));
    }
    made.sort();
    assert_eq!(listed, made, "each once");
    let of_club = body(get(&ally, &format!("{WEBHOOKS}?app=club")).await).await;
    assert_eq!(of_club["endpoints"].as_array().unwrap().len(), 2);
    let wrong = get(&ally, &format!("{WEBHOOKS}?app=a%20b&limit=0&cursor=x&position=x")).await;
    assert_eq!(fields(&problem(wrong, 400, "validation").await), ["app", "limit", "cursor", "position"]);
}

#[tokio::test]
async fn a_listing_that_names_a_position_is_never_older() {
    let ally = Ally::start().await;
    ally.views.stick_at(Some(0));
    let path = registered(&ally, "coach").await;
    assert_eq!(get(&ally, &path).await.status(), 200, "what was registered is there at once");
    for list in [WEBHOOKS.to_owned(), format!("{path}/deliveries")] {
        let behind = get(&ally, &format!("{list}?position=WEBHOOKS:1")).await;
        assert_eq!(header(&behind, "retry-after"), Some("1"), "{list}");
        problem(behind, 503, "unavailable").await;
        let unknown = get(&ally, &format!("{list}?position=WEBHOOKS:2")).await;
        assert_eq!(fields(&problem(unknown, 400, "position-unknown").await), ["position"], "{list}");
    }
    ally.views.stick_at(None);
    let listed = body(get(&ally, &format!("{WEBHOOKS}?position=WEBHOOKS:1")).await).await;
    assert_eq!(listed["endpoints"][0]["links"]["self"], path);
}

#[tokio::test]
async fn an_app_has_a_bounded_number_of_endpoints() {
    let ally = Ally::start().await;
    for n in 0..20 {
        let key = format!("k{n}");
        let made = ask(&ally, Method::POST, WEBHOOKS, Some(&endpoint("coach")), Some(&key)).await;
        assert_eq!(made.status(), 201, "{n}");
    }
    let refused = problem(post(&ally, WEBHOOKS, &endpoint("coach")).await, 409, "webhook-limit").await;
    assert!(refused["detail"].as_str().unwrap().contains("20"), "{refused}");
    let again = ask(&ally, Method::POST, WEBHOOKS, Some(&endpoint("coach")), Some("k0")).await;
    assert_eq!(header(&again, "idempotent-replayed"), Some("true"), "a repeat asks for no more room");
    registered(&ally, "club").await;
    ally.webhooks.fail();
    registered(&ally, "coach").await;
    problem(get(&ally, WEBHOOKS).await, 503, "unavailable").await;
}

#[tokio::test]
async fn a_secret_is_followed_by_another_one_with_an_overlap() {
    let ally = Ally::start().await;
    let first = body(post(&ally, WEBHOOKS, &endpoint("coach")).await).await;
    let path = format!("{}/secret", first["links"]["self"].as_str().unwrap());
    let shown = get(&ally, &path).await;
    assert_eq!((header(&shown, "cache-control"), header(&shown, "etag")), (Some("no-store, no-transform"), None));
    let shown = body(shown).await;
    assert_eq!((&shown["secret"], shown.get("previousUntil")), (&first["secret"], None));

    let rotate = |sent: Option<Value>, key: &'static str| {
        let (ally, path) = (&ally, &path);
        async move { ask(ally, Method::POST, path, sent.as_ref(), Some(key)).await }
    };
    let second = rotate(None, "a").await;
    assert_eq!(header(&second, "idempotent-replayed"), None);
    let second = body(second).await;
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(second["previousUntil"], "2026-11-21T08:00:00Z");
    let again = rotate(None, "a").await;
    assert_eq!(header(&again, "idempotent-replayed"), Some("true"));
    assert_eq!(body(again).await, second, "the secret before still signs");
    problem(rotate(Some(json!({"overlapSeconds": 5})), "a").await, 422, "idempotency-key-reused").await;
    ally.clock.forward(Duration::from_secs(24 * 3_600));
    let later = body(get(&ally, &path).await).await;
    assert_eq!((&later["secret"], later.get("previousUntil")), (&second["secret"], None));

    let third = body(rotate(Some(json!({"overlapSeconds": 0})), "b").await).await;
    assert!(third["secret"] != second["secret"] && third.get("previousUntil").is_none(), "{third}");
    for wrong in [-1, 604_801] {
        let refused = rotate(Some(json!({"overlapSeconds": wrong})), "c").await;
        assert_eq!(fields(&problem(refused, 400, "validation").await), ["overlapSeconds"]);
    }
    let unknown = format!("{WEBHOOKS}/none/secret");
    problem(get(&ally, &unknown).await, 404, "not-found").await;
    problem(post(&ally, &unknown, &json!({})).await, 404, "not-found").await;
}

#[tokio::test]
async fn a_deployment_without_a_key_registers_nothing_and_shows_no_secret() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    ally.webhooks.lose_key();
    for refused in [
        post(&ally, WEBHOOKS, &endpoint("coach")).await,
        post(&ally, &format!("{path}/secret"), &json!({})).await,
        get(&ally, &format!("{path}/secret")).await,
    ] {
        let refused = problem(refused, 503, "unavailable").await;
        assert!(refused["detail"].as_str().unwrap().contains("ALLY_WEBHOOK_KEY"), "{refused}");
    }
    assert_eq!(events(&ally).len(), 1, "nothing of it was stored");
    assert_eq!(get(&ally, &path).await.status(), 200);
}

#[tokio::test]
async fn a_removed_endpoint_is_not_there_any_more() {
    let ally = Ally::start().await;
    let path = registered(&ally, "coach").await;
    for _ in 0..2 {
        let removed = ask(&ally, Method::DELETE, &path, None, None).await;
        assert_eq!(removed.status(), 204);
        assert!(removed.bytes().await.unwrap().is_empty());
    }
    for of_it in ["", "/secret", "/deliveries"] {
        problem(get(&ally, &format!("{path}{of_it}")).await, 404, "not-found").await;
    }
    problem(change(&ally, &path, &json!({"enabled": true})).await, 404, "not-found").await;
    problem(post(&ally, &format!("{path}/ping"), &json!({})).await, 404, "not-found").await;
    problem(ask(&ally, Method::DELETE, &format!("{WEBHOOKS}/none"), None, None).await, 404, "not-found").await;
    assert_eq!(body(get(&ally, WEBHOOKS).await).await, json!({"endpoints": []}));
}
