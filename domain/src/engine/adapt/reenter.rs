//! The return after days away: the week that was trained last comes again with a share of what was done, and the weeks behind
//! it build up from there. No bout is longer than a share of the longest that was done. After two weeks loads fall too, all
//! bouts shrink, and intervals wait.

use super::draft::Ground;
use super::input::{Action, Adapted, Away, Decision, IsoDate};
use super::weeks;
use crate::engine::absence::{Absence, LONG_DAYS, base_week, is_loading, strength_sets};
use crate::engine::amount::Amount;
use crate::engine::catalogue::{Exercise, Impact, Pattern};
use crate::engine::plan::{Plan, Week};
use crate::engine::rule::Rule;

/// By days away at the least: percent of the load that the first week keeps.
const LOADS: [(i64, u32); 2] = [(28, 80), (LONG_DAYS, 90)];
/// Percent of the load that comes back with every week.
const LOAD_STEP: u32 = 10;
/// No bout gets shorter than this.
const SHORTEST_S: u16 = 300;
/// The reserve is never asked to be larger.
const MOST_RIR: u8 = 5;
/// Conditioning at this effort is hard.
const HARD_RPE: u8 = 7;

/// A return to be made: the absence, and the week that it begins in.
pub struct Return {
    absence: Absence,
    week: usize,
}

impl Return {
    /// The return that is due; none where nobody was away, it was made already, or nothing loads any more.
    pub fn due(ground: &Ground<'_>) -> Option<Self> {
        let absence = ground.absence?;
        let plan = ground.input.plan;
        let open = |at: &usize| {
            let week = &plan.weeks[*at];
            is_loading(week) && week.sessions.iter().any(|session| !ground.is_settled(session))
        };
        let week = (0..plan.weeks.len()).find(open)?;
        let before = plan.adapted.as_ref().and_then(|adapted| adapted.away);
        let made = before.is_some_and(|before| {
            before.since.0 == absence.since
                && before.share <= absence.share()
                && usize::from(before.week) > return_week(ground, &absence)
        });
        (!made).then_some(Self { absence, week })
    }

    /// Makes the return in a plan, moving on what follows or leaving the weeks where they are.
    pub fn make(&self, ground: &Ground<'_>, plan: &mut Plan, moves_on: bool) {
        if moves_on
            && self.is_next(ground)
            && let Some(base) = base_week(plan, ground.input.log, self.absence.since, ground.catalogue)
        {
            let again = plan.weeks[base].clone();
            weeks::place(ground, plan, self.week, &again, true);
        }
        for at in 0..plan.weeks.len() {
            let Some(after) = self.absence.weeks_after(ground.monday(at)) else { continue };
            if at >= self.week && is_loading(&plan.weeks[at]) {
                self.lighten(ground, &mut plan.weeks[at], after);
            }
            self.shorten_bouts(ground, &mut plan.weeks[at], after);
        }
    }

    /// What was done is remembered, and said.
    pub fn tell(&self, ground: &Ground<'_>, adapted: &mut Adapted) {
        let Absence { since, back, done, bout_s, .. } = self.absence;
        let (days, share) = (self.absence.days(), self.absence.share());
        let week = ground.input.plan.weeks[self.week].n;
        let at = u8::try_from(return_week(ground, &self.absence) + 1).unwrap_or(u8::MAX);
        adapted.away = Some(Away { since: IsoDate(since), week: at, share });
        let mut facts = vec![format!("{days} days away, from {since} to {back}")];
        if done > 0 {
            facts.push(format!("{done} sets done in a week before: back at {share} % of them, and up from there"));
        }
        if bout_s > 0 {
            let most = self.absence.most_bout_s(false, 0) / 60;
            facts.push(format!("the longest bout done before: {} min; back at {most} min at most", bout_s / 60));
        }
        adapted.decisions.push(Decision::new(Action::ReEnter, Rule::R28, format!("week {week}"), facts));
    }

