//! The catalogue over HTTP: filters that the rules of the engine agree with, pages, and answers that may be kept.

use std::collections::BTreeSet;

use ally_domain::engine::Catalogue;
use ally_domain::engine::catalogue::Exercise;
use ally_domain::engine::profile::{Equipment, Proficiency};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Ally, body, fields, header, problem};

const PATH: &str = "/api/v1/exercises";

async fn ids(ally: &Ally, query: &str) -> Vec<String> {
    let page = body(ally.get(&format!("{PATH}?limit=100&{query}"), "amy").await).await;
    let ids = page["exercises"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The same by reading the catalogue.
fn expected(fits: impl Fn(&Exercise) -> bool) -> Vec<String> {
    let catalogue = Catalogue::embedded().unwrap();
    let mut ids: Vec<_> = catalogue.exercises().iter().filter(|one| fits(one)).map(|one| one.id.to_string()).collect();
    ids.sort();
    ids.truncate(100);
    ids
}

#[tokio::test]
async fn every_filter_narrows_to_what_it_says() {
    let ally = Ally::start().await;
    let owned = BTreeSet::from([Equipment::Bands, Equipment::PullUpBar]);
    let tags = |one: &Exercise| one.stress_tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>();
    type Fits<'a> = Box<dyn Fn(&Exercise) -> bool + 'a>;
    let cases: Vec<(&str, Fits<'_>)> = vec![
        ("pattern=squat", Box::new(|one| one.pattern.as_str() == "squat")),
        ("pattern=squat&pattern=hinge", Box::new(|one| ["squat", "hinge"].contains(&one.pattern.as_str()))),
        ("equipment=bands,pull_up_bar", Box::new(|one| one.equipment.met_by(&owned))),
        ("equipment=", Box::new(|one| one.equipment.met_by(&BTreeSet::new()))),
        ("level=beginner", Box::new(|one| one.level == Proficiency::Beginner)),
        ("muscle=calves", Box::new(|one| one.primary.iter().chain(&one.secondary).any(|m| m.as_str() == "calves"))),
        ("mechanic=isolation", Box::new(|one| one.mechanic.as_str() == "isolation")),
        (
            "impact=none&pattern=conditioning",
            Box::new(|one| one.impact.as_str() == "none" && one.pattern.as_str() == "conditioning"),
        ),
        ("unilateral=true", Box::new(|one| one.unilateral)),
        ("without=overhead,grip", Box::new(|one| !tags(one).iter().any(|tag| ["overhead", "grip"].contains(tag)))),
        ("safeFor=wrist", Box::new(|one| !tags(one).iter().any(|tag| ["wrist_ext", "grip"].contains(tag)))),
        (
            "q=SQUAT%20split",
            Box::new(|one| {
                let name = one.name.to_lowercase();
                name.contains("squat") && name.contains("split")
            }),
        ),
    ];
    let all = expected(|_| true);
    for (query, fits) in cases {
        let found = ids(&ally, query).await;
        assert!(!found.is_empty() && found != all, "{query} narrows");
        assert_eq!(found, expected(fits), "{query}");
    }
}

#[tokio::test]
async fn pages_hold_every_exercise_once_in_a_stable_order() {
    let ally = Ally::start().await;
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = body(ally.get(&format!("{PATH}?limit=37{cursor}"), "amy").await).await;
        assert_eq!(page["total"], Catalogue::embedded().unwrap().exercises().len());
        let exercises = page["exercises"].as_array().unwrap();
        assert!(exercises.len() <= 37);
        listed.extend(exercises.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut sorted = listed.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(listed, sorted);
    assert_eq!(listed.len(), Catalogue::embedded().unwrap().exercises().len());
}

#[tokio::test]
async fn a_wrong_value_is_named_with_what_would_be_right() {
    let ally = Ally::start().await;
    let query =
        "pattern=squatt&level=novice&muscle=calves,wings&impact=3&unilateral=1&without=pain&safeFor=soul&limit=0";
    let document = problem(ally.get(&format!("{PATH}?{query}"), "amy").await, 400, "validation").await;
    let named = fields(&document);
    assert_eq!(named, ["pattern", "level", "muscle", "impact", "unilateral", "without", "safeFor", "limit"]);
    let of = |field: &str| document["errors"].as_array().unwrap().iter().find(|one| one["field"] == field).unwrap();
    assert!(of("level")["problem"].as_str().unwrap().contains("novice"));
    assert!(of("level")["expected"].as_str().unwrap().contains("intermediate"));
    assert!(of("muscle")["expected"].as_str().unwrap().contains("calves"));
    let long = "x".repeat(81);
    for wrong in [format!("q={long}"), "cursor=../x".to_owned(), "cursor=".to_owned()] {
        problem(ally.get(&format!("{PATH}?{wrong}"), "amy").await, 400, "validation").await;
    }
}

#[tokio::test]
async fn an_exercise_is_read_with_what_it_leads_to() {
    let ally = Ally::start().await;
    let exercise = body(ally.get(&format!("{PATH}/bodyweight-squat"), "amy").await).await;
    let led = |list: &str| -> Vec<Value> { exercise[list].as_array().unwrap().clone() };
    assert_eq!(exercise["pattern"], "squat");
    assert!(led("progressions").iter().any(|one| one["id"] == "tempo-squat" && one["name"] == "Slow squat with pause"));
    assert!(led("regressions").iter().any(|one| one["id"] == "half-squat"));
    let substitutions = led("substitutions");
    assert!(!substitutions.is_empty() && substitutions.len() <= 8);
    for one in &substitutions {
        assert_ne!(one["id"], exercise["id"]);
        assert_eq!(one["pattern"], "squat");
        let whole = ally.get(one["link"].as_str().unwrap(), "amy").await;
        assert_eq!(body(whole).await["id"], one["id"]);
    }
    for none in ["no-such", "Bodyweight-Squat", "a.b"] {
        problem(ally.get(&format!("{PATH}/{none}"), "amy").await, 404, "not-found").await;
    }
}

#[tokio::test]
async fn answers_are_named_by_the_catalogue_and_may_be_kept() {
    let ally = Ally::start().await;
    let hash = Catalogue::embedded().unwrap().hash().to_owned();
    for path in [PATH.to_owned(), format!("{PATH}/bodyweight-squat")] {
        let first = ally.get(&path, "amy").await;
        let tag = header(&first, "etag").unwrap().to_owned();
        assert!(tag.contains(&hash[..16]), "{tag}");
        assert_eq!(header(&first, "cache-control"), Some("private, max-age=3600"));
        assert_eq!(body(first).await["catalogue"], hash);
        for (known, status) in [(tag.as_str(), 304), ("\"another\"", 200), ("*", 304)] {
            let again = ally.request(Method::GET, &path, "amy").header("if-none-match", known).send().await.unwrap();
            assert_eq!(again.status(), status, "{known}");
            assert_eq!(header(&again, "etag"), Some(tag.as_str()));
            assert_eq!(again.text().await.unwrap().is_empty(), status == 304);
        }
    }
    problem(ally.server.get(PATH).await, 401, "unauthorized").await;
}
