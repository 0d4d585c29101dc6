//! Brings a changed plan back within the rules by taking sets or minutes away, or by adding a set where a lighter week has
//! become too light. Bounded, and pure: the same plan is mended the same way.

use super::draft::{Ground, tidy};
use crate::engine::catalogue::{Eccentric, ExerciseId, Muscle, Pattern};
use crate::engine::limits::{BOUT_KEPT_PCT, HARD_RPE};
use crate::engine::plan::{Item, Plan, Session};
use crate::engine::rule::Rule;
use crate::engine::rules::{Finding, index};

/// Steps before a plan counts as beyond mending.
const STEPS: usize = 160;
/// No set is added to an exercise that has this many.
const MOST_SETS: u8 = 5;
/// A bout that would get shorter than this is left out.
const SHORTEST_S: u16 = 300;

/// Mends a plan; the findings that are left are beyond it. Tells whether anything was changed.
pub fn repair(ground: &Ground<'_>, plan: &mut Plan) -> (Vec<Finding>, bool) {
    let mut mended = false;
    tidy(ground, plan);
    for _ in 0..STEPS {
        let found = ground.judge(plan);
        if found.is_empty() {
            return (found, mended);
        }
        if !found.iter().any(|finding| mend(ground, plan, finding)) {
            return (found, mended);
        }
        mended = true;
        tidy(ground, plan);
    }
    (ground.judge(plan), mended)
}

/// One step against one finding; false when there is none.
fn mend(ground: &Ground<'_>, plan: &mut Plan, finding: &Finding) -> bool {
    let Some(week) = index(&finding.place, "weeks") else { return false };
    let session = index(&finding.place, "sessions");
    let mut open = Open { ground, plan, week, session };
    let muscle = muscle_in(&finding.got);
    match finding.rule {
        Rule::R6 | Rule::R7b | Rule::R8 => {
            muscle.is_some_and(|muscle| open.take_set(|item| trains(ground, item, muscle)))
        }
        Rule::R15 => match muscle {
            Some(muscle) => open.take_set(|item| trains(ground, item, muscle)),
            None => open.shorten(&finding.place, number(&finding.want)),
        },
        Rule::R16 | Rule::R18 if finding.want.contains('%') => {
            let (got, all, low) = (number(&finding.got), last_number(&finding.want), number(&finding.want));
            if got * 100 < all * low { open.add_set() } else { open.take_set(|_| true) }
        }
        Rule::R17 if muscle.is_some() => {
            muscle.is_some_and(|muscle| open.take_set(|item| trains(ground, item, muscle)))
        }
        Rule::R29 => open.match_bouts(&finding.want, number(&finding.got)),
        Rule::R30 => open.dose(&finding.place, &finding.want),
        Rule::R31 => open.drop_at(&finding.place),
        Rule::R19 => open.ease_hard_work(),
        Rule::R28 if finding.want.contains("in a bout") => open.shorten(&finding.place, number(&finding.want)),
        Rule::R28 => open.take_set(|_| true),
        Rule::R20 => open.drop(|item| {
            ground
                .exercise(&item.ex)
                .is_some_and(|exercise| exercise.pattern == Pattern::JumpThrow && exercise.contacts_per_rep > 0)
        }),
        Rule::R22 => open.save_minutes(),
        Rule::R1 | Rule::R3 | Rule::R4 | Rule::R5 | Rule::R9 | Rule::R11 | Rule::R13 | Rule::R18 | Rule::R23 => {
            open.drop_at(&finding.place)
        }
        Rule::R10 => open.at(&finding.place, |item| {
            item.sets.retain(|sets| !sets.ramp);
            let loaded = item.sets.iter().any(|sets| sets.pct1rm.is_some());
            item.sets.iter_mut().for_each(|sets| sets.pct1rm = None);
            loaded
        }),
        _ => false,
    }
}

fn trains(ground: &Ground<'_>, item: &Item, muscle: Muscle) -> bool {
    ground
        .exercise(&item.ex)
        .is_some_and(|exercise| exercise.primary.contains(&muscle) || exercise.secondary.contains(&muscle))
}

