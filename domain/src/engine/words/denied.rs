//! What is said and not meant: denied, somebody else's, or to be prevented.

use super::Clause;
use super::patterns::Span;

/// A word that denies reaches this far.
const REACH: usize = 7;

const DENIALS: [&str; 30] = [
    "no",
    "not",
    "never",
    "without",
    "none",
    "nor",
    "neither",
    "free",
    "dont",
    "dosnt",
    "didnt",
    "havent",
    "hasnt",
    "isnt",
    "cant",
    "cannot",
    "couldnt",
    "wont",
    "kein",
    "keine",
    "keinen",
    "keinerlei",
    "nicht",
    "nie",
    "niemals",
    "ohne",
    "weder",
    "pas",
    "sans",
    "jamais",
];
const MORE_DENIALS: [&str; 6] = ["aucun", "aucune", "ni", "frei", "keiner", "absence"];
/// "Can't run without" says that it is there.
const WITHOUTS: [&str; 3] = ["without", "ohne", "sans"];
/// After these words something new is said.
const BREAKS: [&str; 30] = [
    "and", "und", "et", "but", "aber", "mais", "because", "weil", "car", "when", "wenn", "quand", "since", "seit",
    "depuis", "if", "except", "ausser", "sauf", "then", "that", "which", "dass", "sondern", "however", "jedoch",
    "although", "obwohl", "pourtant", "now",
];
/// "Not only", "no doubt": nothing is denied.
const EMPHASES: [&str; 16] = [
    "only",
    "just",
    "sure",
    "doubt",
    "idea",
    "matter",
    "nur",
    "sicher",
    "seulement",
    "qu",
    "bloss",
    "mehr",
    "longer",
    "wonder",
    "wunder",
    "problem",
];
/// "Not any more", "never until": it was there.
const PASTS: [&str; 9] = ["anymore", "more", "mehr", "longer", "until", "till", "bis", "jusqu", "yet"];
/// What may stand between a mention and its denial behind it: "Brustschmerzen habe ich nicht".
const FILLERS: [&str; 21] = [
    "habe", "hab", "hatte", "ich", "kenne", "gibt", "es", "bei", "mir", "bisher", "noch", "i", "have", "had", "ive",
    "do", "get", "je", "n", "ai", "eu",
];
const END_DENIALS: [&str; 14] = [
    "nicht", "nie", "niemals", "nein", "keine", "keinen", "no", "none", "not", "never", "non", "aucune", "aucun",
    "jamais",
];
const OWNERS: [&str; 16] = [
    "my", "mein", "meine", "meinem", "meiner", "meinen", "meines", "mon", "ma", "mes", "his", "her", "sein", "ihr",
    "son", "sa",
];
const OTHERS: [&str; 93] = [
    "father",
    "mother",
    "dad",
    "mum",
    "mom",
    "brother",
    "sister",
    "wife",
    "husband",
    "grandfather",
    "grandmother",
    "grandpa",
    "grandma",
    "uncle",
    "aunt",
    "friend",
    "partner",
    "parents",
    "son",
    "daughter",
    "cousin",
    "colleagu",
    "family",
    "vater",
    "vaters",
    "mutter",
    "papa",
    "mama",
    "bruder",
    "schwester",
    "frau",
    "mann",
    "opa",
    "oma",
    "onkel",
    "tante",
    "freund",
    "freundin",
    "sohn",
    "tochter",
    "kollege",
    "familie",
    "eltern",
    "grossvater",
    "grossmutter",
    "pere",
    "mere",
    "frere",
    "sour",
    "mari",
    "femme",
    "oncle",
    "ami",
    "amie",
    "fils",
    "fille",
    "cousine",
    "famille",
    "grand",
    "parent",
    "neighbour",
    "boss",
    "dog",
    "cat",
    "horse",
    "puppy",
    "hund",
    "katze",
    "pferd",
    "pony",
    "chien",
    "chienne",
    "chat",
    "cheval",
    "chef",
    "chefin",
    "nachbar",
    "nachbarin",
    "collegu",
    "voisin",
    "voisine",
    "girlfriend",
    "boyfriend",
    "spouse",
    "fiance",
    "fiancee",
    "verlobte",
    "verlobter",
    "partnerin",
    "compagne",
    "compagnon",
    "copine",
    "copain",
];
const SELVES: [&str; 11] = ["i", "im", "ive", "me", "myself", "ich", "mir", "mich", "je", "j", "moi"];
const PREVENTIONS: [&str; 10] = [
    "prevent",
    "preventing",
    "prevention",
    "vorbeugen",
    "vorbeugung",
    "prevenir",
    "eviter",
    "risk",
    "risiko",
    "charity",
];
const AGAIN: [&str; 9] =
    ["another", "second", "again", "next", "weiteren", "zweiten", "erneuten", "nouvel", "deuxieme"];

/// What one does for others.
const WORKS: [&str; 31] = [
    "teach",
    "teaching",
    "coach",
    "coaching",
    "instruct",
    "train",
    "treat",
    "treating",
    "nurse",
    "care",
    "work",
    "help",
    "lead",
    "leite",
    "unterrichte",
    "trainiere",
    "coache",
    "betreu",
    "pflege",
    "arbeite",
    "helfe",
    "behandle",
    "donne",
    "enseigne",
    "entraine",
    "occupe",
    "accompagne",
    "soigne",
    "encadre",
    "anime",
    "travaille",
];
/// For whom: people, and courses for them. German makes one word of an illness and its people.
const PEOPLE: [&str; 24] = [
    "women",
    "woman",
    "mothers",
    "mums",
    "moms",
    "people",
    "patients",
    "patienten",
    "clients",
    "students",
    "seniors",
    "survivors",
    "class",
    "classes",
    "ward",
    "kurs",
    "kurse",
    "gruppe",
    "schwangere",
    "schwangeren",
    "fraun",
    "femmes",
    "cours",
    "personnes",
];
const PATIENTS: [&str; 3] = ["patienten", "patientinnen", "kranke"];

