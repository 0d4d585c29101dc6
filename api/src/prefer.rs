//! What a caller would like and does not demand: `Prefer` (RFC 7240). Of its preferences only `wait` is granted; the others are left
//! out, as the specification wants it.

use std::time::Duration;

use poem::http::{HeaderMap, HeaderName};

use crate::limits::MAX_WAIT;
use crate::list;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How long a caller would like to wait, and never longer than anybody may. The first of several counts.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let preferences = list::elements(headers, PREFER).filter_map(|preference| list::parts(preference).next());
    let mut waits = preferences.filter_map(|preference| preference.split_once('='));
    let (_, seconds) = waits.find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))?;
    let seconds = seconds.trim().trim_matches('"').parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_wait_counts() {
        for (lines, seconds) in [
            (&["wait=5"][..], Some(5)),
            (&["respond-async, Wait = 7;x=1"], Some(7)),
            (&["handling=lenient", "wait=\"3\", wait=9"], Some(3)),
            (&["wait=99999"], Some(30)),
            (&["wait=-1"], None),
            (&["wait"], None),
            (&["note=\"wait=5\""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(PREFER, HeaderValue::from_str(line).unwrap());
            }
            assert_eq!(wait(&headers), seconds.map(Duration::from_secs), "{lines:?}");
        }
    }
}
