//! Where a plan falls short of a soft rule: what it asks, what there is, and what stood in the way.

use std::collections::BTreeMap;

use crate::engine::event::event;
use crate::engine::plan::Tradeoff;
use crate::engine::profile::{Profile, Season};
use crate::engine::room::most_sessions;
use crate::engine::rule::Rule;
use crate::engine::rules::Finding;
use crate::engine::safety::{MODIFY_PAIN, part_name};

/// One tradeoff a soft rule, and one for days that the athlete wished and schedules took.
pub fn of(profile: &Profile, findings: &[Finding]) -> Vec<Tradeoff> {
    let mut by_rule: BTreeMap<(Rule, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| !finding.hard) {
        let got = by_rule.entry((finding.rule, &finding.want)).or_default();
        if !got.contains(&finding.got.as_str()) {
            got.push(&finding.got);
        }
    }
    let mut all: Vec<Tradeoff> = Vec::new();
    let days = most_sessions(profile);
    if days < usize::from(profile.weekly_goal_days) {
        all.push(Tradeoff {
            rule: Rule::R2,
            want: format!("{} sessions a week", profile.weekly_goal_days),
            got: format!("{days}"),
            why: "the fixed schedules leave no more days with room".to_owned(),
        });
    }
    all.extend(by_rule.into_iter().map(|((rule, want), got)| Tradeoff {
        rule,
        want: want.to_owned(),
        got: got.join(", "),
        why: why(rule, profile),
    }));
    all
}

fn why(rule: Rule, profile: &Profile) -> String {
    if rule == Rule::R29 {
        return "what hurts, or what was not done, comes before minutes".to_owned();
    }
    if rule == Rule::R29b {
        if event(profile).is_none() {
            return "a race is named, and another purpose than sport comes first".to_owned();
        }
        let minutes = profile.minutes_per_session;
        return format!("{minutes} minutes a session, and a bout grows by a tenth at most");
    }
    if rule == Rule::R21 {
        return "the minutes go to strength first; brisk walks on other days make up for the rest".to_owned();
    }
    let mut reasons = Vec::new();
    if profile.season == Season::Inseason {
        reasons.push("in season strength is kept with half the volume".to_owned());
    }
    let days = most_sessions(profile);
    if days < 3 {
        reasons.push(format!("{days} day(s) a week"));
    }
    if profile.minutes_per_session < 45 {
        reasons.push(format!("{} minutes a session", profile.minutes_per_session));
    }
    let sore = profile.injuries.iter().filter(|injury| injury.pain >= MODIFY_PAIN);
    let parts: Vec<&str> = sore.map(|injury| part_name(injury.body_part)).collect();
    if !parts.is_empty() {
        reasons.push(format!("care for the {}", parts.join(" and ")));
    }
    if profile.pregnant {
        reasons.push("care in pregnancy".to_owned());
    }
    if profile.equipment.iter().all(|item| item.as_str() == "bodyweight") {
        reasons.push("no equipment".to_owned());
    }
    if reasons.is_empty() {
        reasons.push(match rule {
            Rule::R12 => "the days lie too close together to train everything twice and rest 48 hours".to_owned(),
            _ => "rest between sessions and the time a session has set the limit".to_owned(),
        });
    }
    reasons.join(", ")
}