/// Whether a mention is no word about the athlete as they are.
pub(super) fn is_denied(clause: &Clause, span: Span) -> bool {
    let words = &clause.words;
    if is_somebody_elses(words, span) || is_anothers_care(words, span) || is_to_be_prevented(words, span) {
        return true;
    }
    if has(words.get(span.last + 1..).unwrap_or_default().iter().take(3), &PASTS) {
        return false;
    }
    is_denied_before(clause, span) || is_denied_behind(words, span)
}

/// "No chest pain", "never had", and a list that goes on after a comma. "Not without" is there.
fn is_denied_before(clause: &Clause, span: Span) -> bool {
    let words = &clause.words;
    let mut nearest: Option<usize> = None;
    for back in (0..span.first).rev().take(REACH) {
        let Some(word) = words.get(back).map(String::as_str) else { break };
        if BREAKS.contains(&word) {
            return nearest.is_some();
        }
        let is_noch = word == "noch" && words.iter().take(back).any(|word| word == "weder");
        if !(DENIALS.contains(&word) || MORE_DENIALS.contains(&word) || is_noch) {
            continue;
        }
        if words.get(back + 1).is_some_and(|next| EMPHASES.contains(&next.as_str())) {
            return false;
        }
        match nearest {
            // The second denial is what the first one was looked further for.
            Some(_) => return false,
            None if WITHOUTS.contains(&word) => nearest = Some(back),
            None => return true,
        }
    }
    nearest.is_some() || clause.continues && span.first <= 3
}

/// "Brustschmerzen habe ich nicht", "pain-free".
fn is_denied_behind(words: &[String], span: Span) -> bool {
    let behind = words.get(span.last + 1..).unwrap_or_default();
    if behind.first().is_some_and(|word| matches!(word.as_str(), "free" | "frei")) {
        return true;
    }
    let end = behind.iter().position(|word| END_DENIALS.contains(&word.as_str()));
    end.is_some_and(|end| {
        end + 1 == behind.len() && behind.iter().take(end).all(|word| FILLERS.contains(&word.as_str()))
    })
}

/// "My father had a heart attack", "it runs in my family".
fn is_somebody_elses(words: &[String], span: Span) -> bool {
    let before = words.get(..span.first).unwrap_or_default();
    // "My dog had surgery": where the clause begins so, the owner is no part of the mention.
    let begins_owned =
        words.windows(2).next().is_some_and(|pair| is_one(&pair[0], &OWNERS) && is_one(&pair[1], &OTHERS));
    if begins_owned && !has(words.iter().skip(2), &SELVES) {
        return true;
    }
    let owned = before.windows(2).rposition(|pair| is_one(&pair[0], &OWNERS) && is_one(&pair[1], &OTHERS));
    if owned.is_some_and(|at| !has(before.iter().skip(at + 2), &SELVES)) {
        return true;
    }
    // "Wife gave birth last month".
    let begins = before.first().is_some_and(|word| is_one(word, &OTHERS));
    if begins && !has(words.iter(), &SELVES) && !has(words.iter(), &OWNERS) {
        return true;
    }
    // "My pregnant wife".
    let between = before.last().is_some_and(|word| is_one(word, &OWNERS));
    if between && words.get(span.last + 1).is_some_and(|word| is_one(word, &OTHERS)) {
        return true;
    }
    if before.last().is_some_and(|word| word == "of") && before.iter().any(|word| word == "family") {
        return true;
    }
    let behind: Vec<&String> = words.iter().skip(span.last + 1).take(5).collect();
    let of =
        behind.first().is_some_and(|word| matches!(word.as_str(), "of" | "von" | "meines" | "meiner" | "de" | "chez"));
    let in_family = behind.iter().any(|word| word.as_str() == "in" || word.as_str() == "dans");
    let family = ["family", "familie", "famille"];
    of && has(behind.iter().take(3).copied(), &OTHERS) || in_family && has(behind.iter().copied(), &family)
}

/// "I teach pregnant women", "I care for stroke patients": the people stand beside the mention, and the work before it.
fn is_anothers_care(words: &[String], span: Span) -> bool {
    let around = words.iter().take(span.last + 4).skip(span.first.saturating_sub(4));
    let mut people = around.filter(|word| is_one(word, &PEOPLE) || PATIENTS.iter().any(|end| word.ends_with(end)));
    let before = words.get(..span.first).unwrap_or_default();
    let work = before.iter().rposition(|word| is_one(word, &WORKS));
    let nothing_new = |at: usize| !has(before.iter().skip(at + 1), &BREAKS);
    people.next().is_some() && work.is_some_and(nothing_new)
}

/// "To prevent heart disease", and not "another one".
fn is_to_be_prevented(words: &[String], span: Span) -> bool {
    let near = |at: usize| at + 4 >= span.first && at <= span.last + 2;
    let near = || words.iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, word)| word);
    has(near(), &PREVENTIONS) && !has(near(), &AGAIN)
}

fn is_one(word: &str, list: &[&str]) -> bool {
    list.contains(&word)
}

fn has<'w>(mut words: impl Iterator<Item = &'w String>, list: &[&str]) -> bool {
    words.any(|word| is_one(word, list))
}
