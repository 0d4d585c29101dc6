//! From what was done to the next version of a plan: pure. What is past stays byte for byte, and what comes out has passed
//! every rule for the athlete as they are now (R28).
//!
//! The order: a return after days away and what hurts first, because they must; then whole weeks; then loads. A step that no mending brings back within the
//! rules is not taken, and the version says so.

mod diff;
pub(super) mod draft;
mod evidence;
mod health;
mod input;
mod moderate;
mod pain;
mod progress;
mod reenter;
mod repair;
pub(super) mod signals;
mod told;
mod weeks;

pub use diff::{Change, ChangeKind, diff};
pub use health::Health;
pub use input::{Action, AdaptError, AdaptInput, Adaptation, Adapted, Away, Decision, IsoDate, request_of};
pub use told::in_words;

use self::draft::Ground;
use self::reenter::Return;
use self::repair::repair;
use crate::engine::ENGINE;
use crate::engine::catalogue::Catalogue;
use crate::engine::compose::{Enforcement, score, totals, tradeoffs};
use crate::engine::plan::{Plan, Validation};
use crate::engine::rule::Rule;
use crate::engine::rules::{self, Since, next_version};
use crate::engine::today::uncovered;

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
    let flags = new_flags(&ground);
    if !flags.is_empty() {
        return Err(AdaptError::ClearanceRequired { flags });
    }
    let mut adapted = begin(input);
    let due = Return::due(&ground);
    let mut plan = settle(&ground, due.as_ref(), &mut adapted)?;
    if let Some(due) = due.filter(|_| plan.weeks != input.plan.weeks) {
        due.tell(&ground, &mut adapted);
    }
    if ground.absence.is_none() {
        weeks::repeat(&ground, &mut plan, &mut adapted);
        weeks::deload(&ground, &mut plan, &mut adapted);
    }
    progress::progress(&ground, &mut plan, &mut adapted);
    if plan.weeks == input.plan.weeks {
        return Ok(Adaptation::Same(adapted.decisions));
    }
    plan.adapted = Some(adapted);
    finish(&ground, &mut plan);
    Ok(Adaptation::Next(Box::new(plan)))
}

/// What calls for a professional's yes and is not covered by one: a yes covers what the profile says, not what came since.
fn new_flags(ground: &Ground<'_>) -> Vec<String> {
    uncovered(&ground.body, ground.input.profile)
}

/// The plan with the return that is due and with what hurts now, back within the rules. What follows a return moves on where
/// that keeps the rules, and stays where it is otherwise.
fn settle(ground: &Ground<'_>, due: Option<&Return>, adapted: &mut Adapted) -> Result<Plan, AdaptError> {
    let mut in_the_way = None;
    for moves_on in [true, false] {
        let mut plan = next_of(ground.input, ground.catalogue);
        if let Some(due) = due {
            due.make(ground, &mut plan, moves_on);
        }
        let mut decisions = Vec::new();
        pain::settle(ground, &mut plan, &mut decisions);
        moderate::moderate(ground, &mut plan, &mut decisions);
        let (found, mended) = repair(ground, &mut plan);
        let Some(finding) = found.into_iter().next() else {
            adapted.decisions.extend(decisions);
            if mended && due.is_none() {
                let (rule, fact) = match ground.absence {
                    Some(_) => (Rule::R28, "bouts are shorter after days away: by what was done before"),
                    None => (Rule::R5, "what hurts now leaves less room: sets and minutes were given back"),
                };
                adapted.decisions.push(Decision::new(Action::Fit, rule, "plan", vec![fact.to_owned()]));
            }
            return Ok(plan);
        };
        in_the_way.get_or_insert(finding);
        if due.is_none() {
            break;
        }
    }
    let (rule, found) = in_the_way.map_or((Rule::R28, String::new()), |finding| {
        (finding.rule, format!("{}: {} where {} is asked for", finding.place, finding.got, finding.want))
    });
    Err(AdaptError::Infeasible { rule, found })
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
        away: before.and_then(|before| before.away),
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
