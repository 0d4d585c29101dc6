//! Origins as browsers and the shells of apps send them, and what is wrong with one that no browser would send.

/// What pages are loaded by: the web, and the shells that carry a page within an app (Capacitor, Ionic, Tauri).
const SCHEMES: [(&str, Option<u16>); 5] =
    [("https", Some(443)), ("http", Some(80)), ("capacitor", None), ("ionic", None), ("tauri", None)];

/// An origin that no browser would send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{origin:?} is not an origin: {fault}; write scheme://host[:port], for example https://app.example.org or capacitor://localhost"
)]
pub struct CorsError {
    origin: String,
    fault: &'static str,
}

/// Looks whether a text is an origin.
///
/// # Errors
/// What is wrong with it.
pub fn check_origin(origin: &str) -> Result<(), CorsError> {
    normalise(origin).map(|_| ())
}

/// An origin as it is sent: lower case, without the port that its scheme means anyway, without a slash at its end.
pub(super) fn normalise(origin: &str) -> Result<String, CorsError> {
    let origin = origin.trim();
    read(origin).map_err(|fault| CorsError { origin: origin.to_owned(), fault })
}

fn read(origin: &str) -> Result<String, &'static str> {
    let (scheme, rest) = origin.split_once("://").ok_or("it has no scheme")?;
    let scheme = scheme.to_ascii_lowercase();
    let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
    let (_, default_port) = known.ok_or("its scheme is none of https, http, capacitor, ionic and tauri")?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    for (part, fault) in [
        ('/', "it has a path"),
        ('?', "it has a query"),
        ('#', "it has a fragment"),
        ('@', "it names a user"),
        ('*', "it has a wildcard; list each origin by itself"),
    ] {
        if authority.contains(part) {
            return Err(fault);
        }
    }
    let (host, port) = host_and_port(authority)?;
    let host = host.to_ascii_lowercase();
    Ok(match port.filter(|port| Some(*port) != *default_port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an address of IPv6 stand in brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return Err("it has no host");
    }
    if !host.is_ascii() {
        return Err("its host is not ASCII; write it as browsers send it, in Punycode (xn--…)");
    }
    let is_address = host.starts_with('[') && host.ends_with(']');
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte) || (is_address && b"[]:".contains(&byte));
    if !host.bytes().all(fits) {
        return Err("its host has a character that no host has");
    }
    let port = match port {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0).ok_or("its port is no number from 1 to 65535")?)
        }
        Some(_) => return Err("its port is no number from 1 to 65535"),
        None => None,
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_as_browsers_send_it() {
        for (listed, sent) in [
            ("http://localhost:5173", "http://localhost:5173"),
            (" HTTPS://App.Example.ORG:443/ ", "https://app.example.org"),
            ("http://app.example.org:80", "http://app.example.org"),
            ("https://app.example.org:80", "https://app.example.org:80"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("ionic://localhost/", "ionic://localhost"),
            ("Tauri://localhost", "tauri://localhost"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(normalise(listed).as_deref(), Ok(sent), "{listed}");
        }
    }

    #[test]
    fn a_wrong_origin_says_what_is_wrong() {
        for (wrong, fault) in [
            ("", "no scheme"),
            ("*", "no scheme"),
            ("null", "no scheme"),
            ("app.example.org", "no scheme"),
            ("ftp://a.org", "its scheme is none of"),
            ("https://", "no host"),
            ("https://:80", "no host"),
            ("https://a/b", "a path"),
            ("https://a?b", "a query"),
            ("https://a#b", "a fragment"),
            ("https://u@a", "a user"),
            ("https://*.a.org", "a wildcard"),
            ("https://a b", "a character"),
            ("https://::1", "a character"),
            ("https://grün.example", "Punycode"),
            ("https://a:0", "its port"),
            ("https://a:65536", "its port"),
            ("https://a:x", "its port"),
            ("https://a:", "its port"),
        ] {
            let error = normalise(wrong).unwrap_err().to_string();
            assert!(error.contains(fault) && error.contains("scheme://host[:port]"), "{wrong}: {error}");
        }
    }
}
