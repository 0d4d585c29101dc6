//! How many sets every exercise of the week gets at most: the scarcest muscle first, within time, volume and rest.

use std::ops::Range;

use super::balance::{level, sides};
use super::brief::Brief;
use super::phases::WeekPlan;
use super::prescribe::{is_heavy, one_set, ramp};
use super::template::DayTemplate;
use crate::engine::calendar::days_apart;
use crate::engine::catalogue::{Muscle, Pattern};
use crate::engine::limits::{
    HARD_SETS, MOST_ECCENTRIC, MOST_SESSION_SETS, MOST_WEEKLY_SETS, TRACKED, most_contacts, season_sets, weekly_sets,
};
use crate::engine::minutes::{CHANGE_S, WARM_UP_S, straight_s, work_s};
use crate::engine::profile::{Proficiency, Purpose};
use crate::engine::rule::Rule;
use crate::engine::tally::{Side, Tally, counts, is_balanced, side};

/// Sets by day and item, in the template's order.
pub type SetCounts = Vec<Vec<u8>>;

/// The slots that lead a session and come before anything else gets time.
const LEADING: usize = 4;

/// Seconds that an item costs.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    work_s: u32,
    rest_s: u32,
    ramp_s: u32,
}

/// A week being filled.
struct Filling<'b, 'a> {
    brief: &'b Brief<'a>,
    days: &'b [DayTemplate<'a>],
    costs: Vec<Vec<Cost>>,
    sets: SetCounts,
    by_day: Vec<Tally>,
    all: Tally,
    most_halves: u16,
    goal_halves: u16,
}

/// The most sets of a week of this phase.
pub fn caps(brief: &Brief<'_>, days: &[DayTemplate<'_>], week: &WeekPlan) -> SetCounts {
    let mut filling = Filling::new(brief, days, week);
    filling.give_some(0..LEADING);
    filling.give_main_lifts_a_third();
    filling.give_some(LEADING..usize::MAX);
    filling.give_the_scarcest_more();
    level(days, &mut filling.sets);
    filling.sets
}

/// How many halves of sets the tracked muscles lack to the purpose's least, all together.
pub fn shortfall(brief: &Brief<'_>, days: &[DayTemplate<'_>], sets: &SetCounts) -> u32 {
    let least = season_sets(brief.profile).0 * 2;
    let all = tally(days, sets);
    TRACKED.iter().map(|muscle| u32::from(least.saturating_sub(all.halves(*muscle)))).sum()
}

