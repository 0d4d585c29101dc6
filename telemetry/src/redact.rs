//! Keeps secrets out of logs and spans: the last line behind the rule that nobody records them.
//!
//! Two nets: fields whose name says that they hold a secret, and texts that carry one in a well-known shape (the password
//! of a URL, a bearer token, a JWT). Deliberately not here: payloads; they are never recorded in the first place.

use std::borrow::Cow;

use crate::mask::MASK;

const SECRET_ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "api_key",
    "apikey",
    "cookie",
    "credential",
    "credentials",
    "jwt",
];

/// Whether a field of this name holds a secret: `api_key`, `auth.token`; not `gen_ai.usage.input_tokens`.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    SECRET_ENDINGS
        .iter()
        .any(|end| key.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with(['.', '_'])))
}

/// The text with what looks like a secret masked. Borrowed, without a copy, where there is none.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if !(text.contains("://") || contains_ignore_case(text, "bearer ") || text.contains("eyJ")) {
        return Cow::Borrowed(text);
    }
    let masked: String = text
        .split_inclusive(char::is_whitespace)
        .scan(false, |after_bearer, word| {
            let was_after = std::mem::replace(after_bearer, ends_with_ignore_case(word.trim_end(), "bearer"));
            Some(mask_word(word, was_after))
        })
        .collect();
    if masked == text { Cow::Borrowed(text) } else { Cow::Owned(masked) }
}

fn mask_word(word: &str, after_bearer: bool) -> String {
    let body = word.trim_end();
    let space = &word[body.len()..];
    if after_bearer {
        return format!("{MASK}{space}");
    }
    format!("{}{space}", mask_jwt(&mask_login(body)))
}

/// `postgres://ally:secret@host` → `postgres://********@host`. A login ends at the last `@` of the word, since people forget to
/// escape what is in it: rather too much is masked than too little. Whoever knows that a text is an address masks it by
/// [`crate::mask::address`] before it comes here.
fn mask_login(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let rest = rest.rsplit_once('@').map_or_else(|| rest.to_owned(), |(_, host)| format!("{MASK}@{host}"));
    let Some((path, parameters)) = rest.split_once('?') else { return format!("{scheme}://{rest}") };
    let parameters = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((key, _)) if is_secret_key(key) => format!("{key}={MASK}"),
        _ => parameter.to_owned(),
    });
    format!("{scheme}://{path}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// Three base64url parts of which the first is a JSON object: a JWT, wherever in the word it begins.
fn mask_jwt(word: &str) -> String {
    let Some(start) = word.find("eyJ") else { return word.to_owned() };
    let token: &str = &word[start..];
    let end = token.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(token.len());
    if token[..end].matches('.').count() == 2 {
        format!("{}{MASK}{}", &word[..start], &token[end..])
    } else {
        word.to_owned()
    }
}

fn contains_ignore_case(text: &str, pattern: &str) -> bool {
    text.as_bytes().windows(pattern.len()).any(|window| window.eq_ignore_ascii_case(pattern.as_bytes()))
}

fn ends_with_ignore_case(text: &str, pattern: &str) -> bool {
    text.len() >= pattern.len()
        && text.as_bytes()[text.len() - pattern.len()..].eq_ignore_ascii_case(pattern.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_secret_are_secret() {
        for key in [
            "password",
            "db.password",
            "http.request.header.authorization",
            "LLM_API_KEY",
            "x-api-key",
            "access_token",
            "cookie",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["gen_ai.usage.input_tokens", "llm.prompt_length", "job_id", "passwordless", "messaging.message.id"]
        {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn well_known_shapes_are_masked_in_any_text() {
        for (before, after) in [
            (
                "connect to postgres://ally:hunter2@db:5432/ally failed",
                "connect to postgres://********@db:5432/ally failed",
            ),
            ("nats://u:p@ss/w0rd@nats:4222", "nats://********@nats:4222"),
            ("nats://TOKEN@nats:4222 is gone", "nats://********@nats:4222 is gone"),
            ("postgres://db/ally?sslmode=require&password=x", "postgres://db/ally?sslmode=require&password=********"),
            ("Authorization: Bearer abc.def-123 was refused", "Authorization: Bearer ******** was refused"),
            ("authorization: bearer abc", "authorization: bearer ********"),
            ("token=eyJhbGciOi.eyJzdWIi.c2ln, expired", "token=********, expired"),
        ] {
            assert_eq!(text(before), after);
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for same in [
            "",
            "job completed",
            "see http://localhost:4000/docs for more",
            "nats://nats:4222 is gone",
            "ally@example.org wrote",
        ] {
            assert!(matches!(text(same), Cow::Borrowed(_)), "{same:?}");
        }
    }
}
