//! R28: how a new version may follow an old one.

use time::Date;

use super::Finding;
use crate::engine::plan::Plan;
use crate::engine::rule::Rule;

/// Judges a new version of a plan against the one before it: one up, made from it, and every session before `today`
/// as it was.
#[must_use]
pub fn follows(previous: &Plan, next: &Plan, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |place: &str, want: String, got: String| {
        found.push(Finding { rule: Rule::R28, place: place.to_owned(), want, got, hard: true });
    };
    if next.version != previous.version + 1 || next.parent != Some(previous.version) {
        let got = format!("version {} of {:?}", next.version, next.parent);
        add("version", format!("version {} made from {}", previous.version + 1, previous.version), got);
    }
    if next.plan_id != previous.plan_id {
        add("planId", previous.plan_id.to_string(), next.plan_id.to_string());
    }
    let past = |plan: &Plan| -> Vec<_> {
        let sessions = plan.weeks.iter().flat_map(|week| week.sessions.clone());
        sessions.filter(|session| session.date < today).collect()
    };
    let (before, after) = (past(previous), past(next));
    for session in before.iter().filter(|session| !after.contains(session)) {
        add(&session.id, format!("the session of {} as it was", session.date), "another".to_owned());
    }
    for session in after.iter().filter(|session| !before.contains(session)) {
        add(&session.id, format!("no new session on {}, which is past", session.date), "one".to_owned());
    }
    found
}
