//! The second look at every entry of the catalogue, as rules: what an exercise does to a joint or the belly follows from
//! its equipment, its pattern, its muscles and the words it is described with. Whoever falls under a rule answers it, or is
//! named as an exception with the reason. An entry that is added without its tags or grades fails here.

mod arms;
mod facts;
mod grades;
mod legs;
mod trunk;

use std::collections::BTreeSet;

use ally_domain::engine::Catalogue;
use ally_domain::engine::catalogue::{Exercise, Pattern, StressTag};

/// A rule of the second look.
pub struct Look {
    /// What it asks, in one sentence.
    pub asks: &'static str,
    /// Who is asked.
    pub of: fn(&Exercise) -> bool,
    /// Whether an entry answers it.
    pub holds: fn(&Exercise) -> bool,
    /// Who need not, by the reason.
    pub except: &'static [(&'static str, &'static [&'static str])],
}

fn looks() -> impl Iterator<Item = &'static Look> {
    arms::LOOKS.iter().chain(legs::LOOKS).chain(trunk::LOOKS).chain(grades::LOOKS)
}

/// What an entry leaves unanswered.
fn unanswered(exercise: &Exercise) -> Vec<String> {
    let excepted = |look: &Look| look.except.iter().any(|(_, ids)| ids.contains(&exercise.id.as_str()));
    let open = looks().filter(|look| (look.of)(exercise) && !(look.holds)(exercise) && !excepted(look));
    open.map(|look| format!("{}: {}", exercise.id, look.asks)).collect()
}

#[test]
fn every_entry_says_what_it_loads_and_how_hard() {
    let catalogue = Catalogue::embedded().unwrap();
    let open: Vec<String> = catalogue.exercises().iter().flat_map(unanswered).collect();
    assert!(open.is_empty(), "{} answers are missing:\n{}", open.len(), open.join("\n"));
}

/// An exception that is not needed would hide the fault of a later change.
#[test]
fn every_exception_is_one() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut idle = Vec::new();
    for look in looks() {
        for id in look.except.iter().flat_map(|(_, ids)| *ids) {
            match catalogue.get(&(*id).into()) {
                Some(exercise) if (look.of)(exercise) && !(look.holds)(exercise) => {}
                found => idle.push(format!("{id} ({}): {}", found.map_or("unknown", |_| "not needed"), look.asks)),
            }
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// The next entry, as somebody might add it: like one that is there, under a name of its own and without what it does.
#[test]
fn an_entry_without_its_tags_is_found() {
    let catalogue = Catalogue::embedded().unwrap();
    let added =
        |exercise: &Exercise| Exercise { id: format!("new-{}", exercise.id).as_str().into(), ..exercise.clone() };
    let mut silent = Vec::new();
    let mut missed: Vec<(String, StressTag)> = Vec::new();
    for exercise in catalogue.exercises() {
        let bare = Exercise { stress_tags: BTreeSet::new(), ..added(exercise) };
        // A stretch is judged by itself.
        let judged = exercise.pattern == Pattern::Mobility || exercise.stress_tags.is_empty();
        if !judged && unanswered(&bare).len() <= unanswered(&added(exercise)).len() {
            silent.push(exercise.id.as_str());
        }
        for tag in &exercise.stress_tags {
            let mut one_less = added(exercise);
            one_less.stress_tags.remove(tag);
            if unanswered(&one_less).len() <= unanswered(&added(exercise)).len() {
                missed.push((exercise.id.to_string(), *tag));
            }
        }
    }
    assert!(silent.is_empty(), "without any tag these would pass: {silent:?}");
    let all: usize = catalogue.exercises().iter().map(|exercise| exercise.stress_tags.len()).sum();
    // What no rule foresees is a judgement on one entry.
    assert!(missed.len() * 100 <= all * JUDGED_PCT, "{} of {all} tags follow from no rule: {missed:?}", missed.len());
}

/// Percent of the tags that are judgements on a single entry.
const JUDGED_PCT: usize = 10;
