//! Whether a word is the one that is looked for, with small typos. A word that is looked for itself is no typo of another one.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::patterns;

/// Every whole word of the patterns.
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let words = patterns().flat_map(|pattern| pattern.groups.iter().copied().chain([pattern.unless])).flatten();
    words.copied().filter(|word| !word.ends_with('*')).collect()
});

/// Words that are one letter from a red flag and none.
const INNOCENT: [&str; 16] = [
    "strike",
    "strikes",
    "strokes",
    "stroked",
    "stroll",
    "feint",
    "feints",
    "cheat",
    "chess",
    "hyperextension",
    "hyperextensions",
    "hypotension",
    "fraction",
    "operator",
    "operators",
    "angine",
];
/// Shorter words are only forgiven two letters in the wrong order or a letter doubled or not.
const FORGIVING_LETTERS: usize = 6;
/// Longer words are forgiven two slips.
const LONG_LETTERS: usize = 9;

/// Whether a word is looked for: spelt so, or beginning so where the wanted word ends in `*`.
pub(super) fn is_like(word: &str, wanted: &str) -> bool {
    let (stem, open) = wanted.strip_suffix('*').map_or((wanted, false), |stem| (stem, true));
    if word == stem || open && word.starts_with(stem) {
        return true;
    }
    let same_start = word.chars().next() == stem.chars().next();
    if !same_start || stem.len() < 4 || INNOCENT.contains(&word) || KNOWN.contains(word) {
        return false;
    }
    let (word, stem): (Vec<char>, Vec<char>) = (word.chars().collect(), stem.chars().collect());
    if open {
        let around = [stem.len() - 1, stem.len(), stem.len() + 1];
        return around.into_iter().filter_map(|end| word.get(..end)).any(|start| is_slip(start, &stem));
    }
    is_slip(&word, &stem)
}

fn is_slip(word: &[char], stem: &[char]) -> bool {
    // A word two letters longer or shorter is another word: a shoulder is no operation on one.
    if word.len().abs_diff(stem.len()) > 1 {
        return false;
    }
    match stem.len() {
        LONG_LETTERS.. => slips(word, stem) <= 2,
        FORGIVING_LETTERS.. => slips(word, stem) <= 1,
        _ => single(word) == single(stem) || word.len() == stem.len() && is_swapped(word, stem),
    }
}

/// A word with every doubled letter once.
fn single(word: &[char]) -> Vec<char> {
    let mut word = word.to_vec();
    word.dedup();
    word
}

fn is_swapped(word: &[char], stem: &[char]) -> bool {
    let differs: Vec<usize> = (0..word.len()).filter(|at| word.get(*at) != stem.get(*at)).collect();
    match differs[..] {
        [a, b] => b == a + 1 && word.get(a) == stem.get(b) && word.get(b) == stem.get(a),
        _ => false,
    }
}

/// How many letters are left out, added, changed or swapped with their neighbour.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(x != y)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn small_typos_are_forgiven_and_other_words_are_not() {
        for (word, wanted) in [
            ("chets", "chest"),
            ("dizy", "dizzy"),
            ("surgrey", "surgery"),
            ("fainted", "faint*"),
            ("hypertention", "hypertension"),
            ("brustschmertzen", "brustschmerz*"),
            ("vertigse", "vertiges"),
        ] {
            assert!(is_like(word, wanted), "{word} is {wanted}");
        }
        for (word, wanted) in [
            ("painting", "fainting"),
            ("strike", "stroke"),
            ("cheat", "chest"),
            ("heat", "heart"),
            ("hyperextensions", "hypertension"),
            ("numbers", "numb"),
            ("schulter", "schulterop"),
            ("cardio", "cardiac"),
            ("feint", "faint"),
        ] {
            assert!(!is_like(word, wanted), "{word} is not {wanted}");
        }
    }
}
