//! A path as the reference of a problem's `instance` (RFC 3986): what may not stand in one is encoded.

use std::fmt::Write as _;

/// Characters of a path beside letters and digits.
const PATH: &[u8] = b"-._~!$&'()*+,;=:@/";

/// The path with everything encoded that a reference may not hold; what is encoded already stays.
pub(super) fn reference(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut reference = String::with_capacity(path.len());
    for (place, byte) in bytes.iter().enumerate() {
        let is_escape = *byte == b'%'
            && bytes.get(place + 1..place + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if byte.is_ascii_alphanumeric() || PATH.contains(byte) || is_escape {
            reference.push(char::from(*byte));
        } else {
            _ = write!(reference, "%{byte:02X}");
        }
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_reference_becomes_one() {
        for (path, expected) in [
            ("/api/v1/jobs/0b6d-1", "/api/v1/jobs/0b6d-1"),
            ("/a%20b/%C3%BC", "/a%20b/%C3%BC"),
            ("/a%w$|^", "/a%25w$%7C%5E"),
            ("/%", "/%25"),
            ("/%4", "/%254"),
            ("/ü", "/%C3%BC"),
        ] {
            assert_eq!(reference(path), expected);
        }
    }
}
