//! The version in the making: what of it is settled, and how it is judged.

use std::collections::BTreeSet;

use time::Date;

use super::health::Health;
use super::input::AdaptInput;
use crate::engine::absence::{Absence, monday_of};
use crate::engine::catalogue::{Catalogue, Exercise, ExerciseId};
use crate::engine::compose::rank;
use crate::engine::minutes::{session_s, to_minutes};
use crate::engine::plan::{Focus, Item, Plan, Session};
use crate::engine::profile::Profile;
use crate::engine::rule::Rule;
use crate::engine::rules::{Finding, Since, next_version};
use crate::engine::tally::counts;

/// Everything that does not change while a version is made.
pub struct Ground<'a> {
    pub input: &'a AdaptInput<'a>,
    pub catalogue: &'a Catalogue,
    pub health: Health,
    /// The profile with what hurts now.
    pub body: Profile,
    /// Sessions that lie in the past or are logged: they stay as they are.
    pub settled: BTreeSet<String>,
    /// The days away that a return is due for.
    pub absence: Option<Absence>,
    /// Whether R28 is heeded: loads are held and returns are gentle; off only in the mutation check.
    pub holds_loads: bool,
}

impl<'a> Ground<'a> {
    pub fn new(input: &'a AdaptInput<'a>, catalogue: &'a Catalogue, holds_loads: bool) -> Self {
        let health = Health::of(input.log);
        let body = health.apply(input.profile);
        let settled = settled(input);
        let absence = Absence::of(input.plan, input.log, input.on, catalogue).filter(|_| holds_loads);
        Self { input, catalogue, health, body, settled, absence, holds_loads }
    }

    pub fn is_settled(&self, session: &Session) -> bool {
        self.settled.contains(&session.id)
    }

    pub fn exercise(&self, id: &ExerciseId) -> Option<&'a Exercise> {
        self.catalogue.get(id)
    }

    /// Whether an item is strength work: what is progressed, lightened and counted.
    pub fn is_strength(&self, item: &Item) -> bool {
        self.exercise(&item.ex).is_some_and(counts)
    }

    /// The hard findings of a version that it could still do something about.
    pub fn judge(&self, next: &Plan) -> Vec<Finding> {
        let since = Since { today: self.input.on, log: self.input.log };
        let (input, versions) = (self.input, [self.input.plan, next]);
        let found = next_version(versions, &since, input.profile, &input.request, self.catalogue);
        let counts = |finding: &Finding| finding.hard && (self.holds_loads || finding.rule != Rule::R28);
        found.into_iter().filter(counts).collect()
    }

    /// The week that holds today; `None` before the plan begins and after it ends.
    pub fn current_week(&self) -> Option<usize> {
        let days = (self.input.on - self.input.request.start).whole_days();
        let week = usize::try_from(days / 7).ok().filter(|_| days >= 0)?;
        (week < self.input.plan.weeks.len()).then_some(week)
    }

    /// The Monday of a week.
    pub fn monday(&self, week: usize) -> Date {
        monday_of(&self.input.request, week)
    }
}

fn settled(input: &AdaptInput<'_>) -> BTreeSet<String> {
    let sessions = input.plan.weeks.iter().flat_map(|week| &week.sessions);
    let done = sessions.filter(|session| session.date < input.on || input.log.of(&session.id).is_some());
    done.map(|session| session.id.clone()).collect()
}

/// Changes every item of the sessions that are still open.
pub fn each_open_item(ground: &Ground<'_>, plan: &mut Plan, mut change: impl FnMut(&mut Item)) {
    for session in plan.weeks.iter_mut().flat_map(|week| &mut week.sessions) {
        if !ground.is_settled(session) {
            session.blocks.iter_mut().flat_map(|block| &mut block.items).for_each(&mut change);
        }
    }
}

/// Brings estimates, blocks and focus of the open sessions in line with their items.
pub fn tidy(ground: &Ground<'_>, plan: &mut Plan) {
    for session in plan.weeks.iter_mut().flat_map(|week| &mut week.sessions) {
        if ground.is_settled(session) {
            continue;
        }
        session
            .blocks
            .iter_mut()
            .for_each(|block| block.items.retain(|item| item.sets.iter().any(|sets| !sets.ramp && sets.n > 0)));
        session.blocks.retain(|block| !block.items.is_empty());
        let works = session.blocks.iter().flat_map(|block| &block.items).any(|item| {
            ground.exercise(&item.ex).is_some_and(|exercise| rank(exercise.pattern, exercise.mechanic) < 5)
        });
        if !works {
            session.focus = Focus::Recovery;
        }
        session.est_min = to_minutes(session_s(session));
    }
}
