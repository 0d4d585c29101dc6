//! The sets of each week: growing gently towards the most, halved in lighter weeks and on the way to a competition.

use super::allocate::{SetCounts, caps, shortfall, tally};
use super::balance::level;
use super::brief::Brief;
use super::phases::WeekPlan;
use super::session::has_strength;
use super::template::{DayTemplate, pair, unpair};
use crate::engine::limits::FIRST_ECCENTRIC;
use crate::engine::plan::Phase;
use crate::engine::rule::Rule;
use crate::engine::tally::grows_gently;

/// What a week does of the template.
#[derive(Debug, Clone)]
pub struct WeekLoad {
    pub plan: WeekPlan,
    /// The week that repetitions, reserve and load are taken from: a taper keeps those of the last loading week.
    pub style: WeekPlan,
    pub sets: SetCounts,
    /// The hard eccentrics that are new in this week (R30), in the order of the sets.
    pub new: Vec<Vec<bool>>,
}

/// Decides whether exercises alternate: when the minutes leave muscles short and alternating leaves fewer so.
pub fn settle_pairs(brief: &Brief<'_>, days: &mut [DayTemplate<'_>], first: &WeekPlan) {
    days.iter_mut().for_each(unpair);
    let straight = shortfall(brief, days, &caps(brief, days, first));
    if straight == 0 {
        return;
    }
    days.iter_mut().for_each(|day| pair(brief, day));
    if shortfall(brief, days, &caps(brief, days, first)) >= straight {
        days.iter_mut().for_each(unpair);
    }
}

/// The sets of every week.
pub fn weeks(brief: &Brief<'_>, days: &[DayTemplate<'_>], plans: &[WeekPlan]) -> Vec<WeekLoad> {
    let mut most: Vec<(WeekPlan, SetCounts)> = Vec::new();
    let mut last: Option<(WeekPlan, SetCounts)> = None;
    let mut done = Vec::with_capacity(plans.len());
    let mut begun: Vec<Vec<bool>> = days.iter().map(|day| vec![false; day.items.len()]).collect();
    for plan in plans {
        let (style, mut sets) = match (&last, plan.is_loading()) {
            (Some((style, sets)), false) => (lighter_style(plan, style), lighten(days, sets, share(plan))),
            (before, _) => {
                let cap = cap_of(brief, days, plan, &mut most);
                let mut sets = match before {
                    Some((_, before)) => grow(brief, days, before, &cap, plan),
                    None if brief.heeds(Rule::R15) => begin(&cap, plan),
                    None => cap.iter().map(|day| day.iter().map(|n| (*n).min(1)).collect()).collect(),
                };
                level(days, &mut sets);
                let light = if plan.is_loading() { sets } else { lighten(days, &sets, share(plan)) };
                (*plan, light)
            }
        };
        let new = begin_eccentrics(brief, days, plan.index, &mut sets, &mut begun);
        if plan.is_loading() {
            last = Some((style, sets.clone()));
        }
        done.push(WeekLoad { plan: *plan, style, sets, new });
    }
    done
}

