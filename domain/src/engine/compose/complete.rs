//! From a draft to a plan: dates, phases, warm-ups, ramps, reasons and sums come from the engine, what is trained and
//! how much from the draft. Nothing that is wrong is mended silently: the validator must see it.

use super::brief::Brief;
use super::choose::reasons;
use super::conditioning::{LIGHT_BOUT_PCT, SHORTEST_S};
use super::phases::{self, WeekPlan};
use super::prescribe::{progress, ramp};
use super::session::{kind, phase_reason};
use super::slots::Slot;
use super::template::{COOL_DOWN_S, rank};
use super::warm_up::{cool_down, warm_up};
use super::{ComposeInput, Enforcement, finish};
use crate::dates::plus_days;
use crate::engine::ENGINE;
use crate::engine::calendar::date_of;
use crate::engine::catalogue::{Catalogue, Exercise, ExerciseId, Measure, Mechanic, Muscle, Pattern};
use crate::engine::draft::{Draft, DraftFault, DraftItem, DraftSession};
use crate::engine::minutes::{session_s, to_minutes};
use crate::engine::plan::{
    Block, BlockKind, Item, Phase, Plan, Progress, ProgressRule, Provenance, Reason, Session, Sets, Week,
};
use crate::engine::profile::Day;
use crate::engine::room::room_min;
use crate::engine::rule::Rule;

/// Stretches at the end of a session with time left, at most.
const MOST_STRETCHES: u32 = 3;
/// Exercises that may stand in for one, at most.
const ALTERNATIVES: usize = 2;
/// Where an exercise that the catalogue does not know stands; the validator refuses it anyway.
const UNKNOWN_RANK: u8 = 3;

/// Who drafted a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The provider's name: `llm`.
    pub provider: String,
    /// Its model.
    pub model: String,
    /// How often the draft went back for repair.
    pub repairs: u8,
}

/// Makes a plan of a draft. It may break any rule: judge it before it is used. Refusals are the composer's matter.
///
/// # Errors
/// [`DraftFault`] when the draft is outside the bounds of any plan.
pub fn complete(
    input: &ComposeInput<'_>,
    draft: &Draft,
    author: &Author,
    catalogue: &Catalogue,
) -> Result<Plan, DraftFault> {
    draft.check(input.request.weeks)?;
    let brief = Brief::new(input.profile, input.request, catalogue, Enforcement::ALL);
    let mut days: Vec<&DraftSession> = draft.sessions.iter().collect();
    days.sort_by_key(|session| session.day);
    let plans = phases::weeks(&brief);
    let weeks = plans.iter().map(|plan| week(&brief, catalogue, &days, plan, loaded(&plans, plan.index))).collect();
    let provenance = Provenance {
        provider: author.provider.clone(),
        engine: ENGINE.to_owned(),
        catalogue: catalogue.hash().to_owned(),
        seed: input.request.seed,
        model: Some(author.model.clone()),
        repairs: Some(author.repairs),
        fallback: None,
    };
    Ok(finish(input, catalogue, provenance, weeks))
}

/// Loading weeks before a week.
fn loaded(plans: &[WeekPlan], index: u8) -> usize {
    plans.iter().filter(|plan| plan.index < index && plan.is_loading()).count()
}

fn week(brief: &Brief<'_>, catalogue: &Catalogue, days: &[&DraftSession], plan: &WeekPlan, loaded: usize) -> Week {
    let sessions = days.iter().filter_map(|day| session(brief, catalogue, day, plan, loaded)).collect();
    Week { n: plan.index + 1, phase: plan.phase, deload: plan.phase == Phase::Deload, sessions }
}

