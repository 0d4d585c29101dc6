//! What has healed: an old fracture, a torn ligament or an operation on a joint of which the athlete says that it is well again.
//! Of the heart, the head or the breath nothing heals by a word.

use std::ops::RangeInclusive;

use super::Clause;
use super::patterns::Span;

/// What heals for good.
const HEALING: [&str; 3] = ["a fracture", "an operation", "a torn ligament"];
/// Organs of which no operation is over by a word.
const ORGANS: [&str; 12] =
    ["heart", "brain", "lung", "lungs", "herz", "hirn", "gehirn", "lunge", "cour", "cerveau", "poumon", "poumons"];
const HEALED: [&str; 20] = [
    "healed",
    "recovered",
    "fine",
    "well",
    "good",
    "ok",
    "okay",
    "gone",
    "finished",
    "completed",
    "verheilt",
    "ausgeheilt",
    "geheilt",
    "gut",
    "weg",
    "abgeschlossen",
    "guri",
    "gurie",
    "bien",
    "terminee",
];
/// Long enough ago to have healed. "Last year" may be last month.
const YEARS: [&str; 9] = ["years", "decade", "decades", "childhood", "jahren", "kindheit", "ans", "annees", "enfance"];
/// Calendar years that are long ago whenever this is read.
const LONG_AGO: RangeInclusive<u16> = 1900..=2023;
/// Not well, or not quite.
const DOUBTS: [&str; 26] = [
    "no",
    "not",
    "never",
    "isnt",
    "hasnt",
    "wasnt",
    "didnt",
    "but",
    "still",
    "pain",
    "hurts",
    "nicht",
    "nie",
    "kein",
    "keine",
    "aber",
    "noch",
    "immer",
    "schmerzen",
    "weh",
    "pas",
    "jamais",
    "mais",
    "encore",
    "douleur",
    "mal",
];

/// Whether a mention is of something on a bone or a joint that is said to be years ago and well, here or in the clause behind.
pub(super) fn is_healed(meaning: &str, clauses: &[Clause], at: usize, span: Span) -> bool {
    let own = clauses.get(at).map(|clause| clause.words.as_slice()).unwrap_or_default();
    if !HEALING.contains(&meaning) || own.iter().any(|word| ORGANS.contains(&word.as_str())) {
        return false;
    }
    let behind = clauses.get(at + 1).map(|clause| clause.words.as_slice()).unwrap_or_default();
    let is_year = |word: &String| word.parse().is_ok_and(|year: u16| LONG_AGO.contains(&year));
    let long_ago = own.iter().any(|word| YEARS.contains(&word.as_str()) || is_year(word));
    let rest = own.get(span.last + 1..).unwrap_or_default().iter().chain(behind);
    let well = rest.clone().any(|word| HEALED.contains(&word.as_str()));
    long_ago && well && !rest.clone().any(|word| DOUBTS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::mentions;

    #[test]
    fn only_what_is_long_ago_and_well_without_a_doubt_has_healed() {
        for healed in ["broke my arm ten years ago, healed well", "Meniskus 2012 operiert, alles gut"] {
            assert_eq!(mentions(healed), Vec::<&str>::new(), "{healed}");
        }
        for open in [
            "broke my arm last month, healed well",
            "broke my arm ten years ago, it never healed well",
            "broke my arm ten years ago, good but it still hurts",
            "broke my arm ten years ago",
            "I had lung surgery ten years ago, all good",
            "heart surgery ten years ago, recovered well",
            "osteoporosis for ten years, doing well",
        ] {
            assert_ne!(mentions(open), Vec::<&str>::new(), "{open}");
        }
    }
}
