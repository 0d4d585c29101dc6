//! The pages for people: what leads to them, and what browsers let them do. What they look like in a browser is
//! `tests/it/documentation.rs` of the whole.

use std::collections::BTreeMap;

use crate::harness::{Ally, Raw};

#[tokio::test]
async fn the_root_leads_to_the_documentation() {
    let ally = Ally::start().await;
    let root = Raw::of(&ally, "GET", "/", &[]).await;
    assert_eq!((root.status, root.header("location")), (302, Some("/docs")));
    let docs = ally.server.get("/").await;
    assert_eq!((docs.status().as_u16(), docs.url().path()), (200, "/docs"));
}

#[tokio::test]
async fn the_documentation_is_named_and_in_the_order_of_the_walk() {
    let ally = Ally::start().await;
    let page = ally.server.get("/docs").await.text().await.unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<title>Ally</title>"));
    let order = "[\"Onboarding\",\"Jobs\",\"Events\",\"Plans\",\"Training\",\"Exercises\",\"Operations\",\"Webhooks\"].indexOf(a)";
    assert!(page.contains(order) && page.contains("deepLinking: true"));
    let document: serde_json::Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    for tag in document["tags"].as_array().unwrap() {
        assert!(order.contains(tag["name"].as_str().unwrap()), "{tag} has no place in the order");
    }
}

#[tokio::test]
async fn a_problem_page_may_use_its_own_style() {
    let ally = Ally::start().await;
    for path in ["/problems/", "/problems/validation"] {
        let page = Raw::of(&ally, "GET", path, &[]).await;
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        assert_eq!(page.header("content-security-policy"), Some(policy));
        let text = String::from_utf8(page.body).unwrap();
        assert!(text.contains("<style>") && !text.contains("<script"), "{text}");
    }
    let answer = Raw::of(&ally, "GET", "/api/v1/profile", &[]).await;
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
}

#[test]
fn the_committed_pages_of_problems_are_the_generated_ones() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors");
    let committed = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    });
    let committed: BTreeMap<String, String> = committed.collect();
    let generated: BTreeMap<String, String> = ally_api::problem_pages().into_iter().collect();
    let names: Vec<&String> = generated.keys().collect();
    assert_eq!(
        committed.keys().collect::<Vec<_>>(),
        names,
        "run `make problems`, and remove what no kind has any more"
    );
    for (name, text) in &generated {
        assert!(committed[name] == *text, "docs/errors/{name} is out of date: run `make problems`");
    }
}

#[tokio::test]
async fn a_page_of_a_problem_says_what_happened_and_what_to_do_and_where() {
    let ally = Ally::start().await;
    let page = ally.server.get("/problems/idempotency-key-reused").await.text().await.unwrap();
    for part in ["What happened", "What to do", "Example", "<code>logWorkout</code>", "\"status\": 422"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Markup in a text is shown as text.
    let page = ally.server.get("/problems/unauthorized").await.text().await.unwrap();
    assert!(page.contains("<code>Authorization: Bearer &lt;token&gt;</code>"), "{page}");
}
