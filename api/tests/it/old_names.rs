//! Old names say that they are old, as docs/api-versions.md promises.

use serde_json::Value;

use crate::harness::{Ally, header, problem};

#[tokio::test]
async fn an_old_name_answers_as_before_and_says_what_stands_in_its_place() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let old = ally.get(&format!("/api/v1/plans/status?jobId={job}"), "amy").await;
    assert_eq!(old.status(), 200);
    assert_eq!(header(&old, "deprecation"), Some("@1795737600"));
    assert_eq!(header(&old, "sunset"), None, "no end of it is set");
    assert_eq!(header(&old, "link"), Some("</docs#/Jobs/planStatus>; rel=\"deprecation\"; type=\"text/html\""));
    let refused = ally.get("/api/v1/plans/status", "amy").await;
    assert!(header(&refused, "deprecation").is_some(), "whoever asks wrongly learns it too");
    problem(refused, 400, "validation").await;
    assert_eq!(header(&ally.get(&format!("/api/v1/jobs/{job}"), "amy").await, "deprecation"), None);
}

#[test]
fn the_document_marks_what_answers_mark() {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut old = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation["deprecated"] == true {
                old.push(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(old, ["get /api/v1/plans/status"]);
    let policy = include_str!("../../../docs/api-versions.md");
    assert!(old.iter().all(|old| policy.contains(old.split(' ').next_back().unwrap())));
}
