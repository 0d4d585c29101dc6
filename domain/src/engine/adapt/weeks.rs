//! Whole weeks: one of which too little was done comes again, and three signs of fatigue bring a lighter week early.
//!
//! A week is inserted where today is or right after it; what follows moves on by a week, up to the taper or the end of the
//! plan, where one week falls away. Where that breaks a rule, the week takes the place of the one it stands on instead.

use time::Date;

use super::draft::Ground;
use super::input::{Action, Adapted, Decision, IsoDate};
use super::pain;
use super::repair::repair;
use super::signals::fatigue;
use crate::dates::plus_days;
use crate::engine::absence::is_loading;
use crate::engine::amount::Amount;
use crate::engine::calendar::{day_of, holds, in_taper};
use crate::engine::load::percent_for;
use crate::engine::plan::{Item, Phase, Plan, Progress, ProgressRule, Reason, Session, Week};
use crate::engine::rule::Rule;

/// Less than this share of a week's sets done, and it comes again.
const ENOUGH_PERCENT: u32 = 60;
/// So many signs of fatigue within a week bring a lighter one.
const TIRED: usize = 3;
/// The reserve in a lighter week.
const LIGHT_RIR: u8 = 4;

/// Repeats last week when too little of it was done.
pub fn repeat(ground: &Ground<'_>, plan: &mut Plan, adapted: &mut Adapted) {
    let Some(week) = ground.current_week().filter(|week| *week > 0) else { return };
    let (last, now) = (&plan.weeks[week - 1], &plan.weeks[week]);
    if ground.input.log.workouts.is_empty()
        || !is_loading(last)
        || !is_loading(now)
        || adapted.repeated.contains(&last.n)
    {
        return;
    }
    let (done, planned) = share_done(ground, last);
    if planned == 0 || done * 100 >= planned * ENOUGH_PERCENT {
        return;
    }
    let about = format!("week {}", last.n);
    let facts = vec![format!("{done} of {planned} sets of week {} done, under {ENOUGH_PERCENT} %", last.n)];
    let again = last.clone();
    let marked = adapted.repeated.iter().copied().chain([last.n, now.n]).collect();
    match insert(ground, plan, week, &again) {
        Some(decisions) => {
            adapted.repeated = marked;
            adapted.decisions.push(Decision::new(Action::RepeatWeek, Rule::R15, about, facts));
            adapted.decisions.extend(decisions);
        }
        None => adapted.decisions.push(declined(Rule::R15, about, facts)),
    }
}

/// Brings a lighter week early when three signs of fatigue came within seven days.
pub fn deload(ground: &Ground<'_>, plan: &mut Plan, adapted: &mut Adapted) {
    let signals = fatigue(ground, adapted.deloaded.map(|day| day.0));
    if signals.len() < TIRED {
        return;
    }
    let Some(at) = first_open_week(ground, plan).filter(|at| *at > 0 && is_loading(&plan.weeks[*at])) else { return };
    let Some(before) = plan.weeks[..at].iter().rev().find(|week| is_loading(week)) else { return };
    let week = lightened(ground, &plan.weeks[at], sets_of(ground, before));
    let about = format!("week {}", plan.weeks[at].n);
    match insert(ground, plan, at, &week) {
        Some(decisions) => {
            adapted.deloaded = Some(IsoDate(ground.input.on));
            adapted.decisions.push(Decision::new(Action::EarlyDeload, Rule::R16, about, signals));
            adapted.decisions.extend(decisions);
        }
        None => adapted.decisions.push(declined(Rule::R16, about, signals)),
    }
}

fn declined(rule: Rule, about: String, mut facts: Vec<String>) -> Decision {
    facts.push("no way to do it keeps the other rules".to_owned());
    Decision::new(Action::Decline, rule, about, facts)
}

/// Working sets done and planned, of all exercises but warming up and cooling down.
fn share_done(ground: &Ground<'_>, week: &Week) -> (u32, u32) {
    let mut sum = (0, 0);
    for session in &week.sessions {
        let workout = ground.input.log.of(&session.id);
        let work = session.blocks.iter().filter(|block| !is_easy_movement(block)).flat_map(|block| &block.items);
        let planned: u32 =
            work.flat_map(|item| &item.sets).filter(|sets| !sets.ramp).map(|sets| u32::from(sets.n)).sum();
        let done = workout.map_or(0, |workout| workout.items.iter().map(|item| item.sets.len()).sum::<usize>());
        sum.0 += u32::try_from(done).unwrap_or(u32::MAX).min(planned);
        sum.1 += planned;
    }
    sum
}

fn is_easy_movement(block: &crate::engine::plan::Block) -> bool {
    use crate::engine::plan::BlockKind::{CoolDown, WarmUp};
    matches!(block.kind, WarmUp | CoolDown)
}

/// The first week of which nothing is settled.
fn first_open_week(ground: &Ground<'_>, plan: &Plan) -> Option<usize> {
    let open =
        |week: &Week| !week.sessions.is_empty() && !week.sessions.iter().any(|session| ground.is_settled(session));
    (0..plan.weeks.len()).find(|at| plus_days(ground.monday(*at), 6) >= ground.input.on && open(&plan.weeks[*at]))
}

