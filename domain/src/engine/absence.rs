//! Days away from training, read off the log, and what a return begins with. Absence is not fatigue: it asks for less than
//! was done before, by the days away, and builds up from there. The figures are ours ([P]); `docs/plans/adaptation.md` says
//! what they lean on.

use time::{Date, Duration};

use super::catalogue::{Catalogue, Impact, Pattern};
use super::plan::{Phase, Plan, Week};
use super::request::PlanRequest;
use super::tally::counts;
use super::workout::TrainingLog;

/// Fewer days away change nothing.
const DAYS_AWAY: i64 = 7;
/// By days away at the least: how many percent of the sets done before a return begins with.
const SHARES: [(i64, u32); 3] = [(28, 50), (14, 70), (DAYS_AWAY, 90)];
/// From so many days on loads and bouts fall too, and intervals wait.
pub const LONG_DAYS: i64 = 14;
/// Percent of the sets done before that every week after the return may add.
const STEP_PERCENT: u32 = 20;
/// Sets that a week may add at the least, and that a return may always have.
const LEAST_SETS: u32 = 6;
/// A return counts as one for so many days.
const FRESH_DAYS: i64 = 7;
/// Bouts are remembered for so many days.
const BOUT_DAYS: i64 = 30;
/// A return never asks for less than this in a bout.
const SHORTEST_S: u32 = 300;
/// Seconds of the first bout where none was done before, and what every week adds to it. [P]
const NEW_BOUT_S: (u32, u32) = (600, 300);

/// Somebody who logs was away and missed what was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// The last training day before.
    pub since: Date,
    /// The first training day after, or the day it is while nothing was done.
    pub back: Date,
    /// Working sets of strength done in the fuller of the last two loading weeks before; 0 where none was done.
    pub done: u32,
    /// Seconds of the longest bout done in the thirty days before; 0 where none was done.
    pub bout_s: u32,
    /// The same, of those that run.
    pub run_s: u32,
}

impl Absence {
    /// The absence that stands on a day: the one that lasts, or the one that ended within the last seven days.
    #[must_use]
    pub fn of(plan: &Plan, log: &TrainingLog, today: Date, catalogue: &Catalogue) -> Option<Self> {
        let mut days: Vec<Date> =
            log.workouts.iter().map(|workout| workout.date()).filter(|day| *day <= today).collect();
        days.dedup();
        let missed = |since: Date, back: Date| {
            let between = plan.weeks.iter().flat_map(|week| &week.sessions);
            between.filter(|session| session.date > since && session.date < back).any(|one| log.of(&one.id).is_none())
        };
        let last = *days.last()?;
        let ends = days.windows(2).map(|pair| (pair[0], pair[1])).chain([(last, today)]);
        let (since, back) = ends
            .filter(|(since, back)| (*back - *since).whole_days() >= DAYS_AWAY && missed(*since, *back))
            .filter(|(_, back)| (today - *back).whole_days() < FRESH_DAYS)
            .max_by_key(|(since, back)| (*back - *since).whole_days())?;
        let [bout_s, run_s] = longest_done(log, since, catalogue);
        Some(Self { since, back, done: done_before(plan, log, since, catalogue), bout_s, run_s })
    }

    /// How many days.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.back - self.since).whole_days()
    }

    /// Percent of what was done that the return begins with.
    #[must_use]
    pub fn share(&self) -> u32 {
        SHARES.iter().find(|(days, _)| self.days() >= *days).map_or(100, |(_, share)| *share)
    }

    /// How many weeks a Monday lies after that of the return; `None` before it.
    #[must_use]
    pub fn weeks_after(&self, monday: Date) -> Option<u32> {
        let return_monday = self.back - Duration::days(i64::from(self.back.weekday().number_days_from_monday()));
        u32::try_from((monday - return_monday).whole_days() / 7).ok()
    }

    /// Percent of what was done that so many weeks after the return hold; it goes beyond 100.
    #[must_use]
    pub fn percent(&self, weeks_after: u32) -> u32 {
        self.share() + STEP_PERCENT * weeks_after
    }

    /// Working sets of strength that so many weeks after the return may hold; `None` where nothing was done before.
    #[must_use]
    pub fn most_sets(&self, weeks_after: u32) -> Option<u32> {
        let first = (self.done * self.share() / 100).max(LEAST_SETS);
        let step = (self.done * STEP_PERCENT / 100).max(LEAST_SETS);
        (self.done > 0).then(|| first + step * weeks_after)
    }

    /// Seconds that a bout may have so many weeks after the return: a share of the longest that was done, by what lands and
    /// what does not. A kind that was not done before begins anew.
    #[must_use]
    pub fn most_bout_s(&self, lands: bool, weeks_after: u32) -> u32 {
        let done = if lands { self.run_s } else { self.bout_s };
        match done {
            0 => NEW_BOUT_S.0 + NEW_BOUT_S.1 * weeks_after,
            _ => (done * self.percent(weeks_after) / 100).max(SHORTEST_S),
        }
    }
}

