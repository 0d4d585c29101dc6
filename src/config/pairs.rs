//! `name=value,name=value` with percent-encoded values, as OpenTelemetry writes lists in variables (the grammar of W3C Baggage).

use std::collections::BTreeMap;

/// The pairs of a list; `None` for a text that is none. White space around names and values is nobody's.
pub fn pairs(text: &str) -> Option<BTreeMap<String, String>> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let pair = |entry: &str| {
        let (name, value) = entry.split_once('=')?;
        let (name, value) = (name.trim(), decoded(value.trim())?);
        (!name.is_empty()).then(|| (name.to_owned(), value))
    };
    entries.map(pair).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = behind;
            continue;
        }
        let (digits, behind) = behind.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_opentelemetry_writes_it() {
        let read = |text| pairs(text).map(|pairs| pairs.into_iter().collect::<Vec<_>>());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read(""), Some(vec![]));
        assert_eq!(read("a=1, b = two words ,"), Some(vec![pair("a", "1"), pair("b", "two words")]));
        assert_eq!(read("authorization=Basic%20YTpi=="), Some(vec![pair("authorization", "Basic YTpi==")]));
        for wrong in ["a", "=1", "a=%2", "a=%zz", "a=1,b", "a=%ff"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
