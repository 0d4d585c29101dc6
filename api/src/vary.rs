//! What an answer depends on beside its address: `Vary` is added to and never replaced, since layers do not know of each other.

use poem::http::{HeaderMap, HeaderValue, header};

/// Adds a request header's name.
pub(crate) fn add(headers: &mut HeaderMap, name: &'static str) {
    let lines: Vec<String> =
        headers.get_all(header::VARY).iter().filter_map(|line| line.to_str().ok().map(str::to_owned)).collect();
    let all = lines.join(", ");
    let there = |known: &str| known == "*" || known.eq_ignore_ascii_case(name);
    if all.split(',').map(str::trim).any(there) {
        return;
    }
    let all = if all.is_empty() { name.to_owned() } else { format!("{all}, {name}") };
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(header::VARY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_added_once() {
        let mut headers = HeaderMap::new();
        for name in ["Accept", "Accept-Encoding", "accept", "Origin"] {
            add(&mut headers, name);
        }
        assert_eq!(headers[header::VARY], "Accept, Accept-Encoding, Origin");
        headers.append(header::VARY, HeaderValue::from_static("*"));
        add(&mut headers, "Cookie");
        assert_eq!(headers.get_all(header::VARY).iter().count(), 2, "what depends on anything needs no more names");
    }
}
