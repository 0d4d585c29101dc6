//! The week that repeats: its days, and the exercises on each. How many sets they get is decided week by week.

use super::brief::Brief;
use super::choose::{Choice, Taken, fill};
use super::prescribe::Place;
use super::slots::{Slot, slots};
use super::split::TrainingDay;
use crate::engine::calendar::{days_apart, days_until};
use crate::engine::catalogue::{Mechanic, Pattern};
use crate::engine::plan::Focus;
use crate::engine::profile::{Proficiency, Purpose, RecoveryHabit};
use crate::engine::rule::Rule;

/// A day of the repeating week.
#[derive(Debug, Clone)]
pub struct DayTemplate<'a> {
    pub at: TrainingDay,
    pub items: Vec<Slotted<'a>>,
    /// Which items alternate: each list is one block, in order.
    pub groups: Vec<Vec<usize>>,
    /// Seconds kept free for conditioning and the cool-down.
    pub reserve_s: u32,
    /// Mobility exercises at the end.
    pub cool_down: usize,
}

/// An exercise on a day.
#[derive(Debug, Clone)]
pub struct Slotted<'a> {
    pub choice: Choice<'a>,
    pub place: Place,
    pub rank: u8,
}

/// Where in a session an exercise belongs (R13): power, compounds, isolation and trunk, conditioning.
pub const fn rank(pattern: Pattern, mechanic: Mechanic) -> u8 {
    match (pattern, mechanic) {
        (Pattern::JumpThrow, _) => 1,
        (Pattern::Conditioning, _) => 4,
        (Pattern::Mobility, _) => 5,
        (_, Mechanic::Compound) => 2,
        (_, Mechanic::Isolation) => 3,
    }
}

/// The week's days with their exercises.
pub fn build<'a>(brief: &Brief<'a>, week: &[TrainingDay]) -> Vec<DayTemplate<'a>> {
    let mut days = Vec::with_capacity(week.len());
    let mut taken = Taken::default();
    let mut jumped: Vec<TrainingDay> = Vec::new();
    for (turn, at) in week.iter().enumerate() {
        taken.today.clear();
        let mut items: Vec<Slotted<'a>> = Vec::new();
        for slot in day_slots(brief, at, &jumped) {
            if let Some(choice) = fill(brief, slot, turn as u64, &taken) {
                taken.today.insert(&choice.exercise.id);
                taken.week.insert(&choice.exercise.id);
                taken.note_load(choice.exercise);
                let rank = rank(choice.exercise.pattern, choice.exercise.mechanic);
                items.push(Slotted { choice, place: Place::default(), rank });
            }
        }
        if items.iter().any(|item| item.choice.exercise.contacts_per_rep > 0) {
            jumped.push(*at);
        }
        order(brief, &mut items);
        days.push(DayTemplate {
            at: *at,
            items,
            groups: Vec::new(),
            reserve_s: reserve_s(brief, at),
            cool_down: cool_down(brief, at),
        });
    }
    mark_long_rests(&mut days);
    days
}

/// As many slots as the minutes hold with two or three sets each.
fn day_slots(brief: &Brief<'_>, at: &TrainingDay, jumped: &[TrainingDay]) -> Vec<Slot> {
    // Long rests leave room for fewer exercises with more sets each.
    let rests_long = matches!(brief.profile.purpose, Purpose::SportPerformance | Purpose::MuscleBuilding)
        && brief.profile.proficiency != Proficiency::Beginner;
    let most = usize::from((at.room_min / if rests_long { 9 } else { 7 }).clamp(2, 9));
    let mut chosen: Vec<Slot> = slots(at.focus, at.variant).iter().copied().take(most).collect();
    let fast = brief.profile.purpose == Purpose::SportPerformance && !brief.youth && !brief.gentle;
    if fast && !chosen.is_empty() && at.room_min >= 30 {
        let rested = jumped.iter().all(|other| days_apart(other.day, at.day) >= 2) || !brief.heeds(Rule::R20);
        chosen.insert(0, if rested { Slot::Power } else { Slot::Throw });
    }
    chosen
}

