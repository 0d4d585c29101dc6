//! R28: how a new version may follow an old one, what bad signs hold, and how a return after days away begins.

use std::collections::BTreeMap;

use time::Date;

use super::{Finding, validate};
use crate::engine::absence::{Absence, is_loading, monday_of, strength_sets};
use crate::engine::adapt::draft::Ground;
use crate::engine::adapt::signals::standing;
use crate::engine::adapt::{AdaptInput, Health};
use crate::engine::amount::Amount;
use crate::engine::catalogue::{Catalogue, ExerciseId, Impact, Pattern};
use crate::engine::limits::HARD_RPE;
use crate::engine::plan::{Item, Phase, Plan, Session, Week};
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::engine::safety::MODIFY_PAIN;
use crate::engine::tally::counts;
use crate::engine::workout::TrainingLog;

/// What has happened when a version is made.
#[derive(Debug, Clone, Copy)]
pub struct Since<'a> {
    /// The day it is.
    pub today: Date,
    /// What was done and what hurt.
    pub log: &'a TrainingLog,
}

impl Since<'_> {
    /// Whether a session stays as it is: it lies in the past, or it was done.
    #[must_use]
    pub fn settles(&self, session: &Session) -> bool {
        session.date < self.today || self.log.of(&session.id).is_some()
    }
}

/// Judges a new version of a plan against the one before it: one up, made from it, and every session before `today`
/// as it was.
#[must_use]
pub fn follows(previous: &Plan, next: &Plan, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |place: &str, want: String, got: String| {
        found.push(Finding { rule: Rule::R28, place: place.to_owned(), want, got, hard: true });
    };
    if next.version != previous.version + 1 || next.parent != Some(previous.version) {
        let got = format!("version {} of {:?}", next.version, next.parent);
        add("version", format!("version {} made from {}", previous.version + 1, previous.version), got);
    }
    if next.plan_id != previous.plan_id {
        add("planId", previous.plan_id.to_string(), next.plan_id.to_string());
    }
    let past = |plan: &Plan| -> Vec<_> {
        let sessions = plan.weeks.iter().flat_map(|week| week.sessions.clone());
        sessions.filter(|session| session.date < today).collect()
    };
    let (before, after) = (past(previous), past(next));
    for session in before.iter().filter(|session| !after.contains(session)) {
        add(&session.id, format!("the session of {} as it was", session.date), "another".to_owned());
    }
    for session in after.iter().filter(|session| !before.contains(session)) {
        add(&session.id, format!("no new session on {}, which is past", session.date), "one".to_owned());
    }
    found
}

/// Judges a version by everything: as the follower of the one before it, by the loads that strong pain and bad signs hold,
/// by what a return after days away may begin with, and by all
/// rules for the athlete as they are now. What the rules say of settled sessions is left out: those were judged for the
/// athlete as they were then, and cannot change any more.
#[must_use]
pub fn next_version(
    [previous, next]: [&Plan; 2],
    since: &Since<'_>,
    profile: &Profile,
    request: &PlanRequest,
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let mut found = follows(previous, next, since.today);
    found.extend(done_stays(previous, next, since));
    let health = Health::of(since.log);
    if health.is_locked() {
        found.extend(no_load_rises(previous, next, since));
    }
    found.extend(nothing_rises(previous, next, since, profile, request, catalogue));
    found.extend(returns_gently(previous, next, since, request, catalogue));
    let body = health.apply(profile);
    let judged = validate(next, &body, request, catalogue);
    let mut judged: Vec<Finding> = judged.into_iter().filter(|finding| !is_settled(next, finding, since)).collect();
    let away = Absence::of(previous, since.log, since.today, catalogue).is_some();
    for finding in judged.iter_mut().filter(|finding| finding.rule == Rule::R29) {
        let hurts = body.injuries.iter().any(|injury| injury.pain >= MODIFY_PAIN);
        finding.hard = finding.hard && !is_excused(next, finding, hurts || away, since);
    }
    found.extend(judged);
    found
}

/// Whether bouts may fall (R29): while something hurts, in a return after days away, and after a week that was not done as it
/// was planned. The fall is then stated as a tradeoff.
fn is_excused(plan: &Plan, finding: &Finding, hurts_or_away: bool, since: &Since<'_>) -> bool {
    let Some(at) = index(&finding.place, "weeks") else { return false };
    let loading = |week: &&Week| !week.deload && week.phase != Phase::Taper;
    let before = plan.weeks.get(..at).and_then(|weeks| weeks.iter().rev().find(loading));
    let settled = |week: &Week| week.sessions.iter().any(|session| since.settles(session));
    let undone = |week: &Week| {
        let past = week.sessions.iter().filter(|session| session.date < since.today);
        past.into_iter().any(|session| since.log.of(&session.id).is_none())
    };
    before.is_some_and(|week| settled(week) && (hurts_or_away || undone(week)))
}

