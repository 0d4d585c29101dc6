//! Loads follow what was done. Two workouts of an exercise at the top with the reserve kept: 2.5 to 5 % more. Two in reserve
//! missing, or repetitions missed twice: 5 to 10 % less. Where no kilograms are known, percent, repetitions, time, way or
//! reserve take the step. Every step is judged by all rules, so none goes beyond R9, R10 or R11.

use super::draft::{Ground, each_open_item};
use super::evidence::{Evidence, gather};
use super::input::{Action, Adapted, Decision, IsoDate};
use super::repair::repair;
use super::signals::standing;
use crate::engine::amount::Amount;
use crate::engine::catalogue::{ExerciseId, Measure};
use crate::engine::limits::least_rir;
use crate::engine::load::{heaviest_pct, percent_for};
use crate::engine::plan::{Plan, ProgressRule, Sets};
use crate::engine::rule::Rule;

/// A rise in thousandths: at least, and at most.
const RISE: (u32, u32) = (25, 50);
/// The steps that loads come in, in grams: the larger one where it fits.
const STEPS_G: [u64; 3] = [2_500, 500, 250];
/// Signs that a held rise names; the others are of the same days.
const SIGNS_SHOWN: usize = 3;
/// The reserve is never asked to be larger by adaptation.
const MOST_RIR: u8 = 5;

/// Raises and lowers what the log asks for.
pub fn progress(ground: &Ground<'_>, plan: &mut Plan, adapted: &mut Adapted) {
    let deloaded = adapted.deloaded.map(|day| day.0);
    let signs = standing(ground, deloaded);
    // What was done before a lighter week or days away proves nothing about what comes after.
    let spent = deloaded.max(adapted.away.map(|away| away.since.0));
    for (exercise, evidence) in gather(ground) {
        let after = adapted.progressed.get(&exercise).copied();
        let fresh: Vec<&Evidence> =
            evidence.iter().filter(|one| after.is_none_or(|after| one.date > after.0)).collect();
        let Some(last) = fresh.last().copied() else { continue };
        let before = fresh.len().checked_sub(2).and_then(|at| fresh.get(at)).copied();
        let decision = match (last, before) {
            _ if last.short_by() >= 2 => lower(ground, plan, &exercise, last, vec![short(last)]),
            (last, Some(before)) if last.missed && before.missed => {
                lower(ground, plan, &exercise, last, vec![missed(before), missed(last)])
            }
            (last, Some(before)) if last.topped && before.topped && !last.light && !before.light => {
                if is_held(ground, plan, &exercise) {
                    continue;
                }
                let facts = vec![topped(before), topped(last)];
                if ground.holds_loads && ground.health.is_locked() {
                    adapted.decisions.push(held(ground, &exercise, facts));
                    continue;
                }
                if ground.holds_loads && !signs.is_empty() {
                    let facts = facts.into_iter().chain(signs.iter().take(SIGNS_SHOWN).cloned()).collect();
                    adapted.decisions.push(Decision::new(Action::Hold, Rule::R28, exercise.as_str(), facts));
                    continue;
                }
                if ground.holds_loads && spent.is_some_and(|spent| before.date <= spent) {
                    continue;
                }
                raise(ground, plan, &exercise, last, facts)
            }
            _ => continue,
        };
        if let Some(decision) = decision {
            adapted.progressed.insert(exercise, IsoDate(last.date));
            adapted.decisions.push(decision);
        }
    }
}

fn short(one: &Evidence) -> String {
    let (asked, left) = (one.planned.rir.unwrap_or(0), one.reserve.unwrap_or(0));
    format!("{} on {}: {left} in reserve where {asked} were asked for", one.session, one.date)
}

fn missed(one: &Evidence) -> String {
    format!("{} on {}: short of the range", one.session, one.date)
}

fn topped(one: &Evidence) -> String {
    let load = one.load.map(|load| format!(" with {load} kg")).unwrap_or_default();
    format!("{} on {}: every set to the top with the reserve kept{load}", one.session, one.date)
}

fn held(ground: &Ground<'_>, exercise: &ExerciseId, mut facts: Vec<String>) -> Decision {
    let parts: Vec<_> = ground.health.locked().map(|part| part.as_str().replace('_', " ")).collect();
    facts.push(format!("no load rises before pain of 3 or less is reported in the {}", parts.join(" and ")));
    Decision::new(Action::Hold, Rule::R28, exercise.as_str(), facts)
}

/// A change of one set; false when it leaves the set as it was.
type Step = Box<dyn Fn(&mut Sets) -> bool>;

