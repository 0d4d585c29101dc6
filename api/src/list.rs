//! Header fields that hold lists (RFC 9110, section 5.6.1): several lines are one list, and a comma within quotes separates nothing.

use poem::http::{HeaderMap, HeaderName};

/// Weights in thousandths: `q` has three digits at most.
pub(crate) const WHOLE: u16 = 1_000;

/// The elements of a list, in order, without the empty ones. A line that is no visible ASCII is left out.
pub(crate) fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    lines(headers, name).flat_map(|line| split(line, ',', true))
}

/// The same where quotes hold a backslash like any other character, as in entity tags.
pub(crate) fn plain_elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    lines(headers, name).flat_map(|line| split(line, ',', false))
}

/// An element without its parameters, and its weight: `gzip;q=0.5`. `None` when the weight cannot be read.
pub(crate) fn split_weight(element: &str) -> Option<(&str, u16)> {
    let mut parts = split(element, ';', true);
    let value = parts.next()?;
    let mut weights =
        parts.filter_map(|part| part.split_once('=')).filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let weight = match weights.next() {
        Some((_, q)) => read_weight(q.trim())?,
        None => WHOLE,
    };
    Some((value, weight))
}

/// The parts of an element between separators that stand in no quotes, trimmed, without the empty ones.
pub(crate) fn parts(element: &str) -> impl Iterator<Item = &str> {
    split(element, ';', true)
}

fn lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

fn split(text: &str, separator: char, escapes: bool) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let separates = move |c: char| {
        let separates = !is_quoted && c == separator;
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted && escapes => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        separates
    };
    text.split(separates).map(str::trim).filter(|part| !part.is_empty())
}

/// `0.85` as 850; three digits at most and never above 1.
fn read_weight(q: &str) -> Option<u16> {
    let (whole, digits) = q.split_once('.').unwrap_or((q, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{digits:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderValue, header};

    use super::*;

    #[test]
    fn lines_are_one_list_and_quotes_hold_their_commas() {
        let mut headers = HeaderMap::new();
        for line in ["a, b;x=\"1,2\"", "", " ,\"c\\\",d\", e"] {
            headers.append(header::ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        let all: Vec<_> = elements(&headers, header::ACCEPT).collect();
        assert_eq!(all, ["a", "b;x=\"1,2\"", "\"c\\\",d\"", "e"]);
        let plain: Vec<_> = plain_elements(&headers, header::ACCEPT).collect();
        assert_eq!(plain, ["a", "b;x=\"1,2\"", "\"c\\\"", "d\", e"], "a backslash is a character of a tag");
    }

    #[test]
    fn a_weight_is_read_wherever_it_stands() {
        for (element, read) in [
            ("gzip", Some(("gzip", 1_000))),
            ("gzip ; Q=0.5", Some(("gzip", 500))),
            ("a/b;x=\";q=0\";q=0.001", Some(("a/b", 1))),
            ("*;q=0", Some(("*", 0))),
            ("gzip;q=1.001", None),
            ("gzip;q=0.1234", None),
            ("gzip;q=", None),
        ] {
            assert_eq!(split_weight(element), read, "{element}");
        }
    }
}