/// The session of a day in a week; none where nothing is done, and on and after a competition until its week is over.
fn session(
    brief: &Brief<'_>,
    catalogue: &Catalogue,
    day: &DraftSession,
    plan: &WeekPlan,
    loaded: usize,
) -> Option<Session> {
    let date = date_of(brief.request.start, plan.index, day.day);
    let sunday = date_of(brief.request.start, plan.index, Day::Sunday);
    let competed = |competition| competition <= date && sunday < plus_days(competition, 7);
    if brief.profile.competition_date.is_some_and(competed) {
        return None;
    }
    let done: Vec<Done<'_>> = day.exercises.iter().filter_map(|item| Done::of(catalogue, item, plan, loaded)).collect();
    if done.is_empty() {
        return None;
    }
    let muscles: Vec<Muscle> =
        done.iter().filter_map(|done| done.exercise).flat_map(|exercise| exercise.primary.clone()).collect();
    let turn = day.day as u64;
    let mut blocks = vec![warm_up(brief, &muscles, turn)];
    blocks.extend(lay_out(brief, &done, plan));
    let id = format!("w{}d{}", plan.index + 1, day.day as u8 + 1);
    let mut session = Session { id, date, focus: day.focus, est_min: 0, blocks };
    if done.iter().all(|done| done.rank < rank(Pattern::Mobility, Mechanic::Compound)) {
        let room_s = room_min(brief.profile, day.day).map_or(0, |minutes| u32::from(minutes) * 60);
        let stretches = (room_s.saturating_sub(session_s(&session)) / COOL_DOWN_S).min(MOST_STRETCHES);
        session.blocks.extend(cool_down(brief, &muscles, turn, stretches as usize));
    }
    session.est_min = to_minutes(session_s(&session));
    Some(session)
}

/// An exercise of the draft in a week.
struct Done<'a> {
    item: &'a DraftItem,
    /// `None` when the catalogue does not know it.
    exercise: Option<&'a Exercise>,
    sets: u8,
    rank: u8,
    /// Seconds of an easy bout in this week.
    bout_s: Option<u16>,
}

impl<'a> Done<'a> {
    fn of(catalogue: &'a Catalogue, item: &'a DraftItem, plan: &WeekPlan, loaded: usize) -> Option<Self> {
        let sets = item.sets.get(usize::from(plan.index)).copied().filter(|n| *n > 0)?;
        let exercise = catalogue.get(&item.exercise);
        let rank = exercise.map_or(UNKNOWN_RANK, |exercise| rank(exercise.pattern, exercise.mechanic));
        let is_bout = exercise.is_some_and(|exercise| exercise.pattern == Pattern::Conditioning);
        let bout_s = (is_bout && !item.is_hard()).then(|| {
            if plan.is_loading() { item.bout_s(loaded) } else { lighter_bout(item.bout_s(loaded.saturating_sub(1))) }
        });
        Some(Self { item, exercise, sets, rank, bout_s })
    }
}

/// Blocks in the draft's order: what is joined alternates, and what stands alone shares a block with its like.
fn lay_out(brief: &Brief<'_>, done: &[Done<'_>], plan: &WeekPlan) -> Vec<Block> {
    let mut groups: Vec<Vec<&Done<'_>>> = Vec::new();
    for exercise in done {
        match groups.last_mut() {
            Some(group) if exercise.item.joined && exercise.rank < 4 => group.push(exercise),
            _ => groups.push(vec![exercise]),
        }
    }
    let mut blocks: Vec<Block> = Vec::new();
    for group in groups {
        let kind = match group.first().map_or(UNKNOWN_RANK, |first| first.rank) {
            4 => BlockKind::Conditioning,
            5 => BlockKind::CoolDown,
            rank => kind(rank, group.len() > 1),
        };
        let alone = group.len() == 1;
        let items: Vec<Item> = group.into_iter().map(|done| item(brief, done, plan)).collect();
        match blocks.last_mut() {
            Some(last) if alone && last.kind == kind => last.items.extend(items),
            _ => blocks.push(Block { kind, items }),
        }
    }
    blocks
}

