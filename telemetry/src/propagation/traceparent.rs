//! `traceparent` by the grammar of W3C Trace Context, section 3.2.

use opentelemetry::trace::{SpanId, TraceFlags, TraceId};

/// `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`
const LENGTH: usize = 55;
/// The version that never counts.
const FORBIDDEN: u8 = 0xff;

/// The remote span that a `traceparent` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traceparent {
    pub trace: TraceId,
    pub span: SpanId,
    pub flags: TraceFlags,
}

impl Traceparent {
    /// Reads a header's value; `None` for one that does not follow the grammar. A later version counts as far as this
    /// one's fields go, and what follows them must be set off by a dash.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (known, rest) = text.split_at_checked(LENGTH)?;
        let version = byte(&known[..2])?;
        let ends = match version {
            0 => rest.is_empty(),
            FORBIDDEN => false,
            _ => rest.is_empty() || rest.starts_with(b"-"),
        };
        let dashes = [2, 35, 52].into_iter().all(|at| known[at] == b'-');
        if !ends || !dashes {
            return None;
        }
        let trace = TraceId::from_bytes(number(&known[3..35])?.to_be_bytes());
        let span = SpanId::from_bytes(u64::try_from(number(&known[36..52])?).ok()?.to_be_bytes());
        // Of all flags only this one has a meaning here; the others are not passed on.
        let flags = TraceFlags::new(byte(&known[53..])?) & TraceFlags::SAMPLED;
        (trace != TraceId::INVALID && span != SpanId::INVALID).then_some(Self { trace, span, flags })
    }
}

fn byte(digits: &[u8]) -> Option<u8> {
    u8::try_from(number(digits)?).ok()
}

/// Hexadecimal digits, lower case only.
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number: u128, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn what_follows_the_grammar_counts() {
        for (version, flags, rest, sampled) in [
            ("00", "01", "", true),
            ("00", "00", "", false),
            ("00", "ff", "", true),
            ("00", "02", "", false),
            ("00", "0b", "", true),
            ("01", "01", "", true),
            ("cc", "01", "-what-the-future-will-be-like", true),
            ("cc", "00", "-", false),
            ("fe", "01", "-", true),
        ] {
            let text = format!("{version}-{TRACE}-{SPAN}-{flags}{rest}");
            let parent = Traceparent::parse(&text).unwrap_or_else(|| panic!("{text} is refused"));
            assert_eq!((parent.trace.to_string(), parent.span.to_string()), (TRACE.to_owned(), SPAN.to_owned()));
            assert_eq!(parent.flags.is_sampled(), sampled, "{text}");
            assert!(matches!(parent.flags.to_u8(), 0 | 1), "unknown flags of {text} are passed on");
        }
    }

    #[test]
    fn what_does_not_is_none() {
        let zeros = |count: usize| "0".repeat(count);
        let good = format!("00-{TRACE}-{SPAN}-01");
        let mut bad: Vec<String> = vec![
            String::new(),
            "00".to_owned(),
            "hello".to_owned(),
            format!("{good}-"),
            format!("{good}."),
            format!("{good}-what-the-future-will-be-like"),
            format!("cc-{TRACE}-{SPAN}-01.what-the-future-will-be-like"),
            format!("cc-{TRACE}-{SPAN}-011"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("ff-{TRACE}-{SPAN}-01-"),
            format!(".0-{TRACE}-{SPAN}-01"),
            format!("0.-{TRACE}-{SPAN}-01"),
            format!("+1-{TRACE}-{SPAN}-01"),
            format!("000-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("CC-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", zeros(32)),
            format!("00-{TRACE}-{}-01", zeros(16)),
            format!("00-{TRACE}-{SPAN}-.0"),
            format!("00-{TRACE}-{SPAN}-0."),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("00-{TRACE}-{SPAN}-001"),
            format!("00-{TRACE}-{SPAN}-0F"),
            format!("00-{TRACE}-{SPAN}"),
            format!("00_{TRACE}_{SPAN}_01"),
            format!(" {good}"),
            format!("{good} "),
            // Ids of another length, also where the whole is as long as it should be.
            "00-1-1-01".to_owned(),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &SPAN[1..]),
            format!("00-{TRACE}-{SPAN}0-01"),
            format!("00-{}-{SPAN}0-01", &TRACE[1..]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
            format!("00-.{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-.{}-01", &SPAN[1..]),
            format!("00-{TRACE}-{}é-01", &SPAN[2..]),
        ];
        bad.extend((0..good.len()).map(|end| good[..end].to_owned()));
        for text in &bad {
            assert_eq!(Traceparent::parse(text), None, "{text:?} counts");
        }
    }
}
