//! `tracestate` by the grammar of W3C Trace Context, section 3.3.

use std::collections::HashSet;

use opentelemetry::trace::TraceState;

/// The most entries of a list.
const MAX_MEMBERS: usize = 32;
/// The most bytes that are passed on.
const MAX_BYTES: usize = 512;
/// Entries of more bytes go first when a list is too long.
const LONG_MEMBER_BYTES: usize = 128;

/// Reads a header's value. One entry that does not follow the grammar, a key that stands there twice or an entry too many
/// makes the whole nothing, as the specification asks. Of a list over [`MAX_BYTES`] entries are left out, whole ones: the
/// long ones first, then from the end.
pub(super) fn parse(text: &str) -> TraceState {
    let members: Option<Vec<(&str, &str)>> = text
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
        .map(member)
        .collect();
    let Some(mut members) = members else { return TraceState::default() };
    let keys: HashSet<&str> = members.iter().map(|(key, _)| *key).collect();
    if keys.len() < members.len() || members.len() > MAX_MEMBERS {
        return TraceState::default();
    }
    // The SDK's own type takes a vendor of 13 characters at most after a tenant; such an entry goes alone.
    members.retain(|member| TraceState::from_key_value([*member]).is_ok());
    shorten(&mut members);
    TraceState::from_key_value(members).unwrap_or_default()
}

fn member(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    (is_key(key) && is_value(value)).then_some((key, value))
}

/// `vendor`, of 256 characters at most, or `tenant@vendor`, of 241 and 14.
fn is_key(key: &str) -> bool {
    let of = |text: &str, digit_first: bool, most: usize| {
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || digit_first && c.is_ascii_digit());
        let holds = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-*/".contains(&c);
        begins && text.len() <= most && text.bytes().all(holds)
    };
    match key.split_once('@') {
        None => of(key, false, 256),
        Some((tenant, vendor)) => of(tenant, true, 241) && of(vendor, false, 14),
    }
}

/// Printable, without the two characters that set entries off. Spaces at either end have been taken for the list's.
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|c| matches!(c, b' '..=b'~') && c != b',' && c != b'=')
}

fn shorten(members: &mut Vec<(&str, &str)>) {
    let bytes = |(key, value): &(&str, &str)| key.len() + 1 + value.len();
    let total = |members: &[(&str, &str)]| members.iter().map(bytes).sum::<usize>() + members.len().saturating_sub(1);
    while total(members) > MAX_BYTES {
        match members.iter().rposition(|member| bytes(member) > LONG_MEMBER_BYTES) {
            Some(long) => drop(members.remove(long)),
            None => drop(members.pop()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        parse(text).header()
    }

    #[test]
    fn what_follows_the_grammar_is_passed_on() {
        let (long, tenant, value) = ("a".repeat(256), "t".repeat(241), "v".repeat(256));
        for (text, passed) in [
            ("foo=1", "foo=1"),
            ("foo=1,bar=2", "foo=1,bar=2"),
            ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
            ("foo=1,", "foo=1"),
            (",,foo=1, ,\t,bar=2,,", "foo=1,bar=2"),
            ("", ""),
            (" , ", ""),
            ("foo=a b", "foo=a b"),
            ("foo= a", "foo= a"),
            ("foo= !\"#$%&'()*+-./0123456789:;<>?@[\\]^_`{|}~", "foo= !\"#$%&'()*+-./0123456789:;<>?@[\\]^_`{|}~"),
            ("a_-*/0=1", "a_-*/0=1"),
            ("0t@v=1,fw529a3039@dt=FfffffeE_abc", "0t@v=1,fw529a3039@dt=FfffffeE_abc"),
            (&format!("{long}=1"), &format!("{long}=1")),
            (&format!("{tenant}@vvvvvvvvvvvvv=1"), &format!("{tenant}@vvvvvvvvvvvvv=1")),
            ("a=1,t@vvvvvvvvvvvvvv=1,b=2", "a=1,b=2"),
            (&format!("a={value}"), &format!("a={value}")),
        ] {
            assert_eq!(read(text), passed, "{text}");
        }
    }

    #[test]
    fn one_fault_makes_the_whole_nothing() {
        let good = "ok=1,";
        for fault in [
            "foo",
            "foo=",
            "=1",
            "foo=1=2",
            "foo =1",
            "foo\t=1",
            "FOO=1",
            "foo.bar=1",
            "foo@=1",
            "@foo=1",
            "foo@@bar=1",
            "foo@bar@baz=1",
            "0foo=1",
            "_foo=1",
            "foo@0bar=1",
            "foo=é",
            "foo=\u{7f}",
            "foo=a\tb",
            "ok=2",
            &format!("{}=1", "a".repeat(257)),
            &format!("{}@v=1", "t".repeat(242)),
            "t@vvvvvvvvvvvvvvv=1",
            &format!("foo={}", "v".repeat(257)),
        ] {
            assert_eq!(read(&format!("{good}{fault}")), "", "{fault}");
        }
    }

    fn list(count: usize) -> String {
        (0..count).map(|n| format!("k{n}={n}")).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn a_list_has_32_entries_at_most() {
        assert_eq!(read(&list(32)), list(32));
        assert_eq!(read(&list(33)), "");
    }

    #[test]
    fn what_is_over_512_bytes_is_dropped_the_long_ones_first_then_from_the_end() {
        let entry = |key: &str, bytes: usize| format!("{key}={}", "v".repeat(bytes - key.len() - 1));
        let exact = [entry("a", 255), entry("b", 256)].join(",");
        assert_eq!((exact.len(), read(&exact)), (512, exact.clone()));
        let (long, short) = (entry("a", 129), ["b", "c", "d", "e", "f"].map(|key| entry(key, 100)));
        assert_eq!(read(&[vec![long.clone()], short[..4].to_vec()].concat().join(",")), short[..4].join(","));
        assert_eq!(read(&[vec![long], short.to_vec()].concat().join(",")), short.join(","), "504 bytes");
        let short = ["a", "b", "c", "d", "e"].map(|key| entry(key, 128));
        assert_eq!(read(&short.join(",")), short[..3].join(","), "a fourth makes 515 bytes");
    }
}
