//! Entity tags: what `If-None-Match` says.

/// Whether an If-None-Match names a tag, compared weakly (RFC 9110, section 13.1.2).
pub(crate) fn names(if_none_match: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.split(',').any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_is_compared_weakly() {
        for same in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(names(same, "W/\"a\""), "{same}");
        }
        for other in ["", "\"b\"", "a", "\"a"] {
            assert!(!names(other, "W/\"a\""), "{other}");
        }
    }
}
