//! Clocks and versions beside each other, and how the servers keep what they acknowledge.

use std::collections::BTreeMap;

use ally_domain::ports::Clock;
use ally_projections::AboutServer;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::app::SystemClock;

/// Clocks that are farther apart make ages and deadlines wrong.
const APART_SECONDS: f64 = 2.0;

/// The roles' clocks beside this machine's.
pub fn of_roles(seen: &[Seen]) -> impl Iterator<Item = Finding> + '_ {
    seen.iter().filter_map(|seen| seen.ahead.and_then(|(ahead, exact)| clock(seen.role.service(), ahead, exact)))
}

/// The clock of NATS, by its monitoring page, which has just been answered.
pub fn of_nats(page: &Value, asked_within: f64) -> Option<Finding> {
    let now = OffsetDateTime::parse(page["now"].as_str()?, &Rfc3339).ok()?;
    clock("NATS", (now - SystemClock.now()).as_seconds_f64(), asked_within)
}

/// The clock of PostgreSQL.
pub fn of_postgres(about: &AboutServer, asked_within: f64) -> Option<Finding> {
    clock("PostgreSQL", (about.now - SystemClock.now()).as_seconds_f64(), asked_within)
}

/// Only a clock that is off is worth a line.
fn clock(of: &str, ahead: f64, exact: f64) -> Option<Finding> {
    if ahead.abs() <= APART_SECONDS + exact {
        return None;
    }
    let (seconds, side) = (ahead.abs(), if ahead > 0.0 { "ahead of" } else { "behind" });
    let found = format!("{seconds:.1} s {side} this machine's");
    let remedy = "let both follow a time server (chrony, timedatectl): ages, tokens and leases go by these clocks";
    Some(Finding::unwell(Subject::Clock(of.to_owned()), format!("clock of {of}"), found, remedy))
}

/// The roles' versions beside this program's: they differ while a new one is rolled out.
pub fn versions(seen: &[Seen]) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    let mut by_version: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for seen in seen {
        if let Some(about) = &seen.about {
            by_version.entry(&about.version).or_default().push(seen.role.as_str());
        }
    }
    let what = "versions";
    if by_version.is_empty() {
        return Finding::note(Subject::Versions, what, format!("this program is {own}"), "no role says which it is");
    }
    if by_version.keys().all(|version| *version == own) {
        return Finding::well(Subject::Versions, what, format!("{own} everywhere"));
    }
    let each: Vec<_> = by_version.iter().map(|(version, roles)| format!("{version}: {}", roles.join(", "))).collect();
    let found = format!("this program is {own}; {}", each.join("; "));
    Finding::note(Subject::Versions, what, found, "expected while a new version is rolled out, and at no other time")
}

/// Whether what was acknowledged is on disk.
pub fn durability(page: &Value, about: Option<&AboutServer>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(always) = page["jetstream"]["config"].as_object().map(|config| config.get("sync_always")) {
        let (subject, what) = (Subject::Durability("NATS".to_owned()), "NATS on disk");
        findings.push(match always.and_then(Value::as_bool) {
            Some(true) => Finding::well(subject, what, "flushed before each acknowledgement"),
            _ => Finding::unwell(
                subject,
                what,
                "acknowledges before its disk does",
                "set sync_interval: always under jetstream in the server's file: a power cut takes the last two minutes otherwise",
            ),
        });
    }
    if let Some(about) = about {
        let (subject, what) = (Subject::Durability("PostgreSQL".to_owned()), "PostgreSQL on disk");
        findings.push(match about.fsync && about.full_page_writes {
            true => Finding::well(subject, what, format!("{}, fsync on", about.version)),
            false => Finding::note(
                subject,
                what,
                "fsync or full_page_writes is off",
                "after a power cut the views may be broken: `ally projections rebuild` makes them anew from the log",
            ),
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clock_is_told_when_it_is_off_by_more_than_can_be_known() {
        assert!(clock("NATS", 2.4, 0.5).is_none());
        let told = clock("NATS", -2.6, 0.5).unwrap();
        assert!(told.is_unwell() && told.found == "2.6 s behind this machine's", "{told:?}");
    }

    #[test]
    fn a_server_that_acknowledges_before_its_disk_is_unwell() {
        let page = |always| json!({"jetstream": {"config": {"sync_always": always}}});
        assert!(!durability(&page(json!(true)), None)[0].is_unwell());
        assert!(durability(&page(json!(false)), None)[0].is_unwell());
        assert!(durability(&json!({"jetstream": {"config": {}}}), None)[0].is_unwell());
        assert!(durability(&Value::Null, None).is_empty(), "no page says nothing");
    }
}
