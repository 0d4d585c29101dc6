//! The sample plans in `docs/plans/` are what the engine makes of the example athletes, word for word.

use std::path::{Path, PathBuf};

use super::athletes::{example, plan, weeks};
use ally_domain::engine::Catalogue;
use ally_domain::engine::markdown::markdown;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plans")
}

fn sample_holds(name: &str, title: &str, length: u8) {
    let catalogue = Catalogue::embedded().unwrap();
    let plan = plan(&example(name), &weeks(length), &catalogue).unwrap();
    let fresh = format!(
        "# {title}\n\nMade by the engine from `examples/athletes/{name}.json`; a test keeps it true. \
         [How to read it](README.md).\n\n{}",
        markdown(&plan, &catalogue)
    );
    let kept = docs().join(format!("{name}.md"));
    if std::fs::read_to_string(&kept).ok().as_deref() != Some(fresh.as_str()) {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.md"));
        std::fs::write(&copy, fresh).unwrap();
        panic!(
            "the engine now makes another plan: read {}, and if it is better, copy it to {}",
            copy.display(),
            kept.display()
        );
    }
}

#[test]
fn the_beginner_with_bands_and_a_sore_knee() {
    sample_holds("beginner-bands-sore-knee", "A beginner with bands and a sore knee, two days a week", 4);
}

#[test]
fn the_team_player_before_a_competition() {
    sample_holds("intermediate-team-sport", "A team player, eight weeks before a competition", 8);
}

#[test]
fn the_lifter_with_a_full_gym() {
    sample_holds("advanced-full-gym", "An advanced lifter with a full gym, five days a week", 4);
}

#[test]
fn the_page_on_the_rules_names_every_rule() {
    let page = std::fs::read_to_string(docs().join("README.md")).unwrap();
    for rule in ally_domain::engine::rule::Rule::ALL {
        assert!(page.contains(&format!("| {rule} |")), "docs/plans/README.md says nothing about {rule}");
    }
}
