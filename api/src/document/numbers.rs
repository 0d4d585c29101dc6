//! Whole numbers as whole numbers: the framework writes every bound as a fraction (`100.0`), and large ones would not be read back as they
//! are. `serde_json`'s feature `arbitrary_precision` would keep them, with their fraction, and changes how every crate reads numbers.

/// The text of a document with each number `N.0` as `N`.
pub(super) fn whole(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    let (mut in_text, mut is_escaped, mut in_number) = (false, false, false);
    let mut rest = json.chars().peekable();
    while let Some(next) = rest.next() {
        if in_text {
            in_text = is_escaped || next != '"';
            is_escaped = next == '\\' && !is_escaped;
        } else if in_number && next == '.' && rest.peek() == Some(&'0') {
            let mut ahead = rest.clone();
            ahead.next();
            if !ahead.next().is_some_and(|digit| digit.is_ascii_digit() || matches!(digit, 'e' | 'E')) {
                rest.next();
                in_number = false;
                continue;
            }
        } else {
            in_text = next == '"';
            in_number = next.is_ascii_digit();
        }
        written.push(next);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_fraction_is_written_without_one() {
        let json =
            r#"{"a": 9007199254740991.0, "b": 0.5, "c": "3.0 \"4.0\"", "d": [1.0, -7.0], "e": 1.05, "f": 2.0e3}"#;
        let expected = r#"{"a": 9007199254740991, "b": 0.5, "c": "3.0 \"4.0\"", "d": [1, -7], "e": 1.05, "f": 2.0e3}"#;
        assert_eq!(whole(json), expected);
    }
}
