//! Text as folded words: small letters without accents, cut into clauses at punctuation.

use super::Clause;
use super::denied::is_denied;
use super::normal::{normalised, without_digits};
use super::patterns;

/// Cuts a text into clauses.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let mut all: Vec<Clause> = Vec::new();
    let mut after_comma = false;
    for (words, ends_in_comma) in cut(text) {
        let continues = after_comma && all.last().is_some_and(denies_all);
        all.push(Clause { words, continues });
        after_comma = ends_in_comma;
    }
    all
}

/// Whether a clause mentions something and denies all of it.
fn denies_all(clause: &Clause) -> bool {
    let mut spans = patterns().flat_map(|pattern| pattern.spans(&clause.words)).peekable();
    spans.peek().is_some() && spans.all(|span| is_denied(clause, span))
}

/// The words of each clause, and whether a comma ended it.
fn cut(text: &str) -> Vec<(Vec<String>, bool)> {
    let mut all = Vec::new();
    let (mut words, mut word) = (Vec::new(), String::new());
    let text = normalised(text);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // "don't" is one word, "d'angine" are two.
            '\'' | '\u{2019}' if letters.peek() == Some(&'t') && word.ends_with('n') => {}
            letter if letter.is_alphanumeric() => word.push_str(&plain(letter)),
            // A colon ends no clause: the answer behind it belongs to its question.
            letter => {
                end_word(&mut words, &mut word);
                if matches!(letter, ',' | '.' | ';' | '!' | '?' | '(' | ')' | '\n' | '\u{2014}' | '\u{2013}') {
                    all.push((std::mem::take(&mut words), letter == ','));
                }
            }
        }
    }
    end_word(&mut words, &mut word);
    all.push((words, false));
    all.retain(|(words, _)| !words.is_empty());
    all
}

fn end_word(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        let read = without_digits(word).unwrap_or_else(|| word.clone());
        word.clear();
        words.push(fold(&read));
    }
}

/// A letter without its accent.
fn plain(letter: char) -> String {
    let plain = match letter {
        'ä' | 'à' | 'â' | 'á' => "a",
        'ö' | 'ô' | 'ó' | 'œ' => "o",
        'ü' | 'û' | 'ù' | 'ú' => "u",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'î' | 'ï' | 'í' => "i",
        'ç' => "c",
        'ñ' => "n",
        'ß' => "ss",
        // A combining accent adds nothing to its letter.
        '\u{300}'..='\u{36f}' => "",
        letter => return letter.to_string(),
    };
    plain.to_owned()
}

/// A word as patterns spell it: `ae`, `oe` and `ue` are umlauts written without their dots.
pub(super) fn fold(word: &str) -> String {
    let folded = word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    if folded == word { folded } else { fold(&folded) }
}