/// Sets by muscle.
pub fn tally(days: &[DayTemplate<'_>], sets: &SetCounts) -> Tally {
    let mut all = Tally::default();
    for (day, counts) in days.iter().zip(sets) {
        for (item, n) in day.items.iter().zip(counts) {
            all.add(item.choice.exercise, u16::from(*n));
        }
    }
    all
}

impl<'b, 'a> Filling<'b, 'a> {
    fn new(brief: &'b Brief<'a>, days: &'b [DayTemplate<'a>], week: &WeekPlan) -> Self {
        let (low, high) = if brief.heeds(Rule::R17) { season_sets(brief.profile) } else { weekly_sets(brief.profile) };
        let cost = |day: &DayTemplate<'a>| {
            day.items
                .iter()
                .map(|item| {
                    let set = one_set(brief, item.choice.exercise, item.place, week);
                    Cost { work_s: work_s(&set), rest_s: u32::from(set.rest_s), ramp_s: straight_s(&ramp(&set)) }
                })
                .collect()
        };
        let most = if brief.heeds(Rule::R7b) { high.min(MOST_WEEKLY_SETS) } else { 60 };
        Self {
            brief,
            days,
            costs: days.iter().map(cost).collect(),
            sets: days.iter().map(|day| vec![0; day.items.len()]).collect(),
            by_day: vec![Tally::default(); days.len()],
            all: Tally::default(),
            most_halves: most * 2,
            goal_halves: if brief.heeds(Rule::R7b) { (low + 2 * high).div_ceil(3) * 2 } else { most * 2 },
        }
    }

    /// Two sets for each of these slots in turn, the first slots of all days before the second ones.
    fn give_some(&mut self, slots: Range<usize>) {
        let longest = self.days.iter().map(|day| day.items.len()).max().unwrap_or(0);
        for item in slots.start..slots.end.min(longest) {
            for day in 0..self.days.len() {
                let wanted = match self.days[day].items.get(item) {
                    Some(slotted) if slotted.rank == 1 => 3,
                    Some(_) => 2,
                    None => continue,
                };
                let _ = (1..=wanted).rev().any(|n| self.add(day, item, n));
            }
        }
    }

    /// A third set for the two compounds that lead each session: what matters most is not done by halves.
    fn give_main_lifts_a_third(&mut self) {
        for day in 0..self.days.len() {
            let items = &self.days[day].items;
            let compounds: Vec<usize> = (0..items.len()).filter(|item| items[*item].rank == 2).take(2).collect();
            for item in compounds.into_iter().filter(|item| self.sets[day][*item] == 2).collect::<Vec<_>>() {
                let _ = self.add(day, item, 1);
            }
        }
    }

    /// One more set at a time for the muscle that lacks most, as long as anything may be added.
    fn give_the_scarcest_more(&mut self) {
        let mut full = [false; Muscle::ALL.len()];
        loop {
            let lacking = TRACKED
                .iter()
                .filter(|muscle| !full[**muscle as usize] && self.all.halves(**muscle) < self.goal_halves)
                .min_by_key(|muscle| self.all.halves(**muscle));
            let Some(muscle) = lacking.copied() else { return };
            if !self.give(muscle) {
                full[muscle as usize] = true;
            }
        }
    }

    fn give(&mut self, muscle: Muscle) -> bool {
        let mut candidates: Vec<(u8, usize, usize)> = Vec::new();
        for (day, template) in self.days.iter().enumerate() {
            for (item, slotted) in template.items.iter().enumerate() {
                if self.sets[day][item] > 0 && slotted.choice.exercise.primary.contains(&muscle) {
                    candidates.push((self.sets[day][item], item, day));
                }
            }
        }
        candidates.sort_unstable();
        candidates.into_iter().any(|(_, item, day)| self.keeps_balance(day, item) && self.add(day, item, 1))
    }

    /// Whether one more set leaves pushes and pulls in proportion, or brings them closer to it.
    fn keeps_balance(&self, day: usize, item: usize) -> bool {
        let (push, pull) = sides(self.days, &self.sets);
        match side(self.days[day].items[item].choice.exercise) {
            Some(Side::Push) => push < pull || is_balanced(push + 1, pull),
            Some(Side::Pull) => pull < push || is_balanced(push, pull + 1),
            None => true,
        }
    }

    fn add(&mut self, day: usize, item: usize, n: u8) -> bool {
        let exercise = self.days[day].items[item].choice.exercise;
        let before = self.sets[day][item];
        if before + n > self.most_of(day, item) {
            return false;
        }
        self.by_day[day].add(exercise, u16::from(n));
        self.all.add(exercise, u16::from(n));
        self.sets[day][item] = before + n;
        if self.holds(day, item) {
            return true;
        }
        self.by_day[day].remove(exercise, u16::from(n));
        self.all.remove(exercise, u16::from(n));
        self.sets[day][item] = before;
        false
    }

    fn most_of(&self, day: usize, item: usize) -> u8 {
        let slotted = &self.days[day].items[item];
        let builder = self.brief.profile.purpose == Purpose::MuscleBuilding;
        match (slotted.rank, slotted.choice.exercise.pattern) {
            _ if self.brief.is_dosed(slotted.choice.exercise) => MOST_ECCENTRIC.0,
            (1, _) => 4,
            (_, Pattern::Core | Pattern::Carry) => 3,
            _ if is_heavy(self.brief, slotted.choice.exercise, slotted.place) => 5,
            _ if builder && self.brief.profile.proficiency == Proficiency::Advanced => 5,
            _ => 4,
        }
    }

    fn holds(&self, day: usize, item: usize) -> bool {
        let exercise = self.days[day].items[item].choice.exercise;
        let brief = self.brief;
        let fits = self.seconds(day) <= u32::from(self.days[day].at.room_min) * 60 || !brief.heeds(Rule::R22);
        let contacts = u32::from(self.sets[day][item]) * 5 * u32::from(exercise.contacts_per_rep)
            <= most_contacts(brief.profile.proficiency);
        if !fits || !contacts {
            return false;
        }
        if !counts(exercise) {
            return true;
        }
        let mut touched = exercise.primary.iter().chain(&exercise.secondary);
        let within_week = touched.all(|muscle| self.all.halves(*muscle) <= self.most_halves);
        let within_day = exercise.primary.iter().all(|muscle| self.by_day[day].direct(*muscle) <= MOST_SESSION_SETS);
        let rested = exercise.primary.iter().all(|muscle| self.rests(day, *muscle));
        within_week && (within_day || !brief.heeds(Rule::R8)) && (rested || !brief.heeds(Rule::R6))
    }

    /// Whether the muscle, if it now works hard on this day, works hard on no neighbouring day.
    fn rests(&self, day: usize, muscle: Muscle) -> bool {
        let hard = |day: usize| self.by_day[day].direct(muscle) >= HARD_SETS;
        let near = |other: usize| other != day && days_apart(self.days[day].at.day, self.days[other].at.day) < 2;
        !hard(day) || !(0..self.days.len()).any(|other| near(other) && hard(other))
    }

    fn seconds(&self, day: usize) -> u32 {
        let template = &self.days[day];
        let groups = template.groups.iter().map(|group| self.group_seconds(day, group)).sum::<u32>();
        WARM_UP_S + template.reserve_s + groups
    }

    fn group_seconds(&self, day: usize, group: &[usize]) -> u32 {
        let used = || group.iter().map(|item| (self.sets[day][*item], self.costs[day][*item])).filter(|(n, _)| *n > 0);
        let rounds = used().map(|(n, _)| n).max().unwrap_or(0);
        let alternating: u32 = (0..rounds)
            .map(|round| {
                let now = || used().filter(|(n, _)| *n > round).map(|(_, cost)| cost);
                now().map(|cost| cost.work_s).sum::<u32>() + now().map(|cost| cost.rest_s).max().unwrap_or(0)
            })
            .sum();
        alternating + used().map(|(_, cost)| cost.ramp_s + CHANGE_S).sum::<u32>()
    }
}
