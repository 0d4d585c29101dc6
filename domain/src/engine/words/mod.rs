//! Red flags in an athlete's own words: a hint beside the seven questions, never in their place.
//!
//! Whole words in English, German and French, with small typos, are looked for clause by clause. What is denied ("no chest
//! pain"), somebody else's ("my father had a stroke") or of another meaning ("freestyle stroke") is no hint, nor a bone that broke years ago and is well. In doubt a
//! mention counts: it leads to a question, and a professional's yes answers it. What each mention asks stands in `meanings`.

mod births;
mod clauses;
mod denied;
mod healed;
mod matching;
mod meanings;
mod normal;
mod patterns;
mod pressure;
mod signs;

use std::cell::RefCell;

use self::births::BIRTHS;
use self::clauses::clauses;
use self::denied::is_denied;
use self::healed::is_healed;
use self::patterns::{PATTERNS, Pattern, Span};
use self::signs::SIGNS;
pub use meanings::{Asked, asked, keeps_effort_moderate};

/// Breath that is short, not only at rest.
const SHORT_BREATH: &str = "breathlessness";
/// What figures of a blood pressure mention.
const HIGH_PRESSURE: &str = "high blood pressure";

/// What a text mentions that a professional should know of first, each once, in the order of the patterns.
#[must_use]
pub fn mentions(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let clauses = clauses(text);
    for pattern in patterns() {
        let is_meant = |(at, clause): (usize, &Clause)| {
            let mut spans = clause.meant(pattern);
            spans.any(|span| !is_healed(pattern.meaning, &clauses, at, span))
        };
        if !found.contains(&pattern.meaning) && clauses.iter().enumerate().any(is_meant) {
            found.push(pattern.meaning);
        }
    }
    if !found.contains(&HIGH_PRESSURE) && clauses.iter().any(|clause| pressure::is_high(&clause.words)) {
        found.push(HIGH_PRESSURE);
    }
    found
}

/// What a note to training, or a request about it, mentions that a professional should know of first. Breath that is short is no
/// news there: that is what training does.
#[must_use]
pub fn noted(note: &str) -> Vec<&'static str> {
    let mut found = mentions(note);
    found.retain(|meaning| *meaning != SHORT_BREATH);
    found
}

thread_local! {
    /// The last text that was asked about, and the answer: the engine asks for the same one thousands of times a plan.
    static LAST: RefCell<(String, bool)> = const { RefCell::new((String::new(), false)) };
}

/// Whether a text mentions what keeps effort moderate, also after a professional's yes.
#[must_use]
pub fn keep_effort_moderate(text: &str) -> bool {
    LAST.with_borrow_mut(|(last, moderate)| {
        if last != text {
            text.clone_into(last);
            *moderate = mentions(text).into_iter().any(keeps_effort_moderate);
        }
        *moderate
    })
}

/// Everything that is looked for.
fn patterns() -> impl Iterator<Item = &'static Pattern> {
    PATTERNS.iter().chain(SIGNS).chain(BIRTHS)
}

/// A part of a text between punctuation: its words, folded.
struct Clause {
    words: Vec<String>,
    /// The clause before it ended in a comma and denied what it listed, so this one may go on with the list.
    continues: bool,
}

impl Clause {
    /// Where the athlete says of themselves what the pattern looks for.
    fn meant(&self, pattern: &Pattern) -> impl Iterator<Item = Span> {
        pattern.spans(&self.words).into_iter().filter(|span| !is_denied(self, *span))
    }
}
