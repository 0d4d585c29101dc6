//! Old names: what is still served and not to be used anew, with what stands in its place. `docs/api-versions.md` says the rules.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};
use time::macros::datetime;
use time::{OffsetDateTime, UtcOffset};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// An operation that is not to be used anew.
pub(crate) struct Old {
    /// As the document writes it.
    pub template: &'static str,
    /// Since when.
    since: OffsetDateTime,
    /// When it ends; `None` while no end is set, and then it is served on.
    until: Option<OffsetDateTime>,
    /// Where `/docs` says what stands in its place.
    chapter: &'static str,
}

/// Every old name, all of them of reads.
pub(crate) const OLD: &[Old] = &[Old {
    template: "/api/v1/plans/status",
    since: datetime!(2026-11-27 00:00 UTC),
    until: None,
    chapter: "Jobs/planStatus",
}];

/// Says of an old name's answer that it is one: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and where to read on.
pub(crate) fn mark(template: &str, headers: &mut HeaderMap) {
    for old in OLD.iter().filter(|old| old.template == template) {
        old.mark(headers);
    }
}

impl Old {
    fn mark(&self, headers: &mut HeaderMap) {
        let link = format!("</docs#/{}>; rel=\"deprecation\"; type=\"text/html\"", self.chapter);
        let set = [
            (DEPRECATION, Some(format!("@{}", self.since.unix_timestamp()))),
            (SUNSET, self.until.and_then(http_date)),
            (header::LINK, Some(link)),
        ];
        for (name, text) in set {
            if let Some(Ok(value)) = text.map(|text| HeaderValue::from_str(&text)) {
                headers.append(name, value);
            }
        }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(moment: OffsetDateTime) -> Option<String> {
    let form = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    moment.to_offset(UtcOffset::UTC).format(form).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_as_headers_spell_moments() {
        let mut headers = HeaderMap::new();
        let until = Some(datetime!(1994-11-06 09:49:37 +1));
        Old { template: "/a", since: datetime!(1994-11-01 00:00 UTC), until, chapter: "B/a" }.mark(&mut headers);
        assert_eq!(headers[DEPRECATION], "@783648000");
        assert_eq!(headers[SUNSET], "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(headers[header::LINK], "</docs#/B/a>; rel=\"deprecation\"; type=\"text/html\"");
    }

    #[test]
    fn nothing_ends_within_half_a_year() {
        for old in OLD {
            assert!(old.until.is_none_or(|until| until - old.since >= time::Duration::days(180)), "{}", old.template);
        }
    }
}
