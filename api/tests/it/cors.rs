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
    assert_eq!(response.status(), 200);
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
    assert_eq!(header(&refused, "vary"), Some("Origin"));
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
