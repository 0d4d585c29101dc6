//! What is left of a caller's shares.

use ally_api::{Limits, Rate};
use reqwest::{Method, Response};

use crate::harness::{Ally, Setup, generous, header, problem};

fn quotas(response: &Response) -> (Option<&str>, Option<&str>) {
    (header(response, "ratelimit-policy"), header(response, "ratelimit"))
}

#[tokio::test]
async fn every_counted_answer_says_what_is_left() {
    let limits = Limits {
        per_athlete: Rate { per_minute: 6, burst: 2 },
        per_client: Rate { per_minute: 6, burst: 100 },
        ..generous()
    };
    let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
    let policy = Some("\"client\";q=100;w=1000, \"athlete\";q=2;w=20");
    for left in ["\"client\";r=99;t=10, \"athlete\";r=1;t=10", "\"client\";r=98;t=20, \"athlete\";r=0;t=20"] {
        let response = ally.get("/api/v1/profile", "amy").await;
        assert_eq!(response.status(), 200);
        assert_eq!(quotas(&response), (policy, Some(left)));
    }
    let refused = ally.get("/api/v1/profile", "amy").await;
    assert_eq!(quotas(&refused), (policy, Some("\"client\";r=97;t=30, \"athlete\";r=0;t=20")));
    problem(refused, 429, "rate-limited").await;
    let nobody = ally.server.get("/api/v1/profile").await;
    assert_eq!(
        quotas(&nobody),
        (Some("\"client\";q=100;w=1000"), Some("\"client\";r=96;t=40")),
        "whoever is nobody has a client's share"
    );
    assert_eq!(quotas(&ally.server.get("/health/live").await), (None, None), "probes have no share");
}

#[tokio::test]
async fn a_refused_client_is_told_too_and_limits_that_are_off_say_nothing() {
    let limits = Limits { per_client: Rate { per_minute: 1, burst: 1 }, ..generous() };
    let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
    for _ in 0..2 {
        let response = ally.server.request(Method::GET, "/docs").send().await.unwrap();
        assert_eq!(quotas(&response), (Some("\"client\";q=1;w=60"), Some("\"client\";r=0;t=60")));
    }
    let ally = Ally::start().await;
    assert_eq!(quotas(&ally.get("/api/v1/profile", "amy").await), (None, None));
}