/// Holds hard eccentrics to their first dose in the week in which they begin, and says which those are.
fn begin_eccentrics(
    brief: &Brief<'_>,
    days: &[DayTemplate<'_>],
    week: u8,
    sets: &mut SetCounts,
    begun: &mut [Vec<bool>],
) -> Vec<Vec<bool>> {
    let mut new: Vec<Vec<bool>> = sets.iter().map(|day| vec![false; day.len()]).collect();
    let takes_place = |template: &DayTemplate<'_>| has_strength(brief, template.at.day, week);
    for (day, template) in days.iter().enumerate().filter(|(_, template)| takes_place(template)) {
        for (item, slotted) in template.items.iter().enumerate() {
            if brief.is_dosed(slotted.choice.exercise) && sets[day][item] > 0 && !begun[day][item] {
                sets[day][item] = sets[day][item].min(FIRST_ECCENTRIC.0);
                (begun[day][item], new[day][item]) = (true, true);
            }
        }
    }
    new
}

/// A deload backs off in effort as well; a taper keeps everything but the volume.
fn lighter_style(plan: &WeekPlan, last: &WeekPlan) -> WeekPlan {
    if plan.phase == Phase::Taper { *last } else { *plan }
}

/// Percent of the last loading week's sets.
fn share(plan: &WeekPlan) -> u16 {
    if plan.phase == Phase::Taper && plan.run == 0 { 48 } else { 50 }
}

fn cap_of(
    brief: &Brief<'_>,
    days: &[DayTemplate<'_>],
    plan: &WeekPlan,
    known: &mut Vec<(WeekPlan, SetCounts)>,
) -> SetCounts {
    // Sets and rests depend on the phase alone; the reserve, which changes within it, costs no time.
    if let Some((_, cap)) = known.iter().find(|(other, _)| other.phase == plan.phase) {
        return cap.clone();
    }
    let cap = caps(brief, days, plan);
    known.push((*plan, cap.clone()));
    cap
}

/// The first loading week stays a set below the most, so that there is somewhere to go.
fn begin(cap: &SetCounts, plan: &WeekPlan) -> SetCounts {
    let less = u8::from(plan.of > 1 && plan.phase != Phase::Maintenance);
    cap.iter().map(|day| day.iter().map(|n| (*n).min((*n).saturating_sub(less).max(2))).collect()).collect()
}

/// From one loading week to the next: at most the phase's cap, no muscle faster than R15 allows, and no more new sets
/// than bring the run to its cap in its last week.
fn grow(
    brief: &Brief<'_>,
    days: &[DayTemplate<'_>],
    before: &SetCounts,
    cap: &SetCounts,
    plan: &WeekPlan,
) -> SetCounts {
    if !brief.heeds(Rule::R15) {
        return cap.clone();
    }
    let old = tally(days, before);
    // A new run starts a step back, like the first one.
    let cap = &if plan.run == 0 { begin(cap, plan) } else { cap.clone() };
    let mut sets: SetCounts = before
        .iter()
        .zip(cap)
        .map(|(before, cap)| before.iter().zip(cap).map(|(n, most)| (*n).min(*most)).collect())
        .collect();
    let mut all = tally(days, &sets);
    let total = |sets: &SetCounts| sets.iter().flatten().map(|n| u32::from(*n)).sum::<u32>();
    let weeks_left = u32::from(plan.of.saturating_sub(plan.run).max(1));
    let mut allowed = total(cap).saturating_sub(total(&sets)).div_ceil(weeks_left);
    let longest = cap.iter().map(Vec::len).max().unwrap_or(0);
    for item in 0..longest {
        for day in 0..days.len() {
            let (Some(most), Some(n)) = (cap[day].get(item), sets[day].get(item).copied()) else { continue };
            let more = if n == 0 { (*most).min(2) } else { 1 };
            let exercise = days[day].items[item].choice.exercise;
            if allowed == 0 || n + more > *most || *most == 0 {
                continue;
            }
            let mut after = all;
            after.add(exercise, u16::from(more));
            let mut touched = exercise.primary.iter().chain(&exercise.secondary);
            if touched.all(|muscle| grows_gently(old.halves(*muscle), after.halves(*muscle))) {
                all = after;
                sets[day][item] = n + more;
                allowed = allowed.saturating_sub(u32::from(more));
            }
        }
    }
    sets
}

/// So many percent of the sets, every session kept: fractions carry over from one exercise to the next.
fn lighten(days: &[DayTemplate<'_>], sets: &SetCounts, percent: u16) -> SetCounts {
    let mut carried = 50;
    let mut light: SetCounts = Vec::with_capacity(sets.len());
    for (day, sets) in days.iter().zip(sets) {
        let mut kept: Vec<u8> = Vec::with_capacity(sets.len());
        for (item, n) in day.items.iter().zip(sets) {
            if item.rank == 1 {
                kept.push((*n).min(2));
                continue;
            }
            carried += u16::from(*n) * percent;
            kept.push(u8::try_from(carried / 100).unwrap_or(u8::MAX).min(*n));
            carried -= u16::from(*kept.last().unwrap_or(&0)) * 100;
        }
        if let (true, Some(first)) = (kept.iter().all(|n| *n == 0), sets.iter().position(|n| *n > 0)) {
            kept[first] = 1;
        }
        light.push(kept);
    }
    light
}
