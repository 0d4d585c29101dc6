//! Which pages may call.

use ally_api::Limits;
use reqwest::{Method, Response};

use crate::harness::{Ally, Setup, generous, header, problem};

const APP: &str = "https://app.example.org";

async fn ally() -> Ally {
    let limits = Limits { cors_allowed_origins: vec![APP.to_owned()], ..generous() };
    Ally::with(Setup { limits, ..Setup::default() }).await
}

async fn preflight(ally: &Ally, origin: &str) -> Response {
    ally.server
        .request(Method::OPTIONS, "/api/v1/onboarding")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key")
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_listed_origin_may_ask_and_read() {
    let ally = ally().await;
    let response = preflight(&ally, APP).await;
    assert_eq!(response.status(), 204);
    assert_eq!(header(&response, "access-control-allow-origin"), Some(APP));
    let allowed = header(&response, "access-control-allow-headers").unwrap().to_lowercase();
    assert!(
        ["authorization", "content-type", "idempotency-key"].iter().all(|name| allowed.contains(name)),
        "{allowed}"
    );
    assert_eq!(header(&response, "access-control-allow-credentials"), None);

    let refused = ally.server.request(Method::GET, "/api/v1/profile").header("origin", APP).send().await.unwrap();
    assert_eq!(header(&refused, "access-control-allow-origin"), Some(APP), "a page can read errors too");
    assert!(header(&refused, "access-control-expose-headers").unwrap().contains("x-trace-id"));
    assert_eq!(header(&refused, "vary"), Some("Accept-Encoding, Origin"));
    problem(refused, 401, "unauthorized").await;
}

#[tokio::test]
async fn any_other_origin_is_refused() {
    let ally = ally().await;
    for origin in ["https://evil.example", "https://app.example.org.evil.example", "http://app.example.org", "null"] {
        problem(preflight(&ally, origin).await, 403, "origin-not-allowed").await;
        let request = ally.request(Method::GET, "/api/v1/profile", "amy").header("origin", origin);
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "access-control-allow-origin"), None);
        problem(response, 403, "origin-not-allowed").await;
    }
}

#[tokio::test]
async fn without_a_list_no_origin_is_allowed_but_the_own() {
    let ally = Ally::start().await;
    problem(preflight(&ally, APP).await, 403, "origin-not-allowed").await;
    let own = format!("http://{}", ally.server.address);
    let request = ally.request(Method::GET, "/api/v1/profile", "amy").header("origin", own);
    assert_eq!(request.send().await.unwrap().status(), 200, "the documentation page calls its own host");
}

#[tokio::test]
async fn a_page_may_send_what_operations_read_and_read_what_answers_say() {
    let ally = ally().await;
    let asked = preflight(&ally, APP).await;
    let (sent, methods) = (
        header(&asked, "access-control-allow-headers").unwrap().to_owned(),
        header(&asked, "access-control-allow-methods").unwrap().to_owned(),
    );
    for name in ["cache-control", "content-encoding", "if-none-match", "last-event-id", "prefer", "traceparent"] {
        assert!(sent.split(", ").any(|one| one == name), "{name}: {sent}");
    }
    let presence: serde_json::Value = serde_json::from_str(&ally_api::presence_openapi_json()).unwrap();
    let used =
        presence["paths"].as_object().unwrap().values().flat_map(|operations| operations.as_object().unwrap().keys());
    for method in used {
        assert!(methods.contains(&method.to_uppercase()), "{method}: {methods}");
    }
    let request = ally.request(Method::GET, "/api/v1/exercises", "amy").header("origin", APP);
    let answer = request.send().await.unwrap();
    let readable = header(&answer, "access-control-expose-headers").unwrap().to_owned();
    // Those that browsers let a page read anyway, and those that say something to the browser alone.
    let others =
        ["cache-control", "content-length", "content-type", "content-security-policy", "date", "referrer-policy"];
    for name in answer.headers().keys().map(reqwest::header::HeaderName::as_str) {
        let for_browsers =
            name.starts_with("access-control-") || name.starts_with("x-content") || name.starts_with("x-frame");
        let known = readable.split(", ").any(|one| one == name);
        assert!(known || for_browsers || others.contains(&name), "{name} cannot be read: {readable}");
    }
}

#[tokio::test]
async fn what_layers_add_to_vary_stays_together() {
    let ally = ally().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = format!("/api/v1/plans/{}", ally.complete(&job, "amy").await);
    for (path, vary) in [
        (plan.clone(), "Accept, Accept-Encoding, Origin"),
        (format!("{plan}?version=1"), "Accept, Authorization, Accept-Encoding, Origin"),
    ] {
        for origin in [Some(APP), None] {
            let mut request = ally.request(Method::GET, &path, "amy");
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.headers().get_all("vary").iter().count(), 1);
            assert_eq!(header(&answer, "vary"), Some(vary), "{path} for {origin:?}");
        }
    }
}

#[tokio::test]
async fn shells_of_apps_are_origins_and_spelling_does_not_matter() {
    for (listed, sent) in [
        ("capacitor://localhost", "capacitor://localhost"),
        ("ionic://localhost", "ionic://localhost"),
        ("tauri://localhost/", "tauri://localhost"),
        ("HTTPS://App.Example.org:443/", APP),
    ] {
        let limits = Limits { cors_allowed_origins: vec![listed.to_owned()], ..generous() };
        let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
        let answer = preflight(&ally, sent).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "access-control-allow-origin")), (204, Some(sent)));
    }
}