    /// Cuts a week to what so many weeks after the return may hold.
    fn lighten(&self, ground: &Ground<'_>, week: &mut Week, after: u32) {
        let open = strength_sets(week, ground.catalogue, |id, _| !ground.settled.contains(id));
        let most = self.absence.most_sets(after).filter(|most| *most < open);
        let load = (self.load() + LOAD_STEP * after).min(100);
        let bout = if self.absence.days() >= LONG_DAYS { self.absence.percent(after).min(100) } else { 100 };
        let mut carried = open / 2;
        for session in week.sessions.iter_mut().filter(|session| !ground.settled.contains(&session.id)) {
            for item in session.blocks.iter_mut().flat_map(|block| &mut block.items) {
                let strength = ground.is_strength(item);
                for sets in item.sets.iter_mut().filter(|sets| !sets.ramp) {
                    match (strength, sets.rpe) {
                        (true, _) => {
                            if let Some(most) = most {
                                carried += u32::from(sets.n) * most;
                                let kept = (carried / open).min(u32::from(sets.n));
                                carried -= kept * open;
                                sets.n = u8::try_from(kept).unwrap_or(sets.n);
                            }
                            sets.load_kg = sets.load_kg.map(|kg| share_of(kg, load));
                        }
                        (false, Some(HARD_RPE..)) if bout < 100 => sets.n = 0,
                        (false, Some(_)) => sets.seconds = sets.seconds.map(|s| shorter(s, bout)),
                        (false, None) => {}
                    }
                }
                if strength && load < 100 {
                    weeks::farther_from_failure(item, |rir| (rir + 1).min(MOST_RIR));
                }
            }
        }
    }

    /// Cuts easy bouts to a share of the longest that was done, in lighter weeks too.
    fn shorten_bouts(&self, ground: &Ground<'_>, week: &mut Week, after: u32) {
        for session in week.sessions.iter_mut().filter(|session| !ground.settled.contains(&session.id)) {
            for item in session.blocks.iter_mut().flat_map(|block| &mut block.items) {
                let conditioning = |exercise: &&Exercise| exercise.pattern == Pattern::Conditioning;
                let Some(exercise) = ground.exercise(&item.ex).filter(conditioning) else { continue };
                let most = in_half_minutes(self.absence.most_bout_s(exercise.impact >= Impact::Moderate, after));
                for sets in item.sets.iter_mut().filter(|sets| sets.rpe.is_none_or(|rpe| rpe < HARD_RPE)) {
                    sets.seconds = sets.seconds.map(|seconds| seconds.min(most));
                }
            }
        }
    }

    /// Whether no other week comes before that of the return.
    fn is_next(&self, ground: &Ground<'_>) -> bool {
        let before = ground.input.plan.weeks.iter().take(self.week).flat_map(|week| &week.sessions);
        before.into_iter().all(|session| ground.is_settled(session))
    }

    fn load(&self) -> u32 {
        LOADS.iter().find(|(days, _)| self.absence.days() >= *days).map_or(100, |(_, load)| *load)
    }
}

/// The week of the plan that holds the return.
fn return_week(ground: &Ground<'_>, absence: &Absence) -> usize {
    usize::try_from((absence.back - ground.input.request.start).whole_days().max(0) / 7).unwrap_or(0)
}

fn share_of(load: Amount, percent: u32) -> Amount {
    let less = Amount::from_milli(load.milli() / 100 * percent / 500 * 500);
    if percent >= 100 || less.milli() == 0 { load } else { less }
}

fn in_half_minutes(seconds: u32) -> u16 {
    u16::try_from(seconds / 30 * 30).unwrap_or(u16::MAX)
}

fn shorter(seconds: u16, percent: u32) -> u16 {
    let part = u32::from(seconds) * percent / 100;
    u16::try_from(part / 30 * 30).unwrap_or(seconds).max(SHORTEST_S).min(seconds)
}