/// Sessions that were done stay as they are, also when their day is still to come.
fn done_stays(previous: &Plan, next: &Plan, since: &Since<'_>) -> Vec<Finding> {
    let done = sessions(previous).filter(|session| session.date >= since.today && since.log.of(&session.id).is_some());
    let changed = done.filter(|session| !sessions(next).any(|other| other == *session));
    changed.map(|session| finding(&session.id, "the session as it was done".to_owned(), "another".to_owned())).collect()
}

/// After strong pain no load rises: not in kilograms, not in percent, not by a smaller reserve.
fn no_load_rises(previous: &Plan, next: &Plan, since: &Since<'_>) -> Vec<Finding> {
    let lifted = lifted(since.log);
    let mut found = Vec::new();
    for session in sessions(next).filter(|session| !since.settles(session)) {
        let before = sessions(previous).find(|other| other.id == session.id);
        for item in items(session) {
            let old = before.and_then(|before| items(before).find(|old| old.ex == item.ex));
            let kg = old.and_then(heaviest).max(if old.and_then(heaviest).is_none() {
                lifted.get(&item.ex).copied()
            } else {
                None
            });
            if let Some(got) = heaviest(item).filter(|got| kg.is_none_or(|kg| *got > kg)) {
                let want =
                    kg.map_or_else(|| "no load that was never lifted".to_owned(), |kg| format!("at most {kg} kg"));
                found.push(finding(&session.id, want, format!("{}: {got} kg", item.ex)));
            }
            let percent = |item: &Item| item.sets.iter().filter_map(|sets| sets.pct1rm).max();
            let most = old.map_or_else(
                || sessions(previous).flat_map(items).filter(|old| old.ex == item.ex).filter_map(percent).max(),
                percent,
            );
            if let Some(got) = percent(item).filter(|got| most.is_none_or(|most| *got > most)) {
                let want = most.map_or_else(|| "no percentage".to_owned(), |most| format!("at most {most} %"));
                found.push(finding(&session.id, want, format!("{}: {got} %", item.ex)));
            }
            let reserve = |item: &Item| item.sets.iter().filter(|sets| !sets.ramp).filter_map(|sets| sets.rir).min();
            if let (Some(least), Some(got)) = (old.and_then(reserve), reserve(item))
                && got < least
            {
                found.push(finding(&session.id, format!("{least} or more in reserve"), format!("{}: {got}", item.ex)));
            }
        }
    }
    found
}

/// What an exercise asks at the most, in all sessions that are still open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Most {
    kg: Option<Amount>,
    pct: Option<u8>,
    /// The least reserve.
    rir: Option<u8>,
    low: Option<u8>,
    high: Option<u8>,
    seconds: Option<u16>,
    metres: Option<u16>,
}

impl Most {
    fn add(&mut self, item: &Item) {
        for sets in item.sets.iter().filter(|sets| !sets.ramp) {
            self.kg = self.kg.max(sets.load_kg);
            self.pct = self.pct.max(sets.pct1rm);
            self.rir = [self.rir, sets.rir].into_iter().flatten().min();
            self.low = self.low.max(sets.reps.map(|[low, _]| low));
            self.high = self.high.max(sets.reps.map(|[_, high]| high));
            self.seconds = self.seconds.max(sets.seconds);
            self.metres = self.metres.max(sets.metres);
        }
    }

    /// What is more here than there was before, in words.
    fn rises_above(&self, before: &Self) -> Vec<&'static str> {
        let mut more = Vec::new();
        let mut say = |rises: bool, what| more.extend(rises.then_some(what));
        say(self.kg > before.kg, "kilograms");
        say(self.pct > before.pct && before.pct.is_some(), "a percentage");
        say(self.rir.zip(before.rir).is_some_and(|(now, before)| now < before), "less reserve");
        say(self.low > before.low || self.high > before.high, "repetitions");
        say(self.seconds > before.seconds, "seconds");
        say(self.metres > before.metres, "metres");
        more
    }
}

/// While a bad sign stands no exercise asks for more than the version before did, anywhere ahead. Stand-ins and what is
/// treated with care have figures of their own.
fn nothing_rises(
    previous: &Plan,
    next: &Plan,
    since: &Since<'_>,
    profile: &Profile,
    request: &PlanRequest,
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let counted = |item: &&Item| {
        catalogue.get(&item.ex).is_some_and(counts) && !item.why.iter().any(|why| why.rule() == Some(Rule::R5))
    };
    let most = |plan: &Plan, open: &dyn Fn(&Session) -> bool| {
        let mut all: BTreeMap<ExerciseId, Most> = BTreeMap::new();
        let items = sessions(plan).filter(|session| open(session)).flat_map(items).filter(counted);
        items.for_each(|item| all.entry(item.ex.clone()).or_default().add(item));
        all
    };
    let mut before = most(previous, &|_| true);
    for (exercise, load) in lifted(since.log) {
        let most = before.entry(exercise).or_default();
        most.kg = most.kg.max(Some(load));
    }
    let rises: Vec<(ExerciseId, Vec<&str>)> = most(next, &|session| !since.settles(session))
        .into_iter()
        .filter_map(|(exercise, now)| {
            let more = now.rises_above(before.get(&exercise)?);
            (!more.is_empty()).then_some((exercise, more))
        })
        .collect();
    if rises.is_empty() {
        return Vec::new();
    }
    let input = AdaptInput { plan: previous, profile, request: request.clone(), log: since.log, on: since.today };
    let deloaded = next.adapted.as_ref().and_then(|adapted| adapted.deloaded).map(|day| day.0);
    let signs = standing(&Ground::new(&input, catalogue, true), deloaded);
    let Some(sign) = signs.first() else { return Vec::new() };
    let words = |(exercise, more): (ExerciseId, Vec<&str>)| {
        finding(exercise.as_str(), format!("no rise while this stands: {sign}"), format!("more: {}", more.join(", ")))
    };
    rises.into_iter().map(words).collect()
}

