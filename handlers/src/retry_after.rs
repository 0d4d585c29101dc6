//! The header `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// How long to wait as of now, and nobody is waited for longer than `longest`; `None` when it says neither.
pub fn parse(text: &str, now: OffsetDateTime, longest: Duration) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        // A date in the past is over: come back at once.
        Err(_) => (OffsetDateTime::parse(text, &Rfc2822).ok()? - now).try_into().unwrap_or(Duration::ZERO),
    };
    Some(wait.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        const LONGEST: Duration = Duration::from_secs(3_600);
        let now = datetime!(2026-11-20 12:00 UTC);
        let of = |text| parse(text, now, LONGEST);
        assert_eq!(of("17"), Some(Duration::from_secs(17)));
        assert_eq!(of(" 0 "), Some(Duration::ZERO));
        assert_eq!(of("Fri, 20 Nov 2026 12:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(of("Fri, 20 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(of("99999999999"), Some(LONGEST));
        assert_eq!(of("Sat, 20 Nov 2032 12:00:00 GMT"), Some(LONGEST));
        for neither in ["", "soon", "-1", "1.5", "2026-11-20"] {
            assert_eq!(of(neither), None, "{neither:?}");
        }
    }
}
