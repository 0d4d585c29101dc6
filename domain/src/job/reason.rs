//! Why an attempt failed, as athletes read it.
//!
//! Events, dead letters and logs keep the whole reason, for operators. What a panic said is a line of our source: it helps
//! no athlete, and nobody promised what it may hold.

use std::borrow::Cow;

/// What stands before the text of a panic in a reason, and what an athlete reads in its place.
const PANICS: [(&str, &str); 2] = [
    ("the plan engine broke down: ", "a fault of Ally's, which its operators can see"),
    ("the handler panicked: ", "a fault of Ally's, which its operators can see"),
];
/// What stands behind a reason, in a timeline and where no time is left.
const BEHIND: [&str; 2] = ["; the next one is due at ", "), and another would come after the deadline, "];

/// A reason without what a panic said.
#[must_use]
pub fn plain_reason(reason: &str) -> Cow<'_, str> {
    let found = PANICS.iter().filter_map(|(marker, plain)| Some((reason.find(marker)?, *plain))).min();
    let Some((at, plain)) = found else { return Cow::Borrowed(reason) };
    let (before, panic) = reason.split_at(at);
    let behind = BEHIND.iter().filter_map(|text| panic.rfind(text)).max();
    let behind = behind.map_or("", |behind| panic.split_at(behind).1);
    Cow::Owned([before, plain, behind].concat())
}

#[cfg(test)]
mod tests {
    use super::plain_reason;

    #[test]
    fn an_athlete_reads_no_panic() {
        let plain = "a fault of Ally's, which its operators can see";
        for (reason, read) in [
            ("the provider is down".to_owned(), "the provider is down".to_owned()),
            (r#"the plan engine broke down: task 7 panicked with message "at src/x.rs""#.to_owned(), plain.to_owned()),
            ("the handler panicked: index 3".to_owned(), plain.to_owned()),
            (
                "all 5 attempts are used up, the last one by: the plan engine broke down: task 1738 panicked"
                    .to_owned(),
                format!("all 5 attempts are used up, the last one by: {plain}"),
            ),
            (
                "Attempt 1 failed, 4 left: the handler panicked: a; b; the next one is due at 2026-11-20T08:00:00Z"
                    .to_owned(),
                format!("Attempt 1 failed, 4 left: {plain}; the next one is due at 2026-11-20T08:00:00Z"),
            ),
            (
                "attempt 1 failed (the plan engine broke down: a), and another would come after the deadline, 08:00"
                    .to_owned(),
                format!("attempt 1 failed ({plain}), and another would come after the deadline, 08:00"),
            ),
        ] {
            assert_eq!(plain_reason(&reason), read);
        }
    }
}