/// After days away a week holds no more than a share of what was done before, and the weeks behind it little more each; so do
/// its bouts, which are measured by the longest that was done and not by what was planned.
fn returns_gently(
    previous: &Plan,
    next: &Plan,
    since: &Since<'_>,
    request: &PlanRequest,
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let Some(absence) = Absence::of(previous, since.log, since.today, catalogue) else { return Vec::new() };
    let settled = |session: &Session| since.settles(session);
    let mut found = Vec::new();
    for (at, week) in next.weeks.iter().enumerate() {
        let Some(weeks) = absence.weeks_after(monday_of(request, at)) else { continue };
        found.extend(long_bouts(at, week, since, &absence, weeks, catalogue));
        let Some(most) = absence.most_sets(weeks).filter(|_| is_loading(week)) else { continue };
        let open = |id: &str, _| week.sessions.iter().any(|session| session.id == id && !settled(session));
        let got = strength_sets(week, catalogue, open);
        if got > most {
            let want = format!("at most {most} sets after {} days away", absence.days());
            found.push(finding(&format!("weeks[{at}]"), want, format!("{got} sets")));
        }
    }
    found
}

/// The easy bouts of a week that are longer than a return allows.
fn long_bouts(
    at: usize,
    week: &Week,
    since: &Since<'_>,
    absence: &Absence,
    weeks_after: u32,
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (s, session) in week.sessions.iter().enumerate().filter(|(_, session)| !since.settles(session)) {
        for (b, block) in session.blocks.iter().enumerate() {
            for (i, item) in block.items.iter().enumerate() {
                let exercise = catalogue.get(&item.ex).filter(|exercise| exercise.pattern == Pattern::Conditioning);
                let Some(exercise) = exercise else { continue };
                let most = absence.most_bout_s(exercise.impact >= Impact::Moderate, weeks_after);
                let easy = item.sets.iter().filter(|sets| sets.n > 0 && sets.rpe.is_none_or(|rpe| rpe < HARD_RPE));
                let got = easy.filter_map(|sets| sets.seconds).max().map_or(0, u32::from);
                if got > most {
                    let want = format!("at most {most} s in a bout after {} days away", absence.days());
                    let place = format!("weeks[{at}].sessions[{s}].blocks[{b}].items[{i}]");
                    found.push(finding(&place, want, format!("{got} s")));
                }
            }
        }
    }
    found
}

/// By exercise: the heaviest load of its newest workout.
fn lifted(log: &TrainingLog) -> BTreeMap<ExerciseId, Amount> {
    let mut lifted = BTreeMap::new();
    for item in log.workouts.iter().flat_map(|workout| &workout.items) {
        if let Some(load) = item.sets.iter().filter_map(|set| set.load_kg).max() {
            lifted.insert(item.exercise.clone(), load);
        }
    }
    lifted
}

fn heaviest(item: &Item) -> Option<Amount> {
    item.sets.iter().filter_map(|sets| sets.load_kg).max()
}

fn finding(place: &str, want: String, got: String) -> Finding {
    Finding { rule: Rule::R28, place: place.to_owned(), want, got, hard: true }
}

fn sessions(plan: &Plan) -> impl Iterator<Item = &Session> {
    plan.weeks.iter().flat_map(|week| &week.sessions)
}

fn items(session: &Session) -> impl Iterator<Item = &Item> {
    session.blocks.iter().flat_map(|block| &block.items)
}

/// Whether a finding is about what cannot change any more: a settled session, or a week of nothing else.
fn is_settled(plan: &Plan, finding: &Finding, since: &Since<'_>) -> bool {
    let Some(week) = index(&finding.place, "weeks").and_then(|week| plan.weeks.get(week)) else { return false };
    match index(&finding.place, "sessions") {
        Some(at) => week.sessions.get(at).is_some_and(|session| since.settles(session)),
        None => !week.sessions.is_empty() && week.sessions.iter().all(|session| since.settles(session)),
    }
}

/// The number behind a name in a finding's place: 2 for `blocks` in `weeks[0].sessions[1].blocks[2]`.
pub(crate) fn index(place: &str, name: &str) -> Option<usize> {
    let (_, rest) = place.split_once(&format!("{name}["))?;
    rest.split(']').next()?.parse().ok()
}
