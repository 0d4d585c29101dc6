//! What stands in a secret's place wherever people look: configuration, messages, errors, logs.
//!
//! What is masked follows from what a value is for, not from what it looks like: of an address people see where it leads, and
//! never who logs in there or with what parameters. Where it cannot be told which part is which, nothing is shown.

use std::borrow::Cow;

/// What stands in a secret's place.
pub const MASK: &str = "********";

/// The schemes of addresses. What else stands before `://` may be a part of a password with a comma.
const SCHEMES: [&str; 12] =
    ["nats", "tls", "ws", "wss", "postgres", "postgresql", "http", "https", "grpc", "file", "s3", "gs"];

/// The longest port.
const MAX_PORT_DIGITS: usize = 5;
/// A part of a secret that is shorter than this is not looked for in other texts: it would be found in every word.
const SHORTEST_PART: usize = 3;

/// An address, or several with commas between, as people may see it: scheme, hosts and path.
///
/// `nats://amy:secret@one:4222,nats://TOKEN@two` → `nats://********@one:4222,nats://********@two`.
#[must_use]
pub fn address(text: &str) -> String {
    if text.matches("://").count() < 2 {
        return one_address(text.trim()).unwrap_or_else(|| MASK.to_owned());
    }
    let shown: Option<Vec<_>> = text.split(',').map(|address| one_address(address.trim())).collect();
    shown.map_or_else(|| MASK.to_owned(), |shown| shown.join(","))
}

/// A text of somebody else's that may repeat the address, or parts of its login and parameters: each of them is masked.
#[must_use]
pub fn hide<'a>(text: &'a str, address: &str) -> Cow<'a, str> {
    let mut hidden = Cow::Borrowed(text);
    for secret in secrets_of(address) {
        if hidden.contains(&secret) {
            hidden = Cow::Owned(hidden.replace(&secret, MASK));
        }
    }
    hidden
}

/// `None` for a text that is no address.
fn one_address(text: &str) -> Option<String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return is_host_with_port(text).then(|| text.to_owned());
    };
    if !SCHEMES.contains(&scheme) {
        return None;
    }
    let nothing_of_it = Some(format!("{scheme}://{MASK}"));
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A password with a slash or a question mark, or a parameter with an at sign: either ends elsewhere than it seems to.
    if behind.contains('@') {
        return nothing_of_it;
    }
    let (login, hosts) = authority.rsplit_once('@').map_or((false, authority), |(_, hosts)| (true, hosts));
    if !hosts.split(',').all(is_host) {
        return nothing_of_it;
    }
    let login = if login { format!("{MASK}@") } else { String::new() };
    let path = &behind[..behind.find(['?', '#']).unwrap_or(behind.len())];
    // Parameters that begin with anything but a question mark look like a part of the path.
    if path.contains([';', '&', '=']) || path.contains(char::is_whitespace) {
        return nothing_of_it;
    }
    let parameters = if path.len() < behind.len() { format!("?{MASK}") } else { String::new() };
    Some(format!("{scheme}://{login}{hosts}{path}{parameters}"))
}

/// `db`, `db:5432`, `[::1]:5432`; nothing, where a path alone follows.
fn is_host(text: &str) -> bool {
    let from = if text.starts_with('[') { text.find(']').unwrap_or_default() } else { 0 };
    let (name, port) = text.split_at(text[from..].find(':').map_or(text.len(), |colon| from + colon));
    let named = if let Some(v6) = name.strip_prefix('[') {
        v6.ends_with(']') && v6[..v6.len() - 1].chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c))
    } else {
        name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    named && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_host_with_port(text: &str) -> bool {
    is_host(text) && text.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && is_port(port))
}

fn is_port(text: &str) -> bool {
    (1..=MAX_PORT_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The secrets of an address as others may spell them, the longest first.
fn secrets_of(address: &str) -> Vec<String> {
    let mut secrets = vec![address.to_owned()];
    for one in address.split(',').chain([address]) {
        let rest = one.split_once("://").map_or(one, |(_, rest)| rest);
        if let Some((login, _)) = rest.rsplit_once('@') {
            // A name before a password may be shown; a login without one is a token.
            let secret = login.split_once(':').map_or(login, |(_, password)| password);
            secrets.push(secret.to_owned());
            secrets.extend(secret.split([':', '/', '?', '#', '@', ',', '&', '=']).map(str::to_owned));
        }
        // Behind whatever sign they begin: a server's answer may repeat the database's name with all of them.
        let path = rest.split_once('/').map_or(rest, |(_, path)| path);
        secrets
            .extend(path.split(['?', '&', '#', ';', ' ']).filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())));
    }
    let unescaped: Vec<_> =
        secrets.iter().filter(|secret| secret.contains('%')).map(|secret| unescape(secret)).collect();
    secrets.extend(unescaped);
    secrets.retain(|secret| secret.len() >= SHORTEST_PART);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.dedup();
    secrets
}

fn unescape(text: &str) -> String {
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_people_see_where_it_leads() {
        for (address_, shown) in [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
            ("postgres://ally:hunter2@db:5432/ally", "postgres://********@db:5432/ally"),
            ("postgres://ally@[::1]:5432/ally", "postgres://********@[::1]:5432/ally"),
            ("postgres://one,two:5433/ally?password=hunter2", "postgres://one,two:5433/ally?********"),
            ("nats://a:p1@one:4222, nats://TOKEN@two", "nats://********@one:4222,nats://********@two"),
            ("nats://amy:pass,word@one", "nats://********@one"),
            ("https://host/v1", "https://host/v1"),
            ("file:///var/lib/ally", "file:///var/lib/ally"),
            ("localhost:4318", "localhost:4318"),
        ] {
            assert_eq!(address(address_), shown);
        }
    }

    #[test]
    fn where_the_parts_cannot_be_told_apart_nothing_is_shown() {
        for (address_, shown) in [
            ("postgres://ally:pass/word@db/ally", "postgres://********"),
            ("postgres://ally:pass?word@db/ally", "postgres://********"),
            ("postgres://ally:a://b@db/ally", "postgres://********"),
            ("postgres://db/ally?password=a@b", "postgres://********"),
            ("postgres://ally@db/ally;password=hunter2", "postgres://********"),
            ("postgres://db/ally&password=hunter2", "postgres://********"),
            ("postgres://db/ally password=hunter2", "postgres://********"),
            ("nats://amy:p@one,nats://bea:pass,word@two", MASK),
            ("s3://a:pass,word://x@bucket", MASK),
            ("hunter2", MASK),
            ("host=db password=hunter2", MASK),
            ("", MASK),
        ] {
            assert_eq!(address(address_), shown, "{address_}");
        }
    }

    #[test]
    fn an_error_that_repeats_the_address_or_its_secret_is_masked() {
        let url = "postgres://ally:pa%2Fss-word@db/ally?sslpassword=other";
        for said in ["pa/ss-word", "pa%2Fss-word", "other", url] {
            let shown = hide(&format!("no {said} here"), url).into_owned();
            assert_eq!(shown, format!("no {MASK} here"));
        }
        assert_eq!(hide("database \"ally\" does not exist", url), "database \"ally\" does not exist");
        assert_eq!(hide("refused: TOKEN", "nats://one,nats://TOKEN@two"), format!("refused: {MASK}"));
    }
}
