//! Who is let in.

use std::time::Duration;

use ally_api::{AuthConfig, Secret, TokenError, Verifier, mint};
use ally_domain::ports::Clock as _;
use base64::Engine as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, FixedClock, all_answers, auth, body, header, problem, token};

const HOUR: Duration = Duration::from_secs(3_600);

fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[tokio::test]
async fn no_operation_answers_without_a_token() {
    let ally = Ally::start().await;
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert_eq!(operation["security"], json!([{"bearer": []}]), "{method} {path}");
            let path = path.replace("{id}", "some-id").replace("{session}", "w1d1");
            let method: Method = method.to_uppercase().parse().unwrap();
            let response = ally.server.request(method, &path).send().await.unwrap();
            assert_eq!(header(&response, "www-authenticate"), Some("Bearer realm=\"ally\""));
            problem(response, 401, "unauthorized").await;
            asked += 1;
        }
    }
    assert_eq!(asked, 62);
    problem(ally.server.get("/api/v1/no/such/route").await, 401, "unauthorized").await;
}

#[tokio::test]
async fn bad_tokens_are_refused_alike() {
    let ally = Ally::start().await;
    let secret = SECRET;
    let later = ally.clock.now().unix_timestamp() + 3_600;
    let good = token(&ally.clock, "amy");
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let bad = [
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{head}.{payload}."),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("{head}.{payload}.{}", signature.chars().rev().collect::<String>()),
        signed(Algorithm::HS256, "another secret of 32 bytes or more", &json!({"sub": "amy", "exp": later})),
        signed(Algorithm::HS512, secret, &json!({"sub": "amy", "exp": later})),
        signed(Algorithm::HS256, secret, &json!({"exp": later})),
        signed(Algorithm::HS256, secret, &json!({"sub": "amy"})),
        signed(Algorithm::HS256, secret, &json!({"sub": "", "exp": later})),
        signed(Algorithm::HS256, secret, &json!({"sub": 7, "exp": later})),
        signed(Algorithm::HS256, secret, &json!({"sub": "amy", "exp": "later"})),
        signed(Algorithm::HS256, secret, &json!({"sub": "amy", "exp": later, "nbf": later})),
        signed(Algorithm::HS256, secret, &json!({"sub": "x".repeat(256), "exp": later})),
    ];
    for bad in &bad {
        let request =
            ally.server.request(Method::GET, "/api/v1/profile").header("authorization", format!("Bearer {bad}"));
        let response = request.send().await.unwrap();
        assert!(header(&response, "www-authenticate").unwrap().starts_with("Bearer realm=\"ally\""), "{bad}");
        let document = problem(response, 401, "unauthorized").await;
        assert!(bad.len() < 8 || !document.to_string().contains(bad), "a token is never said back");
    }
}

