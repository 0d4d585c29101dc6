//! Text within an address (RFC 3986): whatever could mean something there is percent-encoded.

use std::fmt::Write as _;

/// A text as a part of a path or as a value of a query.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn what_could_mean_something_is_encoded() {
        assert_eq!(encode("w1d1-a_b.c~"), "w1d1-a_b.c~");
        assert_eq!(encode("a/b?c=d&e\"<>é "), "a%2Fb%3Fc%3Dd%26e%22%3C%3E%C3%A9%20");
    }
}
