//! What athletes write of themselves: `tests/phrases/red_flags.tsv` holds phrases in three languages, each with what it
//! should lead to. Half of them call for a professional's yes; the others only sound like it.

use ally_domain::engine::red_flags;

use super::athletes::example;

const PHRASES: &str = include_str!("../../phrases/red_flags.tsv");

/// Misses and false alarms that are borne, in thousandths.
const MOST_MISSED: usize = 10;
const MOST_FALSE: usize = 50;

struct Phrase {
    language: &'static str,
    flags: bool,
    text: &'static str,
}

fn phrases() -> Vec<Phrase> {
    let lines = PHRASES.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.splitn(3, '\t').collect::<Vec<_>>()[..] {
            [language, verdict @ ("flag" | "ok"), text] => Phrase { language, flags: verdict == "flag", text },
            _ => panic!("not language, verdict and phrase with tabs between: {line:?}"),
        })
        .collect()
}

fn is_flagged(text: &str) -> bool {
    let mut profile = example("advanced-full-gym");
    profile.purpose_details = Some(text.to_owned());
    !red_flags(&profile).is_empty()
}

#[test]
fn words_that_call_for_a_professional_are_found_and_words_that_sound_like_it_are_let_be() {
    let phrases = phrases();
    assert!(phrases.len() >= 200, "{} phrases", phrases.len());
    for language in ["en", "de", "fr"] {
        let own = phrases.iter().filter(|phrase| phrase.language == language);
        assert!(own.clone().count() >= 50, "few phrases in {language}");
        assert!(own.clone().any(|phrase| phrase.flags) && own.clone().any(|phrase| !phrase.flags));
    }
    let wrong: Vec<&Phrase> = phrases.iter().filter(|phrase| is_flagged(phrase.text) != phrase.flags).collect();
    let words = |phrase: &&Phrase| {
        format!("{}: {} {}", phrase.language, if phrase.flags { "missed" } else { "false alarm" }, phrase.text)
    };
    let named: Vec<String> = wrong.iter().map(words).collect();
    let count = |flags: bool| phrases.iter().filter(|phrase| phrase.flags == flags).count();
    let wrong = |flags: bool| wrong.iter().filter(|phrase| phrase.flags == flags).count();
    let (missed, alarms) = (wrong(true), wrong(false));
    assert!(missed * 1_000 <= count(true) * MOST_MISSED, "{missed} of {} missed: {named:#?}", count(true));
    assert!(alarms * 1_000 <= count(false) * MOST_FALSE, "{alarms} of {} false alarms: {named:#?}", count(false));
}