/// The muscle that a finding names, first or last.
fn muscle_in(text: &str) -> Option<Muscle> {
    let named = |word: &str| Muscle::ALL.iter().copied().find(|muscle| muscle.as_str() == word);
    text.split(' ').next().and_then(named).or_else(|| text.rsplit(' ').next().and_then(named))
}

fn number(text: &str) -> u32 {
    text.split(|c: char| !c.is_ascii_digit()).find_map(|part| part.parse().ok()).unwrap_or(0)
}

fn second_number(text: &str) -> u32 {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).nth(1).unwrap_or(0)
}

fn last_number(text: &str) -> u32 {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).next_back().unwrap_or(0)
}

/// What of a plan may still change, where a finding points.
struct Open<'p, 'a> {
    ground: &'p Ground<'a>,
    plan: &'p mut Plan,
    week: usize,
    session: Option<usize>,
}

impl Open<'_, '_> {
    fn sessions(&mut self) -> impl Iterator<Item = &mut Session> {
        let (ground, only) = (self.ground, self.session);
        let sessions =
            self.plan.weeks.get_mut(self.week).into_iter().flat_map(|week| week.sessions.iter_mut().enumerate());
        sessions
            .filter(move |(at, session)| only.is_none_or(|only| only == *at) && !ground.is_settled(session))
            .map(|(_, session)| session)
    }

    fn items(&mut self) -> impl Iterator<Item = &mut Item> {
        self.sessions().flat_map(|session| &mut session.blocks).flat_map(|block| &mut block.items)
    }

    /// A set less of the strength item that has most, the last one of equals.
    fn take_set(&mut self, wanted: impl Fn(&Item) -> bool) -> bool {
        let ground = self.ground;
        let fullest = self
            .items()
            .filter(|item| ground.is_strength(item) && wanted(item))
            .filter_map(|item| item.sets.iter_mut().filter(|sets| !sets.ramp && sets.n > 0).max_by_key(|sets| sets.n));
        let Some(sets) = fullest.max_by_key(|sets| sets.n) else { return false };
        sets.n -= 1;
        true
    }

    /// A set more of the strength item that has least.
    fn add_set(&mut self) -> bool {
        let ground = self.ground;
        let sets = self.items().filter(|item| ground.is_strength(item)).filter_map(|item| {
            item.sets.iter_mut().filter(|sets| !sets.ramp && sets.n < MOST_SETS).min_by_key(|sets| sets.n)
        });
        let Some(sets) = sets.min_by_key(|sets| sets.n) else { return false };
        sets.n += 1;
        true
    }

    /// A round less of hard intervals, the longest first.
    fn ease_hard_work(&mut self) -> bool {
        let hard = self
            .items()
            .flat_map(|item| &mut item.sets)
            .filter(|sets| sets.n > 0 && sets.rpe.is_some_and(|rpe| rpe >= 7));
        let Some(sets) = hard.max_by_key(|sets| sets.n) else { return false };
        sets.n -= 1;
        true
    }

    /// A minute less of the longest bout; where there is none, a set less; at last an item less.
    fn save_minutes(&mut self) -> bool {
        let bouts =
            self.items().flat_map(|item| &mut item.sets).filter(|sets| sets.seconds.is_some_and(|s| s > SHORTEST_S));
        if let Some(sets) = bouts.max_by_key(|sets| sets.seconds) {
            sets.seconds = sets.seconds.map(|seconds| seconds - 60);
            return true;
        }
        if self.take_set(|_| true) {
            return true;
        }
        let Some(item) = self.items().filter(|item| !item.sets.is_empty()).last() else { return false };
        item.sets.clear();
        true
    }

    /// A bout cut to so many seconds, or left out when that is not worth changing for.
    fn shorten(&mut self, place: &str, most: u32) -> bool {
        let most = u16::try_from(most / 30 * 30).unwrap_or(u16::MAX);
        self.at(place, |item| {
            let long = item.sets.iter().any(|sets| sets.seconds.is_some_and(|seconds| seconds > most));
            item.sets.retain(|sets| most >= SHORTEST_S || sets.rpe.is_none_or(|rpe| rpe >= 7));
            item.sets.iter_mut().for_each(|sets| sets.seconds = sets.seconds.map(|seconds| seconds.min(most)));
            long
        })
    }