/// Whether a week is for loading, and not to recover.
#[must_use]
pub fn is_loading(week: &Week) -> bool {
    !week.deload && !matches!(week.phase, Phase::Deload | Phase::Taper)
}

/// Working sets of strength that a week asks for, from the first day on that `counts_day` takes.
#[must_use]
pub fn strength_sets(week: &Week, catalogue: &Catalogue, counts_day: impl Fn(&str, Date) -> bool) -> u32 {
    let sessions = week.sessions.iter().filter(|session| counts_day(&session.id, session.date));
    let items = sessions.flat_map(|session| &session.blocks).flat_map(|block| &block.items);
    let strength = items.filter(|item| catalogue.get(&item.ex).is_some_and(counts));
    strength.flat_map(|item| &item.sets).filter(|sets| !sets.ramp).map(|sets| u32::from(sets.n)).sum()
}

/// The index of the week that was trained last before a day, the fuller of the last two.
#[must_use]
pub fn base_week(plan: &Plan, log: &TrainingLog, since: Date, catalogue: &Catalogue) -> Option<usize> {
    let trained = (0..plan.weeks.len()).rev().filter_map(|at| {
        let week = plan.weeks.get(at).filter(|week| is_loading(week))?;
        let done = done_in(week, log, since, catalogue);
        (done > 0).then_some((done, at))
    });
    trained.take(2).max().map(|(_, at)| at)
}

fn done_before(plan: &Plan, log: &TrainingLog, since: Date, catalogue: &Catalogue) -> u32 {
    let week = base_week(plan, log, since, catalogue).and_then(|at| plan.weeks.get(at));
    week.map_or(0, |week| done_in(week, log, since, catalogue))
}

/// Sets of strength that were done of a week until a day; more than was planned counts as planned.
fn done_in(week: &Week, log: &TrainingLog, until: Date, catalogue: &Catalogue) -> u32 {
    let workouts = week.sessions.iter().filter_map(|session| log.of(&session.id));
    let items = workouts.filter(|workout| workout.date() <= until).flat_map(|workout| &workout.items);
    let strength = items.filter(|item| catalogue.get(&item.exercise).is_some_and(counts));
    let done: usize = strength.map(|item| item.sets.len()).sum();
    u32::try_from(done).unwrap_or(u32::MAX).min(strength_sets(week, catalogue, |_, _| true))
}

/// Seconds of the longest bout that was done in the thirty days up to a day: of all, and of those that land.
fn longest_done(log: &TrainingLog, until: Date, catalogue: &Catalogue) -> [u32; 2] {
    let recent = log
        .workouts
        .iter()
        .filter(|workout| workout.date() <= until && (until - workout.date()).whole_days() <= BOUT_DAYS);
    let mut longest = [0, 0];
    for item in recent.flat_map(|workout| &workout.items) {
        let exercise = catalogue.get(&item.exercise).filter(|exercise| exercise.pattern == Pattern::Conditioning);
        let Some(exercise) = exercise else { continue };
        let seconds = item.sets.iter().filter_map(|set| set.seconds).max().map_or(0, u32::from);
        longest[0] = longest[0].max(seconds);
        if exercise.impact >= Impact::Moderate {
            longest[1] = longest[1].max(seconds);
        }
    }
    longest
}

/// Weeks are counted from the Monday on which a plan starts.
#[must_use]
pub fn monday_of(request: &PlanRequest, week: usize) -> Date {
    request.start + Duration::weeks(i64::try_from(week).unwrap_or(0))
}