fn item(brief: &Brief<'_>, done: &Done<'_>, plan: &WeekPlan) -> Item {
    let working = working(done);
    let mut sets = ramp(&working);
    sets.push(working);
    let mut why = done.exercise.map_or_else(Vec::new, |exercise| why(brief, done, exercise));
    why.extend(phase_reason(plan.phase));
    if why.is_empty() {
        why.push(Reason::new(Rule::R7, ""));
    }
    Item {
        ex: done.item.exercise.clone(),
        sets,
        progress: done.exercise.and_then(|exercise| harder(brief, done, exercise, plan)),
        alts: done.exercise.map_or_else(Vec::new, |exercise| stand_ins(brief, exercise)),
        why,
    }
}

/// Seconds of an easy bout in a lighter week, from those of the last loading week: the share that the engine's own has.
fn lighter_bout(seconds: u16) -> u16 {
    let seconds = u32::from(seconds);
    let light = (seconds * LIGHT_BOUT_PCT / 100 / 30 * 30).max(SHORTEST_S.min(seconds));
    u16::try_from(light).unwrap_or(u16::MAX)
}

/// The sets as the exercise is measured. A number too large for the plan's shape becomes the largest there is.
fn working(done: &Done<'_>) -> Sets {
    let drafted = done.item;
    let measure = done.exercise.map_or(Measure::Reps, |exercise| exercise.measure);
    let pattern = done.exercise.map(|exercise| exercise.pattern);
    let small = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    let counted = measure == Measure::Reps;
    Sets {
        n: done.sets,
        reps: counted.then(|| [small(drafted.low), small(drafted.high)]),
        seconds: (measure == Measure::Seconds).then(|| done.bout_s.unwrap_or(drafted.high)),
        metres: (measure == Measure::Metres).then_some(drafted.high),
        rir: (counted && pattern != Some(Pattern::JumpThrow)).then_some(drafted.effort),
        rpe: (pattern == Some(Pattern::Conditioning)).then_some(drafted.effort),
        pct1rm: (counted && drafted.percent > 0).then(|| small(drafted.percent)),
        load_kg: None,
        rest_s: drafted.rest,
        ramp: false,
    }
}

fn why(brief: &Brief<'_>, done: &Done<'_>, exercise: &Exercise) -> Vec<Reason> {
    let slot = match (exercise.pattern, exercise.mechanic, exercise.primary.first()) {
        (Pattern::Conditioning, ..) if done.item.is_hard() => return vec![Reason::new(Rule::R19, "hard")],
        (Pattern::Conditioning, ..) => return vec![Reason::new(Rule::R21, "easy")],
        (Pattern::Mobility, ..) => return vec![Reason::new(Rule::R23, "cool_down")],
        (Pattern::JumpThrow, ..) => Slot::Power,
        (Pattern::Core, ..) => Slot::Trunk,
        (Pattern::Carry, ..) => Slot::Carry,
        (_, Mechanic::Isolation, Some(muscle)) => Slot::Muscle(*muscle),
        (pattern, ..) => Slot::Move(pattern),
    };
    reasons(brief, exercise, slot)
}

fn harder(brief: &Brief<'_>, done: &Done<'_>, exercise: &Exercise, plan: &WeekPlan) -> Option<Progress> {
    match exercise.pattern {
        Pattern::Mobility => None,
        Pattern::Conditioning if done.item.is_hard() => Some(Progress { rule: ProgressRule::Hold, step_pct: 0 }),
        Pattern::Conditioning => Some(Progress { rule: ProgressRule::AddSeconds, step_pct: 10 }),
        _ => Some(progress(brief, exercise, plan)),
    }
}

/// What the catalogue puts a step before and after it, as far as the athlete can do it.
fn stand_ins(brief: &Brief<'_>, exercise: &Exercise) -> Vec<ExerciseId> {
    let open = |id: &&ExerciseId| {
        let mut eligible = Pattern::ALL.iter().flat_map(|pattern| brief.eligible(*pattern));
        eligible.any(|other| other.id == **id && !brief.is_dosed(other))
    };
    exercise.regressions.iter().chain(&exercise.progressions).filter(open).take(ALTERNATIVES).cloned().collect()
}

#[cfg(test)]
mod tests;