fn raise(
    ground: &Ground<'_>,
    plan: &mut Plan,
    id: &ExerciseId,
    last: &Evidence,
    facts: Vec<String>,
) -> Option<Decision> {
    let mut steps: Vec<Step> = Vec::new();
    if let Some(load) = last.load.and_then(|load| heavier(load, step_pct(ground, id), most(last))) {
        steps.push(kilograms(load, last.planned.reps));
    }
    steps.push(Box::new(|sets| {
        let Some(pct) = sets.pct1rm else { return false };
        let more = u8::try_from((u32::from(pct) * RISE.0).div_ceil(1_000)).unwrap_or(0);
        sets.pct1rm = Some((pct + more).min(100));
        true
    }));
    steps.push(longer());
    steps.push(Box::new(|sets| {
        let narrower = sets.reps.filter(|[low, high]| low < high).map(|[low, high]| [low + 1, high]);
        sets.reps = narrower.or(sets.reps);
        narrower.is_some()
    }));
    let least = least_rir(&ground.body);
    steps.push(Box::new(move |sets| {
        let less = sets.rir.filter(|rir| *rir > least).map(|rir| rir - 1);
        sets.rir = less.or(sets.rir);
        less.is_some()
    }));
    let done = steps.into_iter().find_map(|step| take(ground, plan, id, &step, true));
    Some(match done {
        Some(()) => Decision::new(Action::Raise, Rule::R10, id.as_str(), facts),
        None => {
            let mut facts = facts;
            facts.push("the rules leave no heavier step in what lies ahead".to_owned());
            Decision::new(Action::Decline, Rule::R10, id.as_str(), facts)
        }
    })
}

fn lower(
    ground: &Ground<'_>,
    plan: &mut Plan,
    id: &ExerciseId,
    last: &Evidence,
    facts: Vec<String>,
) -> Option<Decision> {
    let percent = if last.short_by() >= 3 || (last.short_by() >= 2 && last.missed) { 90 } else { 95 };
    let mut steps: Vec<Step> = Vec::new();
    if let Some(load) = last.load.and_then(|load| lighter(load, percent)) {
        steps.push(kilograms(load, last.planned.reps));
    }
    steps.push(Box::new(move |sets| {
        let less = sets.pct1rm.map(|pct| u8::try_from(u32::from(pct) * percent / 100).unwrap_or(pct));
        sets.pct1rm = less.or(sets.pct1rm);
        less.is_some()
    }));
    steps.push(Box::new(|sets| {
        let more = sets.rir.filter(|rir| *rir < MOST_RIR).map(|rir| rir + 1);
        sets.rir = more.or(sets.rir);
        more.is_some()
    }));
    steps.push(Box::new(|sets| {
        let (seconds, metres) = (sets.seconds.map(|s| (s * 9 / 10).max(10)), sets.metres.map(|m| (m * 9 / 10).max(10)));
        let less = (seconds, metres) != (sets.seconds, sets.metres);
        (sets.seconds, sets.metres) = (seconds, metres);
        less
    }));
    let done = steps.into_iter().find_map(|step| take(ground, plan, id, &step, false));
    done.map(|()| Decision::new(Action::Lower, Rule::R11, id.as_str(), facts))
}

/// Takes a step in every open session with the exercise; gives it up when it changes nothing or breaks a rule.
fn take(ground: &Ground<'_>, plan: &mut Plan, id: &ExerciseId, step: &Step, rises: bool) -> Option<()> {
    let mut next = plan.clone();
    let mut changed = false;
    let light: Vec<bool> = next.weeks.iter().map(|week| week.deload).collect();
    for (week, light) in light.into_iter().enumerate() {
        // A lighter week keeps its effort: what is asked of it does not follow from loading weeks.
        if light && rises {
            continue;
        }
        let mut only = Plan { weeks: vec![next.weeks[week].clone()], ..next.clone() };
        each_open_item(ground, &mut only, |item| {
            let held = rises
                && item.progress.is_some_and(|progress| progress.rule == ProgressRule::Hold)
                && !is_taper(&next, week);
            if item.ex == *id && !held {
                for sets in item.sets.iter_mut().filter(|sets| !sets.ramp) {
                    changed |= step(sets);
                }
            }
        });
        next.weeks[week] = only.weeks.remove(0);
    }
    if !changed {
        return None;
    }
    super::draft::tidy(ground, &mut next);
    let (found, mended) = if rises { (ground.judge(&next), false) } else { repair(ground, &mut next) };
    (found.is_empty() && !mended).then(|| *plan = next)
}

/// Whether every open session keeps the exercise as it is: quality, recovery or a sore place comes first.
fn is_held(ground: &Ground<'_>, plan: &Plan, id: &ExerciseId) -> bool {
    let open = plan.weeks.iter().flat_map(|week| &week.sessions).filter(|session| !ground.is_settled(session));
    let items = open.flat_map(|session| &session.blocks).flat_map(|block| &block.items);
    let mut rules = items.filter(|item| item.ex == *id).map(|item| item.progress.map(|progress| progress.rule));
    rules.all(|rule| rule == Some(ProgressRule::Hold))
}

