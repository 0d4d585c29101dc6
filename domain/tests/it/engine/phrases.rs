//! What athletes write of themselves: phrases in three languages, each with what it should lead to. Those with `flag` call for
//! a professional's yes; the others only sound like it. `red_flags.tsv` and `fresh.tsv` are what the words were mended by;
//! `held_out.tsv` never is, so its figures are those to believe.

use ally_domain::engine::red_flags;

use super::athletes::example;

const RED_FLAGS: &str = include_str!("../../phrases/red_flags.tsv");
const FRESH: &str = include_str!("../../phrases/fresh.tsv");
const HELD_OUT: &str = include_str!("../../phrases/held_out.tsv");

struct Phrase {
    language: &'static str,
    flags: bool,
    text: &'static str,
}

/// Phrases that are judged wrong, in words.
struct Judged {
    flags: usize,
    others: usize,
    missed: Vec<String>,
    false_alarms: Vec<String>,
}

impl Judged {
    fn of(phrases: &[Phrase]) -> Self {
        let wrong = |flags: bool| -> Vec<String> {
            let wrong = phrases.iter().filter(|phrase| phrase.flags == flags && is_flagged(phrase.text) != flags);
            wrong.map(|phrase| format!("{}: {}", phrase.language, phrase.text)).collect()
        };
        let flags = phrases.iter().filter(|phrase| phrase.flags).count();
        Self { flags, others: phrases.len() - flags, missed: wrong(true), false_alarms: wrong(false) }
    }

    /// Misses and false alarms within what is borne, in thousandths.
    #[track_caller]
    fn holds(&self, most_missed: usize, most_false: usize) {
        let Self { flags, others, missed, false_alarms } = self;
        let (misses, alarms) = (missed.len(), false_alarms.len());
        assert!(misses * 1_000 <= flags * most_missed, "{misses} of {flags} missed: {missed:#?}");
        assert!(alarms * 1_000 <= others * most_false, "{alarms} of {others} false alarms: {false_alarms:#?}");
    }
}

/// The phrases of a file, some of each kind in each language.
fn phrases(file: &'static str, at_least: usize) -> Vec<Phrase> {
    let lines = file.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let phrases: Vec<Phrase> = lines
        .map(|line| match line.splitn(3, '\t').collect::<Vec<_>>()[..] {
            [language, verdict @ ("flag" | "ok"), text] => Phrase { language, flags: verdict == "flag", text },
            _ => panic!("not language, verdict and phrase with tabs between: {line:?}"),
        })
        .collect();
    assert!(phrases.len() >= at_least, "{} phrases", phrases.len());
    for language in ["en", "de", "fr"] {
        let own = || phrases.iter().filter(|phrase| phrase.language == language);
        assert!(own().count() >= at_least / 4, "few phrases in {language}");
        assert!(own().any(|phrase| phrase.flags) && own().any(|phrase| !phrase.flags));
    }
    phrases
}

fn is_flagged(text: &str) -> bool {
    let mut profile = example("advanced-full-gym");
    profile.purpose_details = Some(text.to_owned());
    !red_flags(&profile).is_empty()
}

#[test]
fn words_that_call_for_a_professional_are_found_and_words_that_sound_like_it_are_let_be() {
    Judged::of(&phrases(RED_FLAGS, 200)).holds(10, 50);
    Judged::of(&phrases(FRESH, 500)).holds(10, 50);
}

/// When they were first judged, by the words as `fresh.tsv` had mended them, 5 of 74 were missed (6.8 %) and 1 of 43 was a false
/// alarm (2.3 %). Before, 46 were missed and 3 were false alarms.
#[test]
fn phrases_that_were_never_looked_at_are_judged_no_worse_than_at_first() {
    Judged::of(&phrases(HELD_OUT, 100)).holds(68, 24);
}
