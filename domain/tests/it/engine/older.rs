//! A plan of engine 1, as it was stored: it is read, shown, judged and adapted.

use ally_domain::engine::markdown::markdown;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::BodyPart;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::{Catalogue, ENGINE, validate};

use super::athletes::weeks;
use super::lives::{Life, WELL};

const STORED: &str = include_str!("../../plans/engine-1-beginner.json");

/// The beginner of the examples with the plan that engine 1 made for them.
fn life() -> Life {
    let plan: Plan = serde_json::from_str(STORED).unwrap();
    assert_eq!(plan.provenance.engine, "1");
    assert_eq!(serde_json::to_string(&plan).unwrap(), STORED.trim_end(), "it is written back as it was");
    Life { plan, ..Life::of("beginner-bands-sore-knee", 4) }
}

#[test]
fn a_plan_of_an_older_engine_is_read_shown_and_judged() {
    let (life, catalogue) = (life(), Catalogue::embedded().unwrap());
    assert!(markdown(&life.plan, &catalogue).contains("Week 1"));
    let findings = validate(&life.plan, &life.profile, &weeks(4), &catalogue);
    assert!(findings.iter().all(|finding| finding.rule != Rule::R25), "{findings:#?}");
    let mut newer = life.plan.clone();
    newer.provenance.engine = "999".to_owned();
    let findings = validate(&newer, &life.profile, &weeks(4), &catalogue);
    assert!(findings.iter().any(|finding| finding.rule == Rule::R25), "an engine that there is not");
}

#[test]
fn a_plan_of_an_older_engine_is_adapted_by_this_one() {
    let life = life().trains(1, WELL);
    let day = life.monday(2);
    let (life, decisions) = life.feels(BodyPart::Shoulder, 6, day).adapts(day);
    assert!(!decisions.is_empty());
    assert_eq!((life.plan.version, life.plan.provenance.engine.as_str()), (2, ENGINE));
    assert!(life.plan.validation.passed);
}
