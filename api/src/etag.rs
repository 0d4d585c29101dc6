//! Entity tags: what `If-None-Match` says (RFC 9110, section 13.1.2), and the names of answers.
//!
//! Tags made here are weak: one names what an answer says, in whichever content coding it is sent.

use ally_domain::fingerprint::hex_digest;
use poem::http::{HeaderMap, header};

use crate::list;

/// How much of a fingerprint names an answer.
const NAME_CHARS: usize = 32;

/// The answers that a caller has already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KnownTags {
    is_any: bool,
    /// Without the mark of weakness: they are compared weakly.
    opaque: Vec<String>,
}

impl KnownTags {
    /// Reads `If-None-Match`: several lines are one list, and a comma within a tag separates nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut known = Self::default();
        for element in list::plain_elements(headers, header::IF_NONE_MATCH) {
            if element == "*" {
                known.is_any = true;
            } else {
                known.opaque.push(opaque(element).to_owned());
            }
        }
        known
    }

    /// Whether the caller has nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        !self.is_any && self.opaque.is_empty()
    }

    /// Whether the caller has the answer of a tag.
    pub(crate) fn names(&self, tag: &str) -> bool {
        self.is_any || self.opaque.iter().any(|known| known == opaque(tag))
    }
}

/// The tag of an answer with a name of its own.
pub(crate) fn weak(name: &str) -> String {
    format!("W/\"{}\"", name.get(..NAME_CHARS).unwrap_or(name))
}

/// The tag of bytes.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    weak(&hex_digest(bytes))
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn known(lines: &[&str]) -> KnownTags {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_str(line).unwrap());
        }
        KnownTags::of(&headers)
    }

    #[test]
    fn if_none_match_is_compared_weakly() {
        for same in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*", "\"b,c\", \"a\"", "\"b\\\",\"a\""] {
            assert!(known(&[same]).names("W/\"a\""), "{same}");
        }
        for other in ["", "\"b\"", "a", "\"a", "\"b,\"a\"\""] {
            assert!(!known(&[other]).names("W/\"a\""), "{other}");
        }
        assert!(known(&["\"a,b\""]).names("\"a,b\""), "a comma within a tag is a character of it");
        assert!(known(&["\"x\"", "\"a\""]).names("\"a\""), "several lines are one list");
        assert!(known(&[]).is_empty() && known(&[" , "]).is_empty() && !known(&["*"]).is_empty());
    }
}
