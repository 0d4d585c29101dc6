//! Red flags in an athlete's own words: a hint beside the seven questions, never in their place.
//!
//! Whole words in English, German and French, with small typos, are looked for clause by clause. What is denied ("no chest
//! pain"), somebody else's ("my father had a stroke") or of another meaning ("freestyle stroke") is no hint. In doubt a
//! mention counts: it leads to a question, and a professional's yes answers it.

mod clauses;
mod denied;
mod matching;
mod patterns;

use self::clauses::clauses;
use self::denied::is_denied;
use self::patterns::PATTERNS;

/// What a text mentions that a professional should know of first, each once, in the order of the patterns.
#[must_use]
pub fn mentions(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let clauses = clauses(text);
    for pattern in PATTERNS {
        if !found.contains(&pattern.meaning) && clauses.iter().any(|clause| clause.has(pattern)) {
            found.push(pattern.meaning);
        }
    }
    found
}

/// A part of a text between punctuation: its words, folded.
struct Clause {
    words: Vec<String>,
    /// The clause before it ended in a comma and denied what it listed, so this one may go on with the list.
    continues: bool,
}

impl Clause {
    /// Whether the athlete says of themselves what the pattern looks for.
    fn has(&self, pattern: &patterns::Pattern) -> bool {
        pattern.spans(&self.words).into_iter().any(|span| !is_denied(self, span))
    }
}