    /// The earlier loading week shortened to what a later one can follow: less now is better than less later. Where that week
    /// is settled, the later one is lengthened instead.
    fn match_bouts(&mut self, want: &str, now: u32) -> bool {
        let Some(before) = last_number(want).checked_sub(1).and_then(|at| usize::try_from(at).ok()) else {
            return false;
        };
        let longest = want.contains("longest");
        let most = u16::try_from(now * 100 / BOUT_KEPT_PCT).unwrap_or(u16::MAX);
        let later = self.week;
        self.week = before;
        let bout = self
            .items()
            .filter(|item| item.sets.iter().any(|sets| sets.rpe.is_some()))
            .flat_map(|item| &mut item.sets)
            .filter(|sets| sets.n > 0 && sets.rpe.is_some() && sets.seconds.is_some())
            .max_by_key(|sets| (sets.seconds, sets.n));
        let Some(sets) = bout else {
            self.week = later;
            return self.lengthen();
        };
        let seconds = sets.seconds.unwrap_or(0);
        let shorter = if longest { most.min(seconds) } else { seconds.saturating_sub(30) };
        if shorter < SHORTEST_S {
            sets.n -= 1;
        } else {
            sets.seconds = Some(shorter / 30 * 30);
        }
        true
    }

    /// Half a minute more of the week's longest easy bout; false where every session of the week is settled.
    fn lengthen(&mut self) -> bool {
        let easy =
            self.items().flat_map(|item| &mut item.sets).filter(|sets| sets.rpe.is_some_and(|rpe| rpe < HARD_RPE));
        let Some(sets) = easy.filter(|sets| sets.seconds.is_some()).max_by_key(|sets| sets.seconds) else {
            return false;
        };
        sets.seconds = sets.seconds.map(|seconds| seconds.saturating_add(30));
        true
    }

    /// The sets and repetitions of a hard eccentric brought down to what a finding allows, or no such alternative.
    fn dose(&mut self, place: &str, want: &str) -> bool {
        let catalogue = self.ground.catalogue;
        let is_hard = |id: &ExerciseId| catalogue.get(id).is_some_and(|other| other.eccentric == Eccentric::High);
        let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let (most_sets, reps) = (small(number(want)), small(second_number(want)));
        self.at(place, |item| {
            if !is_hard(&item.ex) {
                let all = item.alts.len();
                item.alts.retain(|alt| !is_hard(alt));
                return item.alts.len() < all;
            }
            let before = item.sets.clone();
            let mut left = most_sets;
            for sets in &mut item.sets {
                sets.reps = sets.reps.map(|[low, high]| [low.min(reps.saturating_sub(1)), high.min(reps)]);
                sets.n = sets.n.min(left);
                left -= sets.n;
            }
            // Nothing to bring down: an earlier session of the week has the sets already.
            if item.sets == before {
                item.sets.clear();
            }
            true
        })
    }

    fn drop(&mut self, unwanted: impl Fn(&Item) -> bool) -> bool {
        let mut dropped = false;
        for item in self.items().filter(|item| !item.sets.is_empty() && unwanted(item)) {
            item.sets.clear();
            dropped = true;
        }
        dropped
    }

    fn drop_at(&mut self, place: &str) -> bool {
        self.at(place, |item| {
            let there = !item.sets.is_empty();
            item.sets.clear();
            there
        })
    }

    fn at(&mut self, place: &str, change: impl FnOnce(&mut Item) -> bool) -> bool {
        let (Some(block), Some(at)) = (index(place, "blocks"), index(place, "items")) else { return false };
        let session = self.sessions().next();
        let item = session.and_then(|session| session.blocks.get_mut(block)).and_then(|block| block.items.get_mut(at));
        item.is_some_and(change)
    }
}
