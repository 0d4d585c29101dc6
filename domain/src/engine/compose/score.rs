//! How good a plan is, from 0 to 100: safety 60 %, compliance 30 %, performance 10 %.

use crate::engine::plan::{Plan, Score};
use crate::engine::profile::Profile;
use crate::engine::rule::Rule;
use crate::engine::rules::Finding;
use crate::engine::safety::MODIFY_PAIN;

/// The plan's score. A hard finding makes it worthless; soft ones cost where they count.
pub fn of(plan: &Plan, profile: &Profile, findings: &[Finding]) -> Score {
    if findings.iter().any(|finding| finding.hard) {
        return Score::default();
    }
    let (safety, compliance, performance) =
        (safety(profile, findings), compliance(plan, profile), performance(findings));
    let total = (u16::from(safety) * 6 + u16::from(compliance) * 3 + u16::from(performance) + 5) / 10;
    Score { safety, compliance, performance, total: u8::try_from(total).unwrap_or(100) }
}

/// What is left to chance: places that hurt, and an unbalanced week.
fn safety(profile: &Profile, findings: &[Finding]) -> u8 {
    let sore = profile.injuries.iter().filter(|injury| injury.pain >= MODIFY_PAIN).count();
    let unbalanced = findings.iter().any(|finding| finding.rule == Rule::R14);
    100u8.saturating_sub(u8::try_from(sore.min(4) * 5).unwrap_or(20)).saturating_sub(u8::from(unbalanced) * 5)
}

/// Sessions and minutes given of those wished for.
fn compliance(plan: &Plan, profile: &Profile) -> u8 {
    let wished_sessions = u32::from(profile.weekly_goal_days) * u32::try_from(plan.weeks.len()).unwrap_or(1).max(1);
    let given = u32::from(plan.totals.sessions);
    let sessions = (given * 100 / wished_sessions.max(1)).min(100);
    let minutes = plan.totals.minutes * 100 / (given * u32::from(profile.minutes_per_session)).max(1);
    // Using three quarters of the minutes is as good as using all of them.
    let minutes = (minutes * 4 / 3).min(100);
    u8::try_from((sessions * 2 + minutes) / 3).unwrap_or(100)
}

/// Muscles with their sets and their frequency, and the aerobic minutes.
fn performance(findings: &[Finding]) -> u8 {
    let count = |rule| findings.iter().filter(|finding| finding.rule == rule).count();
    let lost = count(Rule::R7).min(10) * 5 + count(Rule::R12).min(10) * 3 + count(Rule::R21).min(1) * 10;
    100u8.saturating_sub(u8::try_from(lost).unwrap_or(100))
}
