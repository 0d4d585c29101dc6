//! Which rooms of presence a token opens, and for what: its claim `rooms`.

use std::sync::Arc;

use ally_domain::room::RoomId;
use serde_json::Value;

/// The most grants that are read of a token.
const MAX_GRANTS: usize = 64;

/// What a token allows in a room. The later ones allow what the earlier ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomAccess {
    /// See who is there.
    Observe,
    /// Be there, and say nothing of oneself.
    Join,
    /// Be there, and say what one wants of oneself.
    Write,
}

impl RoomAccess {
    const fn of(text: &str) -> Option<Self> {
        match text.as_bytes() {
            b"observe" => Some(Self::Observe),
            b"join" => Some(Self::Join),
            b"write" => Some(Self::Write),
            _ => None,
        }
    }
}

/// The rooms of a token.
///
/// The claim is a list; an entry is a pattern (`"doc-*"`, all that may be done there) or an object
/// (`{"room": "news-*", "access": "observe"}`, where `access` is `observe`, `join` or `write`). A `*` stands for any characters.
/// A token without the claim opens every room; one with a claim of another shape opens none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomGrants(Option<Arc<[(String, RoomAccess)]>>);

impl RoomGrants {
    /// Every room, for all that may be done there.
    pub const ALL: Self = Self(None);

    pub(super) fn of(claim: &Value) -> Self {
        if claim.is_null() {
            return Self::ALL;
        }
        let entries = claim.as_array().map(Vec::as_slice).unwrap_or_default();
        Self(Some(entries.iter().take(MAX_GRANTS).filter_map(grant).collect()))
    }

    /// The most that the token allows in a room; `None` when it does not open it.
    #[must_use]
    pub fn access(&self, room: &RoomId) -> Option<RoomAccess> {
        let Some(grants) = &self.0 else { return Some(RoomAccess::Write) };
        grants.iter().filter(|(pattern, _)| matches(pattern, room.as_str())).map(|(_, access)| *access).max()
    }
}

fn grant(entry: &Value) -> Option<(String, RoomAccess)> {
    match entry {
        Value::String(pattern) => Some((pattern.clone(), RoomAccess::Write)),
        Value::Object(grant) => {
            let access = RoomAccess::of(grant.get("access")?.as_str()?)?;
            Some((grant.get("room")?.as_str()?.to_owned(), access))
        }
        _ => None,
    }
}

/// Whether a text fits a pattern, in time of at most their product: a star that was too short is made one longer.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(expected) if expected == byte => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn access(claim: &Value, room: &str) -> Option<RoomAccess> {
        RoomGrants::of(claim).access(&room.parse().unwrap())
    }

    #[test]
    fn a_token_opens_the_rooms_that_it_names() {
        let claim = json!(["doc-*", {"room": "news-*", "access": "observe"}, {"room": "news-7", "access": "join"}]);
        for (room, allowed) in [
            ("doc-", Some(RoomAccess::Write)),
            ("doc-1", Some(RoomAccess::Write)),
            ("news-1", Some(RoomAccess::Observe)),
            ("news-7", Some(RoomAccess::Join)),
            ("lobby", None),
            ("adoc-1", None),
        ] {
            assert_eq!(access(&claim, room), allowed, "{room}");
        }
    }

    #[test]
    fn no_claim_opens_all_and_a_broken_one_none() {
        assert_eq!(access(&Value::Null, "lobby"), Some(RoomAccess::Write));
        for broken in
            [json!("lobby"), json!({}), json!([1]), json!([{"room": "lobby"}]), json!([{"room": "*", "access": "all"}])]
        {
            assert_eq!(access(&broken, "lobby"), None, "{broken}");
        }
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("*", "a", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*a*a*", "banana", true),
            ("a", "aa", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
