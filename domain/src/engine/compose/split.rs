//! Which days train what: strength days far enough apart for the muscles they share, easy days around them.

use super::brief::Brief;
use crate::engine::calendar::days_apart;
use crate::engine::limits::strength_days;
use crate::engine::plan::Focus;
use crate::engine::profile::{Day, Purpose};
use crate::engine::room::{free_days, most_sessions};
use crate::engine::rule::Rule;

/// A day of the week's pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingDay {
    pub day: Day,
    pub room_min: u16,
    pub focus: Focus,
    /// How many days of the same focus come before it in the week.
    pub variant: u8,
}

const PUSH: u8 = 1;
const PULL: u8 = 2;
const LEGS: u8 = 4;
/// The strength foci, the simplest first.
const FOCI: [Focus; 5] = [Focus::FullBody, Focus::Upper, Focus::Lower, Focus::Push, Focus::Pull];

/// The regions of the body that a focus works hard.
const fn regions(focus: Focus) -> u8 {
    match focus {
        Focus::FullBody => PUSH | PULL | LEGS,
        Focus::Upper => PUSH | PULL,
        Focus::Lower => LEGS,
        Focus::Push => PUSH,
        Focus::Pull => PULL,
        Focus::Conditioning | Focus::Recovery => 0,
    }
}

/// The week's pattern, Monday first; empty when no day is free.
pub fn week(brief: &Brief<'_>) -> Vec<TrainingDay> {
    let free: Vec<(Day, u16)> = if brief.heeds(Rule::R2) {
        free_days(brief.profile)
    } else {
        Day::ALL.iter().map(|day| (*day, brief.profile.minutes_per_session)).collect()
    };
    let sessions = if brief.heeds(Rule::R2) { most_sessions(brief.profile) } else { free.len() };
    let strength = strength_days(brief.profile).min(sessions);
    let mut best: Option<(i32, Vec<TrainingDay>)> = None;
    // Sometimes fewer days train everything twice where more leave no rest: Monday and Wednesday, but not Tuesday.
    for count in (1..=strength).rev() {
        for chosen in (0u8..1 << free.len()).filter(|mask| mask.count_ones() as usize == count) {
            let days: Vec<(Day, u16)> = (0..free.len()).filter(|n| chosen >> n & 1 == 1).map(|n| free[n]).collect();
            if let Some((points, plan)) = best_foci(brief, &days)
                && best.as_ref().is_none_or(|(most, _)| points > *most)
            {
                best = Some((points, plan));
            }
        }
    }
    let mut week = best.map(|(_, plan)| plan).unwrap_or_default();
    add_easy_days(brief, &mut week, &free, sessions);
    number_variants(&mut week);
    week
}

/// The best foci for these strength days, with their points; `None` when no assignment leaves enough rest.
fn best_foci(brief: &Brief<'_>, days: &[(Day, u16)]) -> Option<(i32, Vec<TrainingDay>)> {
    let mut best = None;
    assign(brief, days, &mut Vec::with_capacity(days.len()), &mut best);
    best
}

fn assign(
    brief: &Brief<'_>,
    days: &[(Day, u16)],
    chosen: &mut Vec<TrainingDay>,
    best: &mut Option<(i32, Vec<TrainingDay>)>,
) {
    let Some((day, room_min)) = days.get(chosen.len()).copied() else {
        let points = points(brief, chosen);
        if best.as_ref().is_none_or(|(most, _)| points > *most) {
            *best = Some((points, chosen.clone()));
        }
        return;
    };
    for focus in FOCI {
        if chosen.iter().all(|other| rests_enough(brief, other, day, focus)) {
            chosen.push(TrainingDay { day, room_min, focus, variant: 0 });
            assign(brief, days, chosen, best);
            chosen.pop();
        }
    }
}

fn rests_enough(brief: &Brief<'_>, other: &TrainingDay, day: Day, focus: Focus) -> bool {
    let shared = regions(other.focus) & regions(focus) != 0 || brief.youth;
    !shared || days_apart(other.day, day) >= 2 || !brief.heeds(Rule::R6)
}

/// Frequency first (R12), then simple sessions, room and even spacing.
fn points(brief: &Brief<'_>, week: &[TrainingDay]) -> i32 {
    let times = |region| week.iter().filter(|day| regions(day.focus) & region != 0).count();
    let frequency: i32 = [PUSH, PULL, LEGS]
        .iter()
        .map(|region| match times(*region) {
            0 => -200,
            1 => 60,
            2 | 3 => 120,
            _ => 115,
        })
        .sum();
    // Whole-body days suit few sessions; splits suit many and those who build muscle.
    let split_lover = matches!(brief.profile.purpose, Purpose::MuscleBuilding | Purpose::BodyRecomposition);
    let style: i32 = week
        .iter()
        .map(|day| match day.focus {
            Focus::FullBody if split_lover && week.len() > 3 => 0,
            Focus::FullBody => 12,
            Focus::Upper | Focus::Lower => 8,
            _ if split_lover => 7,
            _ => 3,
        })
        .sum();
    let spacing: i32 = week
        .iter()
        .flat_map(|a| week.iter().filter(|b| b.day > a.day).map(|b| days_apart(a.day, b.day)))
        .map(|apart| i32::from(apart.min(3)))
        .sum();
    let room: i32 = week.iter().map(|day| i32::from(day.room_min)).sum();
    // Another day is worth less than training something twice and more than any comfort.
    let days = i32::try_from(week.len()).unwrap_or(0);
    frequency * 100 + days * 1_000 + style * 20 + spacing * 10 + room / 4
}

/// Days beyond the strength days stay easy, so that at least one day a week is not hard.
fn add_easy_days(brief: &Brief<'_>, week: &mut Vec<TrainingDay>, free: &[(Day, u16)], sessions: usize) {
    let focus = match brief.profile.purpose {
        Purpose::MuscleBuilding | Purpose::Rehabilitation => Focus::Recovery,
        _ => Focus::Conditioning,
    };
    while week.len() < sessions {
        let open = free.iter().filter(|(day, _)| week.iter().all(|taken| taken.day != *day));
        let roomiest = open.max_by_key(|(day, room)| {
            let gap = week.iter().map(|taken| days_apart(taken.day, *day)).min().unwrap_or(7);
            (*room, gap, std::cmp::Reverse(*day))
        });
        let Some((day, room_min)) = roomiest.copied() else { break };
        week.push(TrainingDay { day, room_min, focus, variant: 0 });
    }
    week.sort_unstable_by_key(|day| day.day);
}

fn number_variants(week: &mut [TrainingDay]) {
    for n in 0..week.len() {
        let same = week[..n].iter().filter(|day| day.focus == week[n].focus).count();
        week[n].variant = u8::try_from(same).unwrap_or(0);
    }
}
