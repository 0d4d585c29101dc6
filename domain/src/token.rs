//! Names that people choose, as subject tokens and keys: reversible, and never the same for two names.
//!
//! Letters, digits, `-` and `_` stand for themselves; every other byte of the UTF-8 text is `=` and two hex digits.

use crate::ids::MAX_ID_CHARS;

/// A text that is too long to be a name, or empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to {MAX_ID_CHARS} letters, digits, '-' or '_', and no control characters; each byte of another character counts as three"
)]
pub struct InvalidName;

/// The token of a name.
///
/// # Errors
/// [`InvalidName`] for an empty text, one with control characters, or one whose token is too long.
pub fn escape(name: &str) -> Result<String, InvalidName> {
    if name.chars().any(char::is_control) {
        return Err(InvalidName);
    }
    let mut token = String::with_capacity(name.len());
    for byte in name.bytes() {
        if is_plain(byte) {
            token.push(char::from(byte));
        } else {
            token.push('=');
            token.extend([byte >> 4, byte & 0x0F].map(hex));
        }
    }
    if (1..=MAX_ID_CHARS).contains(&token.len()) { Ok(token) } else { Err(InvalidName) }
}

/// The name of a token; `None` for what [`escape`] does not give.
#[must_use]
pub fn unescape(token: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'=' => bytes.push(unhex(rest.next()?)? << 4 | unhex(rest.next()?)?),
            plain => bytes.push(plain),
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (escape(&name).as_deref() == Ok(token)).then_some(name)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn hex(digit: u8) -> char {
    char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 })
}

const fn unhex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_name_is_its_own_token() {
        assert_eq!(escape("room-1_A").as_deref(), Ok("room-1_A"));
        assert_eq!(escape("doc:1.é").as_deref(), Ok("doc=3A1=2E=C3=A9"));
        assert_eq!(escape("a=b").as_deref(), Ok("a=3Db"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in ["", "a\nb", "\u{0}", &"x".repeat(65), &"é".repeat(11)] {
            assert_eq!(escape(bad), Err(InvalidName), "{bad:?}");
        }
        for bad in ["=", "=4", "=41", "=3a", "=FF", "a.b"] {
            assert_eq!(unescape(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_reads_back_as_written(name in "\\PC{1,20}") {
            if let Ok(token) = escape(&name) {
                prop_assert!(token.parse::<crate::ids::AggregateId>().is_ok());
                prop_assert_eq!(unescape(&token), Some(name));
            }
        }
    }
}
