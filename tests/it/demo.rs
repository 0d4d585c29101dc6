//! The demonstration as a person runs it, with the servers fetched: nothing of this machine's own is used.

use std::path::Path;

use serde_json::Value;

use crate::system::{System, ally};

#[test]
fn three_athletes_get_plans_that_fit_them_with_fetched_servers() {
    let system = System::new();
    let out = system.folder().join("plans");
    let mut command = ally(&["demo", "--free-ports", "--out", out.to_str().unwrap()]);
    command.env("ALLY_SERVERS", "fetched").current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    for part in ["✔ accepted", "→ completed", "week 1 of 4", "why it fits", "falls short"] {
        assert_eq!(shown.matches(part).count(), 3, "each athlete is shown {part:?} once:\n{shown}");
    }
    // Each hop of the last athlete's job, in the role that takes it.
    for hop in ["POST /api/v1/onboarding", "process job.expedited", "generate_plan", "send job.completed"] {
        assert_eq!(shown.matches(hop).count(), 1, "the trace of one job shows {hop:?} once:\n{shown}");
    }
    assert!(shown.contains("project PLANS"), "and the rows:\n{shown}");
    let published = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let completions = published.filter(|cells| cells.starts_with(&["PLANS", "plan_job.completed.v1", "3"])).count();
    assert_eq!(completions, 1, "each completion was published once:\n{shown}");
    let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "without a terminal no line is longer than 100 columns, not {widest}:\n{shown}");
    assert!(shown.lines().count() <= 150, "a few screens, not {} lines:\n{shown}", shown.lines().count());
    fits_a_beginner_with_a_sore_knee(&plan(&out, "beginner-bands-sore-knee"));
    fits_a_team_player(&plan(&out, "intermediate-team-sport"));
    fits_a_lifter(&plan(&out, "advanced-full-gym"));
}

fn plan(out: &Path, athlete: &str) -> Value {
    let text = std::fs::read_to_string(out.join(format!("{athlete}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn sessions(plan: &Value) -> Vec<&Value> {
    plan["weeks"].as_array().unwrap().iter().flat_map(|week| week["sessions"].as_array().unwrap()).collect()
}

fn exercises(plan: &Value) -> Vec<&str> {
    let blocks = sessions(plan).into_iter().flat_map(|session| session["blocks"].as_array().unwrap());
    blocks.flat_map(|block| block["items"].as_array().unwrap()).map(|item| item["ex"].as_str().unwrap()).collect()
}

fn fits_a_beginner_with_a_sore_knee(plan: &Value) {
    for week in plan["weeks"].as_array().unwrap() {
        assert!((1..=2).contains(&week["sessions"].as_array().unwrap().len()), "two days a week");
    }
    let catalogue = ally_domain::engine::Catalogue::embedded().unwrap();
    for id in exercises(plan) {
        let exercise = catalogue
            .exercises()
            .iter()
            .find(|exercise| exercise.id.as_str() == id)
            .unwrap_or_else(|| panic!("{id} is unknown"));
        let tags = format!("{:?}", exercise.stress_tags);
        assert!(!tags.contains("KneeFlexionDeep"), "{id} strains a sore knee: {tags}");
        assert!(format!("{:?}", exercise.level).contains("Beginner"), "{id} is above a beginner");
    }
}

fn fits_a_team_player(plan: &Value) {
    assert_eq!(plan["season"], "preseason");
    assert_eq!(plan["goal"], "sport_performance");
    assert!(!sessions(plan).is_empty());
}

fn fits_a_lifter(plan: &Value) {
    assert_eq!(plan["goal"], "muscle_building");
    let first = plan["weeks"][0]["sessions"].as_array().unwrap();
    assert!((4..=5).contains(&first.len()), "four or five days a week, not {}", first.len());
    let used = exercises(plan).join(" ");
    assert!(["barbell", "bench", "deadlift", "squat"].iter().any(|word| used.contains(word)), "{used}");
}
