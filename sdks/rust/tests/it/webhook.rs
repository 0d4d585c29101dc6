//! Deliveries, signed here by the specification's text and not by its library.

use ally_sdk::{WebhookVerificationError, verify_webhook};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

const BODY: &str = r#"{"type":"job.completed","data":{"jobId":"ä"}}"#;

fn secret(key: &str) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

fn signed(key: &str, body: &str, ago_seconds: i64) -> HeaderMap {
    let timestamp = chrono::Utc::now().timestamp() - ago_seconds;
    let signature = hmac_sha256::HMAC::mac(format!("msg_1.{timestamp}.{body}"), key);
    let signature = format!("v1a,x v1,{}", STANDARD.encode(signature));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
    }
    headers
}

const KEY: &str = "a secret of 24 bytes....";
const OTHER: &str = "another one, of 24 bytes";

fn verify(body: &str, headers: &HeaderMap, keys: &[&str]) -> Option<Value> {
    let secrets: Vec<_> = keys.iter().map(|key| secret(key)).collect();
    verify_webhook(body.as_bytes(), headers, &secrets).ok()
}

#[test]
fn what_is_signed_is_taken_by_either_secret_while_they_rotate() {
    let event = serde_json::from_str::<Value>(BODY).ok();
    assert_eq!(verify(BODY, &signed(KEY, BODY, 0), &[KEY]), event);
    assert_eq!(verify(BODY, &signed(KEY, BODY, 290), &[OTHER, KEY]), event);
    assert_eq!(verify(BODY, &signed(KEY, BODY, 0), &["", KEY]), event, "an empty secret is skipped");
}

#[test]
fn anything_else_is_refused() {
    let headers = signed(KEY, BODY, 0);
    let with = |name: &'static str, value: &'static str| {
        let mut headers = headers.clone();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    };
    for (body, headers, keys) in [
        (BODY.replace("completed", "failed").as_str(), &headers, &[KEY][..]),
        (BODY, &with("webhook-id", "msg_2"), &[KEY]),
        (BODY, &with("webhook-signature", "nonsense"), &[KEY]),
        (BODY, &signed(KEY, BODY, 301), &[KEY]),
        (BODY, &signed(KEY, BODY, -301), &[KEY]),
        (BODY, &headers, &[OTHER]),
        (BODY, &headers, &[]),
        (BODY, &HeaderMap::new(), &[KEY]),
        (BODY, &signed("", BODY, 0), &[""]),
        (BODY, &signed("", BODY, 0), &["", KEY]),
    ] {
        assert_eq!(verify(body, headers, keys), None, "{body} {headers:?} {keys:?}");
    }
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let headers = signed("", BODY, 0);
    for secrets in [&[""][..], &["whsec_"], &["", "whsec_"]] {
        let refused = verify_webhook::<Value>(BODY.as_bytes(), &headers, secrets);
        assert!(matches!(refused, Err(WebhookVerificationError::NoSecret)), "{secrets:?}: {refused:?}");
    }
}
