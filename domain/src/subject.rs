//! Who a token names, and the athlete's id that follows from it: one function for every subject of every issuer.
//!
//! The function is injective, so that nobody is somebody else. What it gives never changes, because ids stand in the log:
//! see ADR 0055 for the three kinds of ids, and for what became of those that existed before issuers counted.

use sha2::{Digest, Sha256};
use uuid::{Uuid, Variant};

use crate::ids::{AthleteId, derive};

/// What an id begins with that is a hash of issuer and subject.
const HASHED: &str = "id-";
/// Hex digits of the hash: 240 bits, as many as an id has room for.
const HASH_DIGITS: usize = 60;

/// The issuer and the subject of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Who issued the token; `None` is the deployment's own issuer, whichever name it has.
    issuer: Option<&'a str>,
    /// The claim `sub`.
    name: &'a str,
}

impl<'a> Subject<'a> {
    /// A subject of the deployment's own issuer: the one that it is configured with, or of tokens that name none.
    #[must_use]
    pub const fn own(name: &'a str) -> Self {
        Self { issuer: None, name }
    }

    /// A subject of an issuer that the deployment is not configured with.
    #[must_use]
    pub const fn of(issuer: &'a str, name: &'a str) -> Self {
        Self { issuer: Some(issuer), name }
    }

    /// The athlete's id. Two subjects never have the same one:
    ///
    /// - a subject of the own issuer that is a safe token, and has the shape of neither of the other two, is the id;
    /// - a subject of the own issuer that is no safe token (`auth0|42`, an e-mail address) gives a version 5 UUID;
    /// - every other pair gives `id-` and 60 hex digits of its SHA-256.
    #[must_use]
    pub fn athlete_id(&self) -> AthleteId {
        match (self.issuer, self.name.parse()) {
            (None, Ok(id)) if !has_derived_shape(self.name) => id,
            (None, Err(_)) => derive(&["athlete", self.name]).into(),
            _ => AthleteId::derived(self.hashed()),
        }
    }

    /// The subject as audits show it: one line, readable, and never the same for two subjects.
    #[must_use]
    pub fn readable(&self) -> String {
        let name = escaped(self.name);
        self.issuer.map_or_else(|| name.clone(), |issuer| format!("{name} ({})", escaped(issuer)))
    }

    fn hashed(&self) -> String {
        let mut hash = Sha256::new();
        // Each length stands before its text, so that no two pairs are one text.
        for part in ["ally athlete", self.issuer.map_or("own", |_| "of"), self.issuer.unwrap_or_default(), self.name] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        [HASHED, digits.get(..HASH_DIGITS).unwrap_or(&digits)].concat()
    }
}

/// Whether a text looks like an id that was made from another subject: a version 5 UUID as we write it, or a hash.
fn has_derived_shape(text: &str) -> bool {
    let uuid = Uuid::try_parse(text).is_ok_and(|uuid| {
        uuid.get_version_num() == 5 && uuid.get_variant() == Variant::RFC4122 && uuid.hyphenated().to_string() == text
    });
    let hex = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    uuid || text.strip_prefix(HASHED).is_some_and(|digits| digits.len() == HASH_DIGITS && hex(digits))
}