fn sets_of(ground: &Ground<'_>, week: &Week) -> u32 {
    let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
    let counted = items.filter(|item| ground.is_strength(item)).flat_map(|item| &item.sets).filter(|sets| !sets.ramp);
    counted.map(|sets| u32::from(sets.n)).sum()
}

/// A week at half the sets of the loading week before it, with more in reserve and only easy bouts.
fn lightened(ground: &Ground<'_>, week: &Week, before: u32) -> Week {
    let own = sets_of(ground, week).max(1);
    let mut carried = own / 2;
    let mut light = Week { phase: Phase::Deload, deload: true, ..week.clone() };
    for item in light.sessions.iter_mut().flat_map(|session| &mut session.blocks).flat_map(|block| &mut block.items) {
        let strength = ground.is_strength(item);
        for sets in item.sets.iter_mut().filter(|sets| !sets.ramp) {
            match (strength, sets.rpe) {
                (true, _) => {
                    carried += u32::from(sets.n) * before.min(own) / 2;
                    let kept = (carried / own).min(u32::from(sets.n));
                    carried -= kept * own;
                    sets.n = u8::try_from(kept).unwrap_or(sets.n);
                }
                (false, Some(7..)) => sets.n = 0,
                (false, Some(_)) => sets.seconds = sets.seconds.map(|s| (s / 5 * 3 / 30 * 30).max(300).min(s)),
                (false, None) => {}
            }
        }
        if strength {
            ease(item);
        }
    }
    light
}

fn ease(item: &mut Item) {
    for sets in item.sets.iter_mut().filter(|sets| !sets.ramp && sets.rir.is_some()) {
        sets.load_kg = sets.load_kg.map(|load| Amount::from_milli(load.milli() / 10 * 9 / 500 * 500));
    }
    farther_from_failure(item, |rir| rir.max(LIGHT_RIR));
    item.progress = Some(Progress { rule: ProgressRule::Hold, step_pct: 0 });
    item.why.push(Reason::new(Rule::R16, "deload"));
}

/// Another reserve, with the percentage that it leaves room for.
pub fn farther_from_failure(item: &mut Item, reserve: impl Fn(u8) -> u8) {
    for sets in item.sets.iter_mut().filter(|sets| !sets.ramp) {
        let Some(rir) = sets.rir else { continue };
        let rir = reserve(rir);
        sets.rir = Some(rir);
        let high = sets.reps.map_or(0, |[_, high]| high);
        let fits = percent_for(high + rir);
        sets.pct1rm = sets.pct1rm.filter(|_| high >= 6 && fits >= 67).map(|pct| pct.min(fits));
    }
    let heavy = item
        .sets
        .iter()
        .any(|sets| !sets.ramp && sets.pct1rm.is_some_and(|pct| pct >= crate::engine::compose::RAMP_FROM_PCT));
    item.sets.retain(|sets| !sets.ramp || heavy);
}

/// Puts a week in, moving on what follows or taking one place; `None` when neither keeps the rules.
fn insert(ground: &Ground<'_>, plan: &mut Plan, at: usize, week: &Week) -> Option<Vec<Decision>> {
    [true, false].into_iter().find_map(|moves_on| {
        let mut next = plan.clone();
        place(ground, &mut next, at, week, moves_on);
        let mut decisions = Vec::new();
        pain::settle(ground, &mut next, &mut decisions);
        let (found, _) = repair(ground, &mut next);
        (found.is_empty() && next.weeks != plan.weeks).then(|| {
            *plan = next;
            decisions
        })
    })
}

/// Puts a week in at an index; what stands there moves on, or gives way.
pub fn place(ground: &Ground<'_>, plan: &mut Plan, at: usize, week: &Week, moves_on: bool) {
    let old = plan.weeks.clone();
    let competition = ground.body.competition_date;
    let fixed = |at: &usize| {
        let index = u8::try_from(*at).unwrap_or(u8::MAX);
        in_taper(ground.input.request.start, index, competition)
            || holds(ground.input.request.start, index, competition)
    };
    let end = (at..old.len()).find(fixed).unwrap_or(old.len());
    for to in at..end {
        let from = match (to == at, moves_on) {
            (true, _) => week,
            (false, true) => &old[to - 1],
            (false, false) => continue,
        };
        let mut sessions: Vec<Session> =
            old[to].sessions.iter().filter(|session| ground.is_settled(session)).cloned().collect();
        for session in &from.sessions {
            let moved = moved(session, ground.monday(to), to);
            let free = sessions.iter().all(|other| other.date != moved.date) && moved.date >= ground.input.on;
            if free && !ground.settled.contains(&moved.id) {
                sessions.push(moved);
            }
        }
        sessions.sort_by_key(|session| session.date);
        plan.weeks[to] = Week { n: old[to].n, phase: from.phase, deload: from.deload, sessions };
    }
}

/// A session on the same weekday of another week.
fn moved(session: &Session, monday: Date, week: usize) -> Session {
    let day = day_of(session.date) as u8;
    Session { id: format!("w{}d{}", week + 1, day + 1), date: plus_days(monday, i64::from(day)), ..session.clone() }
}
