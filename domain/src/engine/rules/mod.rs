//! The validator, one for every provider: each rule a function, each finding with the rule's code and its place.

mod conditioning;
mod content;
mod effort;
mod recovery;
mod seasons;
mod strain;
mod versions;
pub(crate) mod view;
mod volume;

use serde::Serialize;

use crate::engine::catalogue::Catalogue;
use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
pub(crate) use versions::index;
pub use versions::{Since, follows, next_version};
use view::View;

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

type Check = fn(&View<'_>, &mut Findings<'_>);

/// Each rule that one plan can be judged by, with its check. R26 compares plans and R28 compares versions: see
/// [`follows`], and the tests of the composer.
const CHECKS: [(Rule, Check); 32] = [
    (Rule::R1, content::r1_exercises_exist),
    (Rule::R2, seasons::r2_free_days),
    (Rule::R3, content::r3_equipment_owned),
    (Rule::R4, content::r4_level),
    (Rule::R5, content::r5_nothing_that_hurts),
    (Rule::R6, recovery::r6_muscles_rest),
    (Rule::R7, volume::r7_enough_sets),
    (Rule::R7b, volume::r7b_not_too_many_sets),
    (Rule::R8, volume::r8_session_sets),
    (Rule::R9, effort::r9_band),
    (Rule::R10, effort::r10_load_fits_reps),
    (Rule::R11, effort::r11_reserve),
    (Rule::R12, volume::r12_twice_a_week),
    (Rule::R13, content::r13_order),
    (Rule::R14, volume::r14_balance),
    (Rule::R15, volume::r15_gentle_growth),
    (Rule::R15, conditioning::r15_gentle_bouts),
    (Rule::R16, seasons::r16_deload),
    (Rule::R17, seasons::r17_in_season),
    (Rule::R18, seasons::r18_taper),
    (Rule::R19, conditioning::r19_mostly_easy),
    (Rule::R20, recovery::r20_jumps),
    (Rule::R21, conditioning::r21_aerobic_minutes),
    (Rule::R22, effort::r22_minutes),
    (Rule::R23, effort::r23_warm_up),
    (Rule::R24, content::r24_no_red_flags),
    (Rule::R25, content::r25_provenance),
    (Rule::R27, content::r27_reasons),
    (Rule::R29, conditioning::r29_bouts_hold),
    (Rule::R29b, conditioning::r29b_event_bout),
    (Rule::R30, strain::r30_eccentrics_are_dosed),
    (Rule::R31, strain::r31_walks_first),
];

/// Findings of one rule, as they are made.
pub(crate) struct Findings<'f> {
    rule: Rule,
    all: &'f mut Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, place: impl Into<String>, want: impl Into<String>, got: impl Into<String>) {
        let (rule, hard) = (self.rule, self.rule.is_hard());
        self.all.push(Finding { rule, place: place.into(), want: want.into(), got: got.into(), hard });
    }
}

/// Judges a plan against every rule of its time. Hard findings forbid its delivery; soft ones belong in its tradeoffs.
/// A plan that was checked before names the rules of its time; one that was not is judged by all there are.
#[must_use]
pub fn validate(plan: &Plan, profile: &Profile, request: &PlanRequest, catalogue: &Catalogue) -> Vec<Finding> {
    let view = View::new(plan, profile, request, catalogue);
    let mut all = Vec::new();
    for (rule, check) in CHECKS.into_iter().filter(|(rule, _)| is_of_its_time(plan, *rule)) {
        check(&view, &mut Findings { rule, all: &mut all });
    }
    all
}

/// Whether a rule was there when the plan was made: a version keeps the rules of the plan that it follows.
pub(crate) fn is_of_its_time(plan: &Plan, rule: Rule) -> bool {
    let judged = &plan.validation.rules;
    judged.is_empty() || judged.contains(&rule) || !Rule::ADDED.contains(&rule)
}

/// The rules that [`validate`] checks.
#[must_use]
pub fn checked() -> Vec<Rule> {
    let mut rules: Vec<Rule> = CHECKS.iter().map(|(rule, _)| *rule).collect();
    rules.dedup();
    rules
}
