//! From what was done to the next version of a plan: pure. What is past stays byte for byte, and what comes out has passed
//! every rule for the athlete as they are now (R28).
//!
//! The order: what hurts first, because it must; then whole weeks; then loads. A step that no mending brings back within the
//! rules is not taken, and the version says so.

mod diff;
mod draft;
mod evidence;
mod health;
mod input;
mod pain;
mod progress;
mod repair;
mod signals;
mod told;
mod weeks;

pub use diff::{Change, ChangeKind, diff};
pub use health::Health;
pub use input::{Action, AdaptError, AdaptInput, Adaptation, Adapted, Decision, IsoDate, request_of};
pub use told::in_words;

use self::draft::Ground;
use self::repair::repair;
use crate::engine::ENGINE;
use crate::engine::catalogue::Catalogue;
use crate::engine::compose::{Enforcement, score, totals, tradeoffs};
use crate::engine::plan::{Plan, Validation};
use crate::engine::rule::Rule;
use crate::engine::rules::{self, Since, next_version};
use crate::engine::safety::red_flags;

/// Makes the next version of a plan, or says that nothing has to change.
///
/// # Errors
/// [`AdaptError`] when what was reported calls for a professional's yes, or leaves no version that keeps the rules.
pub fn adapt(input: &AdaptInput<'_>, catalogue: &Catalogue) -> Result<Adaptation, AdaptError> {
    adapt_with(input, catalogue, Enforcement::ALL)
}

/// Makes a version that heeds only some rules. The mutation check shows with it that the validator does not sleep.
///
/// # Errors
/// As [`adapt`].
#[doc(hidden)]
pub fn adapt_with(
    input: &AdaptInput<'_>,
    catalogue: &Catalogue,
    enforcement: Enforcement,
) -> Result<Adaptation, AdaptError> {
    let ground = Ground::new(input, catalogue, enforcement.heeds(Rule::R28));
    let flags = red_flags(&ground.body);
    if !flags.is_empty() {
        return Err(AdaptError::ClearanceRequired { flags });
    }
    let mut adapted = begin(input);
    let mut plan = next_of(input, catalogue);
    pain::settle(&ground, &mut plan, &mut adapted.decisions);
    let (found, mended) = repair(&ground, &mut plan);
    if let Some(finding) = found.first() {
        let found = format!("{}: {} where {} is asked for", finding.place, finding.got, finding.want);
        return Err(AdaptError::Infeasible { rule: finding.rule, found });
    }
    if mended {
        let facts = vec!["what hurts now leaves less room: sets and minutes were given back".to_owned()];
        adapted.decisions.push(Decision::new(Action::Fit, Rule::R5, "plan", facts));
    }
    weeks::repeat(&ground, &mut plan, &mut adapted);
    weeks::deload(&ground, &mut plan, &mut adapted);
    progress::progress(&ground, &mut plan, &mut adapted);
    if plan.weeks == input.plan.weeks {
        return Ok(Adaptation::Same(adapted.decisions));
    }
    plan.adapted = Some(adapted);
    finish(&ground, &mut plan);
    Ok(Adaptation::Next(Box::new(plan)))
}

/// What earlier adaptations remember, with nothing decided yet.
fn begin(input: &AdaptInput<'_>) -> Adapted {
    let before = input.plan.adapted.as_ref();
    Adapted {
        on: input.on,
        decisions: Vec::new(),
        workouts: u32::try_from(input.log.workouts.len()).unwrap_or(u32::MAX),
        progressed: before.map(|before| before.progressed.clone()).unwrap_or_default(),
        repeated: before.map(|before| before.repeated.clone()).unwrap_or_default(),
        deloaded: before.and_then(|before| before.deloaded),
    }
}

fn next_of(input: &AdaptInput<'_>, catalogue: &Catalogue) -> Plan {
    let mut plan = input.plan.clone();
    plan.parent = Some(plan.version);
    plan.version += 1;
    plan.provenance.engine = ENGINE.to_owned();
    plan.provenance.catalogue = catalogue.hash().to_owned();
    plan
}

/// Brings what the plan says about itself in line with its weeks.
fn finish(ground: &Ground<'_>, plan: &mut Plan) {
    let (input, body) = (ground.input, &ground.body);
    plan.totals = totals::of(plan, body, &input.request, ground.catalogue);
    let since = Since { today: input.on, log: input.log };
    let mut findings = next_version([input.plan, plan], &since, input.profile, &input.request, ground.catalogue);
    findings.retain(|finding| ground.holds_loads || finding.rule != Rule::R28);
    plan.tradeoffs = tradeoffs::of(body, &findings);
    plan.score = score::of(plan, body, &findings);
    let mut rules = rules::checked();
    rules.retain(|rule| rules::is_of_its_time(plan, *rule));
    rules.push(Rule::R28);
    plan.validation = Validation { passed: !findings.iter().any(|finding| finding.hard), rules };
}