#[tokio::test]
async fn only_one_bearer_token_counts() {
    let ally = Ally::start().await;
    let good = token(&ally.clock, "amy");
    let ask = |value: String| ally.server.request(Method::GET, "/api/v1/profile").header("authorization", value);
    for wrong in [good.clone(), format!("Basic {good}"), "Bearer".to_owned()] {
        problem(ask(wrong).send().await.unwrap(), 401, "unauthorized").await;
    }
    let twice = ask(format!("Bearer {good}")).header("authorization", format!("Bearer {good}"));
    problem(twice.send().await.unwrap(), 401, "unauthorized").await;
    for right in [format!("Bearer {good}"), format!("bearer {good}")] {
        assert_eq!(ask(right).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_token_expires() {
    let ally = Ally::start().await;
    let token = token(&ally.clock, "amy");
    let ask = || ally.server.request(Method::GET, "/api/v1/profile").bearer_auth(&token).send();
    ally.clock.forward(HOUR);
    assert_eq!(ask().await.unwrap().status(), 200, "clocks may be half a minute apart");
    ally.clock.forward(Duration::from_secs(30));
    let response = ask().await.unwrap();
    assert!(header(&response, "www-authenticate").unwrap().contains("has expired"));
    problem(response, 401, "unauthorized").await;
}

#[tokio::test]
async fn health_and_documents_need_no_token() {
    let ally = Ally::start().await;
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/api/health",
        "/openapi.json",
        "/openapi.yaml",
        "/openapi-3.0.json",
        "/docs",
    ] {
        assert_eq!(ally.server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_foreign_subject_is_an_athlete_of_its_own() {
    let ally = Ally::start().await;
    for subject in ["auth0|42", "amy@example.org", "../../etc", "名前"] {
        let response = ally.post("/api/v1/onboarding", subject, &all_answers()).await;
        assert_eq!(response.status(), 202, "{subject}");
        assert_eq!(body(ally.get("/api/v1/profile", subject).await).await["revision"], 1);
    }
}

#[test]
fn issuer_and_audience_are_checked_when_they_are_set() {
    let clock = std::sync::Arc::new(FixedClock::default());
    let ours = AuthConfig { issuer: Some("https://id.example".into()), audience: Some("ally".into()), ..auth() };
    let theirs = AuthConfig { audience: Some("other".into()), ..ours.clone() };
    let verifier = Verifier::new(&ours, clock.clone());
    let of = |config: &AuthConfig| mint(config, "amy", clock.now(), HOUR, &["operator".to_owned()]).unwrap();
    assert!(verifier.verify(&of(&ours)).unwrap().operator);
    assert_eq!(verifier.verify(&of(&theirs)), Err(TokenError::Foreign));
    assert_eq!(verifier.verify(&of(&auth())), Err(TokenError::Invalid));
}

const SECRET: &str = "a secret of the tests, 32 bytes or more";

/// What a verifier says of claims, beside a subject and an end that count.
fn verified(config: &AuthConfig, more: &Value) -> Result<ally_api::Caller, TokenError> {
    let clock = std::sync::Arc::new(FixedClock::default());
    let mut claims = json!({"sub": "amy", "exp": clock.now().unix_timestamp() + 3_600});
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    Verifier::new(config, clock).verify(&signed(Algorithm::HS256, SECRET, &claims))
}

#[test]
fn a_numeric_date_may_have_a_fraction() {
    let now = FixedClock::default().now().unix_timestamp();
    #[allow(clippy::cast_precision_loss, reason = "the seconds of this century fit")]
    let at = |seconds: f64| now as f64 + seconds;
    for (claims, expected) in [
        (json!({"exp": at(3_600.25), "nbf": at(-0.5), "iat": at(-0.75)}), None),
        (json!({"exp": at(-29.5)}), None),
        (json!({"exp": at(-30.0)}), Some(TokenError::Expired)),
        (json!({"exp": at(-30.5)}), Some(TokenError::Expired)),
        (json!({"exp": -1.5}), Some(TokenError::Expired)),
        (json!({"exp": 1e18}), None),
        (json!({"nbf": at(30.0)}), None),
        (json!({"nbf": at(30.5)}), Some(TokenError::NotYet)),
        (json!({"nbf": 1e300}), Some(TokenError::NotYet)),
        (json!({"nbf": null}), None),
        (json!({"exp": null}), Some(TokenError::Invalid)),
        (json!({"exp": "2027-01-01"}), Some(TokenError::Invalid)),
        (json!({"exp": [at(3_600.0)]}), Some(TokenError::Invalid)),
        (json!({"nbf": at(-5.0).to_string()}), Some(TokenError::Invalid)),
    ] {
        assert_eq!(verified(&auth(), &claims).err(), expected, "{claims}");
    }
}

#[test]
fn claims_of_another_shape_grant_nothing_and_break_nothing() {
    for claims in [
        json!({"roles": "operator"}),
        json!({"roles": {"operator": true}}),
        json!({"roles": ["operator", 7]}),
        json!({"roles": [["operator"]]}),
        json!({"roles": null}),
        json!({"roles": true}),
        json!({"scope": ["operator"]}),
        json!({"scope": {"operator": "operator"}}),
        json!({"scope": null}),
        json!({"scope": "operators Operator,operator"}),
        json!({"role": "operator", "groups": ["operator"]}),
        json!({"iat": "yesterday", "jti": 7, "aud": ["a", "b"]}),
        json!({"aud": {"a": 1}, "iat": null}),
        json!({"realm_access": {"roles": ["operator"]}, "name": null, "address": []}),
    ] {
        let caller = verified(&auth(), &claims).unwrap_or_else(|error| panic!("{claims}: {error}"));
        assert!(!caller.operator, "{claims}");
    }
    for claims in [
        json!({"roles": ["operator"], "scope": 7}),
        json!({"roles": "none", "scope": "openid operator"}),
        json!({"roles": ["a", "operator"]}),
    ] {
        assert!(verified(&auth(), &claims).unwrap().operator, "{claims}");
    }
}

#[test]
fn a_priority_is_allowed_by_a_list_that_names_it() {
    for (claims, allows) in [
        (json!({"priorities": ["high"]}), true),
        (json!({"priorities": ["low", "high"]}), true),
        (json!({"priorities": ["normal"]}), false),
        (json!({"priorities": ["HIGH"]}), false),
        (json!({"priorities": "high"}), false),
        (json!({"priorities": ["high", 7]}), false),
        (json!({"priorities": null}), false),
        (json!({"priority": ["high"]}), false),
        (json!({"roles": ["operator", "high"], "scope": "high"}), false),
        (json!({}), false),
    ] {
        assert_eq!(verified(&auth(), &claims).unwrap().high_priority, allows, "{claims}");
    }
}

#[test]
fn an_issuer_is_a_text_and_an_audience_a_text_or_a_list() {
    let ours = AuthConfig { issuer: Some("https://id.example".into()), audience: Some("ally".into()), ..auth() };
    let (iss, aud) = ("https://id.example", "ally");
    for (claims, expected) in [
        (json!({"iss": iss, "aud": aud}), None),
        (json!({"iss": iss, "aud": ["other", aud]}), None),
        (json!({"iss": iss, "aud": []}), Some(TokenError::Foreign)),
        (json!({"iss": iss, "aud": ["other"]}), Some(TokenError::Foreign)),
        (json!({"iss": iss, "aud": [aud, 7]}), Some(TokenError::Invalid)),
        (json!({"iss": iss, "aud": {"ally": 1}}), Some(TokenError::Invalid)),
        (json!({"iss": iss}), Some(TokenError::Invalid)),
        (json!({"iss": iss, "aud": null}), Some(TokenError::Invalid)),
        (json!({"iss": [iss], "aud": aud}), Some(TokenError::Invalid)),
        (json!({"iss": "https://ID.example", "aud": aud}), Some(TokenError::Foreign)),
        (json!({"aud": aud}), Some(TokenError::Invalid)),
    ] {
        assert_eq!(verified(&ours, &claims).err(), expected, "{claims}");
    }
}

/// A token of a given header, signed with the right secret whatever the header says.
fn with_header(header: &str, claims: &str) -> String {
    let encode = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", encode(header), encode(claims));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_header_decides_nothing_but_what_is_known_here() {
    let clock = std::sync::Arc::new(FixedClock::default());
    let verifier = Verifier::new(&auth(), clock.clone());
    let claims = format!("{{\"sub\":\"amy\",\"exp\":{}}}", clock.now().unix_timestamp() + 60);
    for header in ["{\"alg\":\"HS256\"}", "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"k1\",\"more\":[1]}"] {
        assert!(verifier.verify(&with_header(header, &claims)).is_ok(), "{header}");
    }
    for header in [
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
        "{\"alg\":\"HS256\",\"crit\":[]}",
    ] {
        assert_eq!(verifier.verify(&with_header(header, &claims)), Err(TokenError::Critical), "{header}");
    }
    for header in [
        "{}",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":\"EdDSA\"}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"crit\":\"exp\"}",
        "[\"HS256\"]",
    ] {
        assert_eq!(verifier.verify(&with_header(header, &claims)), Err(TokenError::Invalid), "{header}");
    }
    for twice in ["\"sub\":\"eve\",", "\"roles\":[\"operator\"],\"roles\":[],", "\"exp\":1,"] {
        let token = with_header("{\"alg\":\"HS256\"}", &claims.replacen('{', &format!("{{{twice}"), 1));
        assert_eq!(verifier.verify(&token), Err(TokenError::Invalid), "{twice}");
    }
}

#[test]
fn a_secret_is_long_and_never_shown() {
    assert_eq!(Secret::new("x".repeat(31)), Err(TokenError::ShortSecret));
    let shown = format!("{:?}", auth());
    assert!(!shown.contains("tests"), "{shown}");
}

#[test]
fn a_token_without_the_role_is_no_operators() {
    let clock = std::sync::Arc::new(FixedClock::default());
    let token = token(&clock, "amy");
    assert!(!Verifier::new(&auth(), clock).verify(&token).unwrap().operator);
}