/// By rank, so that R13 holds whatever filled the slots; without R13 the other way round.
fn order(brief: &Brief<'_>, items: &mut [Slotted<'_>]) {
    items.sort_by_key(|item| item.rank);
    if let Some(first) = items.iter_mut().find(|item| item.rank == 2) {
        first.place.first = true;
    }
    if !brief.heeds(Rule::R13) {
        items.reverse();
    }
}

fn reserve_s(brief: &Brief<'_>, at: &TrainingDay) -> u32 {
    let share = match brief.profile.purpose {
        _ if matches!(at.focus, Focus::Conditioning | Focus::Recovery) => 0,
        Purpose::WeightLoss => 35,
        Purpose::GeneralFitness | Purpose::Rehabilitation => 20,
        Purpose::SportPerformance | Purpose::BodyRecomposition => 15,
        Purpose::MuscleBuilding => 0,
    };
    let room_s = u32::from(at.room_min).saturating_sub(5) * 60;
    let conditioning = room_s * share / 100;
    let conditioning = if conditioning < 300 { 0 } else { conditioning / 60 * 60 + 45 };
    let stretching = u32::try_from(cool_down(brief, at)).unwrap_or(0) * COOL_DOWN_S;
    conditioning + stretching
}

/// Seconds of one mobility exercise with its change.
pub const COOL_DOWN_S: u32 = 60 + 45;

fn cool_down(brief: &Brief<'_>, at: &TrainingDay) -> usize {
    let stretches = brief.profile.recovery_habits.contains(&RecoveryHabit::Stretching);
    match (at.focus, at.room_min) {
        (Focus::Recovery, 40..) => 5,
        (Focus::Conditioning | Focus::Recovery, 25..) => 3,
        (Focus::Conditioning | Focus::Recovery, _) => 2,
        (_, 75..) if stretches => 3,
        (_, 50..) => 1 + usize::from(stretches),
        (_, 40..) => 1,
        _ => 0,
    }
}

/// Marks the exercises whose muscles are left alone for 72 hours afterwards.
fn mark_long_rests(days: &mut [DayTemplate<'_>]) {
    let trained: Vec<(crate::engine::profile::Day, Vec<crate::engine::catalogue::Muscle>)> = days
        .iter()
        .map(|day| (day.at.day, day.items.iter().flat_map(|item| item.choice.exercise.primary.clone()).collect()))
        .collect();
    for day in days.iter_mut() {
        let here = day.at.day;
        for item in &mut day.items {
            let rested = |muscle| {
                let again = trained.iter().filter(|(_, muscles)| muscles.contains(muscle));
                again.map(|(day, _)| days_until(here, *day)).all(|days| days >= 3)
            };
            item.place.long_rest = item.choice.exercise.primary.iter().all(rested);
        }
    }
}

/// Lets exercises of equal rank that share no main muscle alternate, two by two. Heavy lifts stay alone.
pub fn pair(brief: &Brief<'_>, day: &mut DayTemplate<'_>) {
    day.groups.clear();
    let mut open: Vec<usize> = (0..day.items.len()).collect();
    while let Some(first) = open.first().copied() {
        open.remove(0);
        let mut group = vec![first];
        let partner = open.iter().position(|other| may_alternate(brief, &day.items[first], &day.items[*other]));
        if let Some(place) = partner {
            group.push(open.remove(place));
        }
        for member in group.iter().filter(|_| group.len() > 1) {
            day.items[*member].place.paired = true;
        }
        day.groups.push(group);
    }
}

fn may_alternate(brief: &Brief<'_>, a: &Slotted<'_>, b: &Slotted<'_>) -> bool {
    let heavy = |item: &Slotted<'_>| super::prescribe::is_heavy(brief, item.choice.exercise, item.place);
    let shares = a.choice.exercise.primary.iter().any(|muscle| b.choice.exercise.primary.contains(muscle));
    a.rank == b.rank && a.rank != 1 && !heavy(a) && !heavy(b) && !shares
}

/// Every exercise for itself.
pub fn unpair(day: &mut DayTemplate<'_>) {
    day.groups = (0..day.items.len()).map(|item| vec![item]).collect();
    day.items.iter_mut().for_each(|item| item.place.paired = false);
}