fn is_taper(plan: &Plan, week: usize) -> bool {
    plan.weeks.get(week).is_some_and(|week| week.phase == crate::engine::plan::Phase::Taper)
}

/// A load for the sets with the repetitions that proved it; others find theirs by the reserve.
fn kilograms(load: Amount, reps: Option<[u8; 2]>) -> Step {
    Box::new(move |sets| {
        let fits = sets.reps == reps && sets.load_kg != Some(load);
        if fits {
            sets.load_kg = Some(load);
        }
        fits
    })
}

/// A repetition, or five seconds or metres more.
fn longer() -> Step {
    Box::new(|sets| {
        match (sets.reps, sets.seconds, sets.metres) {
            (Some([low, high]), ..) => sets.reps = Some([low + 1, high + 1]),
            (_, Some(seconds), _) => sets.seconds = Some(seconds + 5),
            (_, _, Some(metres)) => sets.metres = Some(metres + 5),
            _ => return false,
        }
        true
    })
}

/// How many percent the exercise rises by: what its plan says, within 2.5 and 5.
fn step_pct(ground: &Ground<'_>, id: &ExerciseId) -> u32 {
    let items =
        ground.input.plan.weeks.iter().flat_map(|week| &week.sessions).flat_map(|s| &s.blocks).flat_map(|b| &b.items);
    let steps = items.filter(|item| item.ex == *id).filter_map(|item| item.progress).map(|progress| progress.step_pct);
    let legs =
        ground.exercise(id).is_some_and(|exercise| exercise.measure == Measure::Reps) && steps.max().unwrap_or(0) >= 5;
    if legs { RISE.1 } else { RISE.0 }
}

/// The heaviest load that R10 allows, by the maximum that the last workout proves.
fn most(last: &Evidence) -> Option<Amount> {
    let ([_, high], load) = (last.planned.reps?, last.load?);
    let (asked, left) = (last.planned.rir.unwrap_or(0), last.reserve.unwrap_or(0));
    let proven = u32::from(percent_for(high.saturating_add(left)));
    let most = u64::from(load.milli()) * u64::from(heaviest_pct(high, asked)) / u64::from(proven.max(1));
    u32::try_from(most).ok().map(Amount::from_milli)
}

/// The next load in steps that plates and dumbbells come in; `None` when the smallest would be too much.
fn heavier(load: Amount, thousandths: u32, most: Option<Amount>) -> Option<Amount> {
    let part = |thousandths: u32| u64::from(load.milli()) * u64::from(1_000 + thousandths);
    let highest = (part(RISE.1) / 1_000).min(most.map_or(u64::MAX, |most| most.milli().into()));
    let least = part(RISE.0).div_ceil(1_000);
    let wanted = part(thousandths).div_ceil(1_000).clamp(least, highest.max(least));
    let candidates = STEPS_G.iter().flat_map(|step| {
        let up = wanted.div_ceil(*step) * step;
        [up, up.saturating_sub(*step)]
    });
    let grams = candidates.into_iter().find(|grams| (least..=highest).contains(grams))?;
    u32::try_from(grams).ok().map(Amount::from_milli)
}

/// Five or ten percent less, in whole half kilograms, rounded so that it stays within five and ten percent if it can.
fn lighter(load: Amount, percent: u32) -> Option<Amount> {
    let wanted = load.milli() / 100 * percent;
    let floor = load.milli() / 100 * 90;
    let down = |step: u32| wanted / step * step;
    let grams = [500, 250].into_iter().map(down).find(|grams| *grams >= floor).unwrap_or(wanted);
    (grams > 0 && grams < load.milli()).then(|| Amount::from_milli(grams))
}

#[cfg(test)]
mod tests {
    use super::{Amount, heavier, lighter};

    #[test]
    fn a_rise_lies_between_two_and_a_half_and_five_percent() {
        for grams in (2_000..200_000).step_by(250) {
            for wanted in [25, 50] {
                if let Some(next) = heavier(Amount::from_milli(grams), wanted, None) {
                    let thousandths = (next.milli() - grams) * 1_000 / grams;
                    assert!((25..=50).contains(&thousandths), "{grams} g to {next} kg");
                }
            }
        }
        assert_eq!(heavier(Amount::from_milli(100_000), 25, None), Some(Amount::from_milli(102_500)));
        assert_eq!(heavier(Amount::from_milli(100_000), 50, None), Some(Amount::from_milli(105_000)));
        assert_eq!(heavier(Amount::from_milli(4_000), 25, None), None, "a quarter of a kilogram is too much of four");
    }

    #[test]
    fn a_fall_lies_between_five_and_ten_percent() {
        for grams in (5_000..200_000).step_by(250) {
            for percent in [90, 95] {
                let next = lighter(Amount::from_milli(grams), percent).unwrap();
                assert!(next.milli() * 100 >= grams * 89 && next.milli() * 100 <= grams * 95, "{grams} g to {next} kg");
            }
        }
    }
}
