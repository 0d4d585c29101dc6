//! Nobody is somebody else: each issuer's subject is an athlete of its own, and an operator is named by their subject.

use std::time::Duration;

use ally_api::{AuthConfig, Verifier, mint};
use ally_domain::ports::Clock as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Ally, all_answers, auth, body, problem};

const HOUR: Duration = Duration::from_secs(3_600);
/// The public namespace and recipe by which a subject like an e-mail address has always become an id.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_3f0e_5c1b_4f7a_9a53_0a3c_7a11_a11e);

/// A token with claims of a test's own.
fn signed(ally: &Ally, mut claims: Value) -> String {
    claims["exp"] = json!(ally.clock.now().unix_timestamp() + 3_600);
    let key = EncodingKey::from_secret(b"a secret of the tests, 32 bytes or more");
    encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

/// Onboards the first, and shows that the second neither reads nor changes anything of it.
async fn see_nothing_of_each_other(first: Value, second: Value) {
    let ally = Ally::start().await;
    let (one, other) = (signed(&ally, first), signed(&ally, second));
    let send = |method: Method, path: &str, token: &str| ally.server.request(method, path).bearer_auth(token);
    let answered = send(Method::POST, "/api/v1/onboarding", &one).json(&all_answers()).send().await.unwrap();
    assert_eq!(answered.status(), StatusCode::ACCEPTED);
    let job = format!("/api/v1/jobs/{}", body(answered).await["jobId"].as_str().unwrap());

    problem(send(Method::GET, &job, &other).send().await.unwrap(), 404, "not-found").await;
    let seen = body(send(Method::GET, "/api/v1/profile", &other).send().await.unwrap()).await;
    assert_eq!((&seen["answers"], &seen["jobId"]), (&json!({}), &json!(null)), "{seen:#}");
    let mut healthy = all_answers();
    healthy["injuries"] = json!([]);
    let answered = send(Method::POST, "/api/v1/onboarding", &other).json(&healthy).send().await.unwrap();
    assert_eq!(answered.status(), StatusCode::ACCEPTED);
    let profile = body(send(Method::GET, "/api/v1/profile", &one).send().await.unwrap()).await;
    assert_eq!(profile["answers"]["injuries"], all_answers()["injuries"], "{profile:#}");
    assert_eq!(profile["revision"], 1, "{profile:#}");
}

#[tokio::test]
async fn a_subject_that_looks_like_another_ones_id_is_another_athlete() {
    let derived = Uuid::new_v5(&NAMESPACE, "athlete\u{1f}v@example.org".as_bytes());
    see_nothing_of_each_other(json!({"sub": "v@example.org"}), json!({"sub": derived.to_string()})).await;
}

#[tokio::test]
async fn one_subject_of_two_issuers_is_two_athletes() {
    let of = |issuer: &str| json!({"sub": "amy", "iss": issuer});
    see_nothing_of_each_other(of("https://one.example"), of("https://two.example")).await;
    see_nothing_of_each_other(json!({"sub": "amy"}), of("https://one.example")).await;
}

#[tokio::test]
async fn a_deployment_that_names_its_issuer_later_keeps_its_athletes() {
    let ally = Ally::start().await;
    let athlete = |config: &AuthConfig, subject: &str| {
        let token = mint(config, subject, ally.clock.now(), HOUR, &[]).unwrap();
        Verifier::new(config, ally.clock.clone()).verify(&token).unwrap().athlete
    };
    let named = AuthConfig { issuer: Some("https://id.example".to_owned()), ..auth() };
    for subject in ["amy", "auth0|42", "0198c0de-7000-7000-8000-000000000000"] {
        assert_eq!(athlete(&auth(), subject), athlete(&named, subject), "{subject}");
    }
    assert_eq!(athlete(&named, "amy").as_str(), "amy");
}

#[tokio::test]
async fn an_operator_is_named_by_their_subject() {
    let ally = Ally::start().await;
    let roles = ["operator".to_owned()];
    for (n, (subject, named)) in
        [("kim@example.org", "kim@example.org"), ("auth0|7", "auth0|7"), ("kim\n50%", "kim%0A50%25")]
            .into_iter()
            .enumerate()
    {
        let letter = format!("planner.PLANS-{}", n + 1);
        ally.dead_letters.park(&letter, "f1");
        let token = mint(&auth(), subject, ally.clock.now(), HOUR, &roles).unwrap();
        let path = format!("/api/v1/operator/dead-letters/{letter}/discard");
        let request = ally.server.request(Method::POST, &path).bearer_auth(token);
        assert_eq!(request.json(&json!({"note": "fixed"})).send().await.unwrap().status(), 200);
        assert_eq!(ally.dead_letters.changes()[n], format!("discarded {letter} by {named}: fixed"));
    }
    ally.dead_letters.park("planner.PLANS-9", "f1");
    let token = signed(&ally, json!({"sub": "kim", "iss": "https://one.example", "roles": ["operator"]}));
    let path = "/api/v1/operator/dead-letters/planner.PLANS-9/discard";
    let request = ally.server.request(Method::POST, path).bearer_auth(token).json(&json!({"note": "fixed"}));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let change = ally.dead_letters.changes().pop().unwrap();
    assert_eq!(change, "discarded planner.PLANS-9 by kim (https://one.example): fixed");
}
