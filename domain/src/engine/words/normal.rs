//! Text as it is compared: compatible forms of a letter are one (NFKC), what nobody sees is gone, letters of other alphabets
//! that look like ours are ours, and letters set apart are a word again.

use unicode_normalization::UnicodeNormalization;

/// Letters that stand apart from each other make a word from so many on.
const SPACED: usize = 3;

/// The text in small letters, normalised.
pub(super) fn normalised(text: &str) -> String {
    let seen = text.nfkc().filter(|c| !is_unseen(*c)).flat_map(char::to_lowercase).map(latin);
    closed(&seen.collect::<Vec<char>>())
}

/// A character without a width of its own, or one that only says how others are set.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The Latin letter that a Cyrillic or Greek one looks like.
const fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'һ' | 'н' | 'η' => 'h',
        'і' | 'ї' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' | 'μ' => 'm',
        'ո' | 'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ѵ' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        other => other,
    }
}

/// The text with words closed up that are written letter by letter: `c h e s t`, `h.e.a.r.t`.
fn closed(text: &[char]) -> String {
    let letter = |at: usize| text.get(at).is_some_and(|c| c.is_alphabetic());
    let alone = |at: usize| {
        letter(at) && !letter(at + 1) && (at == 0 || !text.get(at - 1).is_some_and(|c| c.is_alphanumeric()))
    };
    let apart = |at: usize| text.get(at).is_some_and(|c| matches!(c, ' ' | '.' | '-' | '_' | '*' | '\u{b7}'));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text.get(at) {
        let mut last = at;
        while alone(last) && apart(last + 1) && alone(last + 2) {
            last += 2;
        }
        if (last - at) / 2 + 1 >= SPACED {
            out.extend(text.iter().skip(at).take(last - at + 1).step_by(2));
            at = last + 1;
            continue;
        }
        out.push(*c);
        at += 1;
    }
    out
}

/// A word with the digits between its letters read as the letters that they stand for: `ch3st`.
pub(super) fn without_digits(word: &str) -> Option<String> {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let begins = word.chars().next().is_some_and(char::is_alphabetic);
    let ends = word.chars().next_back().is_some_and(char::is_alphabetic);
    if letters < SPACED || !begins || !ends || letters == word.chars().count() {
        return None;
    }
    let read = word.chars().map(|c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    });
    Some(read.collect())
}

#[cfg(test)]
mod tests {
    use super::{normalised, without_digits};

    #[test]
    fn what_looks_alike_is_alike() {
        for written in [
            "Chest pain",
            "c\u{200b}hest pa\u{ad}in",
            "\u{441}hest p\u{430}in",
            "\u{ff23}hest \u{ff50}ain",
            "c h e s t pain",
            "c.h.e.s.t pain",
        ] {
            assert_eq!(normalised(written), "chest pain", "{written:?}");
        }
        for as_it_is in ["plan a or b", "a b", "5 x 5 at 80 %", "vo2max, e-bike", "un été à vélo"] {
            assert_eq!(normalised(as_it_is), as_it_is);
        }
        assert_eq!(without_digits("ch3st").as_deref(), Some("chest"));
        for number in ["170", "3x10", "b12", "5km", "w1d2", "chest"] {
            assert_eq!(without_digits(number), None, "{number}");
        }
    }
}