/// Letters of any script and visible ASCII as they are; everything else, and `%`, as `%` and two hex digits a byte.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || (c.is_ascii_graphic() && c != '%') {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ids::{MAX_ID_CHARS, is_token};

    fn own(name: &str) -> String {
        Subject::own(name).athlete_id().into()
    }

    #[test]
    fn ids_that_exist_stay_as_they_are() {
        // A token that is safe as it is, every UUID but those of version 5, and what was derived before issuers counted.
        for name in ["amy", "0198c0de-7000-7000-8000-000000000000", "2f1f0f3a-2f0e-4c11-8a53-7a110a3c9a53", "id-1"] {
            assert_eq!(own(name), name);
        }
        assert_eq!(own("v@example.org"), "2c6f6acc-55ff-57cd-9e1d-a6795dc548f3");
        assert_eq!(own("auth0|42.>"), own("auth0|42.>"));
    }

    #[test]
    fn a_subject_of_the_shape_of_an_id_is_another_athlete() {
        let derived = own("v@example.org");
        let hashed = own(&derived);
        assert_ne!(hashed, derived);
        assert_ne!(own(&hashed), hashed);
        assert_ne!(own(&own(&hashed)), own(&hashed));
        assert_eq!(own(&derived.to_uppercase()), derived.to_uppercase(), "no id of ours is written so");
    }

    #[test]
    fn an_issuer_and_a_subject_are_told_apart() {
        let pairs = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("own", "abc")];
        let mut ids = pairs.map(|(issuer, name)| String::from(Subject::of(issuer, name).athlete_id())).to_vec();
        ids.push(own("abc"));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), pairs.len() + 1);
        assert_eq!(
            Subject::of("https://id.example", "amy").athlete_id().as_str(),
            "id-516f8215a9e56625922c01143c0d1739449ade640aa2acf6d794fbe6de49"
        );
    }

    #[test]
    fn an_audit_reads_a_name() {
        assert_eq!(Subject::own("kim@example.org").readable(), "kim@example.org");
        assert_eq!(Subject::own("jürgen").readable(), "jürgen");
        assert_eq!(Subject::own("kim\n%\u{202e}").readable(), "kim%0A%25%E2%80%AE");
        assert_eq!(Subject::of("https://id.example", "kim").readable(), "kim (https://id.example)");
    }

    /// Subjects of all kinds, and often the id of another one.
    fn name() -> impl Strategy<Value = String> {
        let plain = prop_oneof![
            "[a-zA-Z0-9_-]{1,64}",
            ".{0,80}",
            any::<u128>().prop_map(|bits| Uuid::from_u128(bits).to_string()),
            any::<u128>().prop_map(|bits| Uuid::new_v5(&Uuid::from_u128(bits), b"x").to_string()),
            "id-[0-9a-f]{60}",
            prop::sample::select(vec!["a", "b", "a@b", "own", "of"]).prop_map(str::to_owned),
        ];
        prop_oneof![
            3 => plain.clone(),
            1 => plain.clone().prop_map(|name| own(&name)),
            1 => (plain.clone(), plain).prop_map(|(issuer, name)| Subject::of(&issuer, &name).athlete_id().into()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn two_subjects_never_have_one_id(
            pairs in prop::collection::vec((prop::option::of(prop_oneof![name(), Just(String::new())]), name()), 1..40)
        ) {
            // Each subject, and each id as a subject: what an attacker would choose.
            let mut subjects = pairs;
            let ids = subjects.iter().map(|(issuer, name)| (issuer.clone(), id_of(issuer.as_deref(), name)));
            let own_ids = subjects.iter().map(|(issuer, name)| (None, id_of(issuer.as_deref(), name)));
            let more: Vec<_> = ids.chain(own_ids).collect();
            subjects.extend(more);
            let mut known = BTreeMap::new();
            let mut read = BTreeMap::new();
            for (issuer, name) in subjects {
                let id = id_of(issuer.as_deref(), &name);
                prop_assert!((1..=MAX_ID_CHARS).contains(&id.len()) && is_token(&id), "{id:?}");
                let pair = (issuer, name);
                let shown = subject(pair.0.as_deref(), &pair.1).readable();
                prop_assert!(shown.chars().all(|c| !c.is_control()));
                let before = known.insert(id.clone(), pair.clone());
                prop_assert!(before.as_ref().is_none_or(|before| *before == pair), "{:?} and {:?} are {}", before, pair, id);
                let before = read.insert(shown.clone(), pair.clone());
                prop_assert!(before.as_ref().is_none_or(|before| *before == pair), "{:?} and {:?} read {}", before, pair, shown);
            }
        }
    }

    fn subject<'a>(issuer: Option<&'a str>, name: &'a str) -> Subject<'a> {
        issuer.map_or_else(|| Subject::own(name), |issuer| Subject::of(issuer, name))
    }

    fn id_of(issuer: Option<&str>, name: &str) -> String {
        subject(issuer, name).athlete_id().into()
    }
}
