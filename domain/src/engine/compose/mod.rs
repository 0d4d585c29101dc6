//! From a profile to a plan: pure and seeded. What comes out is judged by `rules`, never trusted.

mod allocate;
mod balance;
mod brief;
mod choose;
mod complete;
mod conditioning;
mod enforcement;
mod frame;
mod load_weeks;
mod phases;
mod prescribe;
mod refuse;
pub(super) mod score;
mod session;
mod slots;
mod split;
mod template;
pub(super) mod totals;
pub(super) mod tradeoffs;
mod warm_up;

pub use complete::{Author, complete};
pub use enforcement::Enforcement;
pub use frame::{Band, Frame, FrameDay, FrameWeek};
pub(super) use prescribe::RAMP_FROM_PCT;
pub use refuse::ComposeError;
pub(super) use template::rank;

use self::brief::Brief;
use self::conditioning::{Bouts, Open};
use self::load_weeks::WeekLoad;
use self::template::DayTemplate;
use crate::engine::ENGINE;
use crate::engine::catalogue::Catalogue;
use crate::engine::minutes::{session_s, to_minutes};
use crate::engine::plan::{PLAN_SCHEMA, Phase, Plan, Provenance, Score, Session, Totals, Validation, Week};
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::engine::rules::{self, validate};
use crate::engine::seed::mix3;
use crate::ids::PlanId;

/// What a plan is made from. The id is only copied: it never changes the content.
#[derive(Debug, Clone, Copy)]
pub struct ComposeInput<'a> {
    /// The id that the plan will have.
    pub plan_id: &'a PlanId,
    /// The revision of the profile.
    pub profile_revision: u32,
    /// The athlete's answers.
    pub profile: &'a Profile,
    /// When it starts, how many weeks, which seed.
    pub request: &'a PlanRequest,
}

/// Makes a plan.
///
/// # Errors
/// [`ComposeError`] when the answers allow none, with the nearest change that would, or call for a professional's yes.
pub fn compose(input: &ComposeInput<'_>, catalogue: &Catalogue) -> Result<Plan, ComposeError> {
    compose_with(input, catalogue, Enforcement::ALL)
}

/// Makes a plan that heeds only some rules. The mutation check shows with it that the validator does not sleep.
///
/// # Errors
/// As [`compose`].
#[doc(hidden)]
pub fn compose_with(
    input: &ComposeInput<'_>,
    catalogue: &Catalogue,
    enforcement: Enforcement,
) -> Result<Plan, ComposeError> {
    refuse::before(input, enforcement)?;
    let mut brief = Brief::new(input.profile, input.request, catalogue, enforcement);
    if !brief.heeds(Rule::R26) {
        let id =
            input.plan_id.as_str().bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        brief.seed = mix3(brief.seed, id, 0);
    }
    let plans = phases::weeks(&brief);
    let mut days = template::build(&brief, &split::week(&brief));
    if let Some(first) = plans.first() {
        load_weeks::settle_pairs(&brief, &mut days, first);
    }
    let weeks = lay_out(&brief, &days, &load_weeks::weeks(&brief, &days, &plans));
    refuse::empty(input, &weeks)?;
    let seed = if brief.heeds(Rule::R25) { input.request.seed } else { !input.request.seed };
    let provenance = Provenance {
        provider: "builtin".to_owned(),
        engine: ENGINE.to_owned(),
        catalogue: catalogue.hash().to_owned(),
        seed,
        model: None,
        repairs: None,
        fallback: None,
    };
    Ok(finish(input, catalogue, provenance, weeks))
}

/// The weeks with their sessions and their conditioning.
fn lay_out(brief: &Brief<'_>, days: &[DayTemplate<'_>], loads: &[WeekLoad]) -> Vec<Week> {
    let mut bouts = Bouts::default();
    let mut strength: Vec<Vec<Option<Session>>> = loads
        .iter()
        .map(|load| {
            let counted = days.iter().zip(load.sets.iter().zip(&load.new));
            counted.map(|(day, (counts, new))| session::session(brief, day, load, (counts, new))).collect()
        })
        .collect();
    let room = room_for_bouts(brief, days, loads, &strength);
    let weeks = loads.iter().zip(strength.iter_mut().zip(room));
    weeks
        .map(|(load, (sessions, room))| {
            let mut open: Vec<Open<'_>> = sessions
                .iter_mut()
                .zip(days.iter().zip(room))
                .filter_map(|(session, (day, room_s))| {
                    Some(Open { session: session.as_mut()?, focus: day.at.focus, room_s })
                })
                .collect();
            conditioning::add(brief, &load.plan, &mut open, &mut bouts);
            let timed = sessions
                .drain(..)
                .flatten()
                .map(|session| Session { est_min: to_minutes(session_s(&session)), ..session });
            Week {
                n: load.plan.index + 1,
                phase: load.plan.phase,
                deload: load.plan.phase == Phase::Deload,
                sessions: timed.collect(),
            }
        })
        .collect()
}

/// Seconds for conditioning in every session of every week. A loading week uses no more than the later ones have too:
/// sets grow, and what they take away then must not be taken from a bout that has grown before (R29).
fn room_for_bouts(
    brief: &Brief<'_>,
    days: &[DayTemplate<'_>],
    loads: &[WeekLoad],
    weeks: &[Vec<Option<Session>>],
) -> Vec<Vec<u32>> {
    let left = |(day, session): (&DayTemplate<'_>, &Option<Session>)| {
        let taken = session.as_ref().map_or(0, session_s);
        (u32::from(day.at.room_min) * 60).saturating_sub(taken)
    };
    let mut room: Vec<Vec<u32>> = weeks.iter().map(|week| days.iter().zip(week).map(left).collect()).collect();
    if !brief.heeds(Rule::R29) {
        return room;
    }
    let mut least = vec![u32::MAX; days.len()];
    for at in (0..loads.len()).rev().filter(|at| loads[*at].plan.is_loading()) {
        for day in (0..days.len()).filter(|day| weeks[at][*day].is_some()) {
            least[day] = least[day].min(room[at][day]);
            room[at][day] = least[day];
        }
    }
    room
}

/// Adds what a plan says about itself: its sums, its shortfalls, its score.
fn finish(input: &ComposeInput<'_>, catalogue: &Catalogue, provenance: Provenance, weeks: Vec<Week>) -> Plan {
    let mut plan = Plan {
        schema: PLAN_SCHEMA,
        plan_id: input.plan_id.clone(),
        version: 1,
        parent: None,
        provenance,
        profile_rev: input.profile_revision,
        goal: input.profile.purpose,
        season: input.profile.season,
        weeks,
        totals: Totals::default(),
        tradeoffs: Vec::new(),
        score: Score::default(),
        validation: Validation::default(),
        adapted: None,
    };
    plan.totals = totals::of(&plan, input.profile, input.request, catalogue);
    let findings = validate(&plan, input.profile, input.request, catalogue);
    plan.tradeoffs = tradeoffs::of(input.profile, &findings);
    plan.score = score::of(&plan, input.profile, &findings);
    plan.validation = Validation { passed: !findings.iter().any(|finding| finding.hard), rules: rules::checked() };
    plan
}
