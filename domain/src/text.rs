//! The one rule for text that is stored, compared with what is stored, or sent in a header.
//!
//! PostgreSQL holds no NUL, terminals obey escape sequences, and a line of a log is a line: so text has no control
//! characters but tab and the ends of lines. What breaks the rule is refused where it enters; what stands in the log from
//! before is made to fit where it is read ([`storable`], [`storable_json`]).

use std::borrow::Cow;

use crate::problem::FieldError;

/// An operator's reason: why something was redriven or discarded.
pub const NOTE: Rule = Rule { what: "text that says why", max_chars: 500, has_lines: true };
/// A name that something is found by: a consumer, a fingerprint, an operator.
pub const NAME: Rule = Rule { what: "a name", max_chars: 64, has_lines: false };

/// What a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    what: &'static str,
    max_chars: usize,
    /// Whether it may have tabs and ends of lines.
    has_lines: bool,
}

/// What is wrong with a text, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; expected {expected}")]
pub struct Unfit {
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub expected: String,
}

impl Rule {
    /// The text, if it fits: not blank, not too long, and of characters that every store holds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check<'t>(&self, text: &'t str) -> Result<&'t str, Unfit> {
        let chars = text.chars().count();
        let control = text.chars().find(|c| c.is_control()).filter(|_| !self.has_lines);
        let problem = if let Some(wrong) = control.or_else(|| control_character(text)) {
            Some(format!("has the control character {}", named(wrong)))
        } else if text.trim().is_empty() {
            Some("is blank".to_owned())
        } else if chars > self.max_chars {
            Some(format!("has {chars} characters"))
        } else {
            None
        };
        problem.map_or(Ok(text), |problem| Err(Unfit { problem, expected: self.expected() }))
    }

    /// What would be right, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        format!("{} of 1 to {} characters, without control characters", self.what, self.max_chars)
    }

    /// The most characters.
    #[must_use]
    pub const fn max_chars(&self) -> usize {
        self.max_chars
    }
}

/// The first character of a text that it must not have.
#[must_use]
pub fn control_character(text: &str) -> Option<char> {
    text.chars().find(|c| is_unfit(*c))
}

fn is_unfit(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// What is wrong with a field's text, if it has a character that it must not have.
#[must_use]
pub fn fault(field: &str, text: &str) -> Option<FieldError> {
    let wrong = control_character(text)?;
    Some(FieldError::new(
        field,
        format!("has the control character {}", named(wrong)),
        "text without control characters",
    ))
}

/// How a character is named: `U+0000`.
#[must_use]
pub fn named(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// A text from before the rule, as a store can hold it: the replacement character stands for what it must not have.
#[must_use]
pub fn storable(text: &str) -> Cow<'_, str> {
    match control_character(text) {
        None => Cow::Borrowed(text),
        Some(_) => {
            Cow::Owned(text.chars().map(|c| if is_unfit(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
        }
    }
}

/// JSON from before the rule, with the escaped NULs in its texts replaced: PostgreSQL refuses them in text and in `jsonb`
/// alike. Everything else is left byte for byte.
#[must_use]
pub fn storable_json(json: &str) -> Cow<'_, str> {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        // An escape is a backslash and what follows it, so that an escaped backslash does not begin another one.
        let (escape, after) = if escape.starts_with(NUL) {
            ("\\ufffd", escape.get(NUL.len()..).unwrap_or_default())
        } else {
            let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
            escape.split_at(end)
        };
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_prose_of_a_length() {
        for good in ["x", "fixed:\n\tit works\r\n", "日本", &"x".repeat(500)] {
            assert_eq!(NOTE.check(good), Ok(good));
        }
        for (bad, problem) in [
            ("", "is blank"),
            (" \n", "is blank"),
            ("a\0", "has the control character U+0000"),
            ("\u{1b}[2J", "has the control character U+001B"),
            ("\u{85}", "has the control character U+0085"),
        ] {
            assert_eq!(NOTE.check(bad).unwrap_err().problem, problem, "{bad:?}");
        }
        assert_eq!(NAME.check("two\nlines").unwrap_err().problem, "has the control character U+000A");
        assert_eq!(NAME.check(&"é".repeat(65)).unwrap_err().problem, "has 65 characters");
    }

    #[test]
    fn what_stands_in_the_log_is_made_to_fit() {
        assert_eq!(storable("a\0b\u{7f}\n"), "a\u{fffd}b\u{fffd}\n");
        assert!(matches!(storable("as it is"), Cow::Borrowed(_)));
        for (json, fits) in [
            (r#"{"a":"\u0000"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\\u0000"}"#, r#"{"a":"\\u0000"}"#),
            (r#"{"a":"\\\u0000é\"\u0000"}"#, r#"{"a":"\\\ufffdé\"\ufffd"}"#),
            (r#"{"a":"\u00001"}"#, r#"{"a":"\ufffd1"}"#),
        ] {
            assert_eq!(storable_json(json), fits);
            assert!(serde_json::from_str::<serde_json::Value>(&storable_json(json)).is_ok());
        }
    }
}
