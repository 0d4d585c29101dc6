//! How an exercise is done: repetitions, reserve, load and rest by purpose, level and phase.

use super::brief::Brief;
use super::phases::WeekPlan;
use crate::engine::catalogue::{Exercise, Measure, Mechanic, Pattern};
use crate::engine::limits::{MOST_ECCENTRIC, least_rir};
use crate::engine::load::{heaviest_pct, percent_for};
use crate::engine::plan::{Phase, Progress, ProgressRule, Sets};
use crate::engine::profile::{Proficiency, Purpose};
use crate::engine::rule::Rule;
use crate::engine::safety::may_go_heavy;
use crate::engine::zone::Zone;

/// Loads from here on are ramped up to (R23).
pub const RAMP_FROM_PCT: u8 = 80;

/// What an exercise's place in the week adds to its prescription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The session's first compound.
    pub first: bool,
    /// Alternates with another.
    pub paired: bool,
    /// At least 72 hours until its muscles work hard again.
    pub long_rest: bool,
}

/// One set of an exercise in a week; `n` is 1.
pub fn one_set(brief: &Brief<'_>, exercise: &Exercise, place: Place, week: &WeekPlan) -> Sets {
    match (exercise.pattern, exercise.measure) {
        (Pattern::JumpThrow, Measure::Reps) => power(brief, exercise),
        (Pattern::JumpThrow, _) => timed(Some(10), None, 60),
        (_, Measure::Seconds) => timed(Some(hold_s(brief)), None, rest(brief, 45)),
        (_, Measure::Metres) => timed(None, Some(if brief.gentle { 20 } else { 30 }), rest(brief, 60)),
        (_, Measure::Reps) => counted(brief, exercise, place, week),
    }
}

fn power(brief: &Brief<'_>, exercise: &Exercise) -> Sets {
    let reps = if exercise.loadable { 4 } else { 5 };
    Sets { n: 1, reps: Some([3, reps]), rest_s: rest(brief, 75), ..Sets::default() }
}

fn timed(seconds: Option<u16>, metres: Option<u16>, rest_s: u16) -> Sets {
    Sets { n: 1, seconds, metres, rest_s, ..Sets::default() }
}

fn hold_s(brief: &Brief<'_>) -> u16 {
    match brief.profile.proficiency {
        _ if brief.gentle => 20,
        Proficiency::Beginner => 25,
        Proficiency::Intermediate => 35,
        Proficiency::Advanced => 45,
    }
}

/// Rest as asked; without R9 far too much of it.
fn rest(brief: &Brief<'_>, seconds: u16) -> u16 {
    if brief.heeds(Rule::R9) { seconds } else { 200 }
}

fn counted(brief: &Brief<'_>, exercise: &Exercise, place: Place, week: &WeekPlan) -> Sets {
    if brief.is_dosed(exercise) {
        let rir = Some(reserve(brief, exercise, place, week));
        let reps = Some([MOST_ECCENTRIC.1 - 2, MOST_ECCENTRIC.1]);
        return Sets { n: 1, reps, rir, rest_s: rest(brief, 90), ..Sets::default() };
    }
    let (zone, reps, rest_s) = band(brief, exercise, place, week);
    let rir = reserve(brief, exercise, place, week);
    let rest_s = if place.paired && zone == Zone::Hypertrophy { rest_s.min(75) } else { rest_s };
    let pct1rm = percent(brief, exercise, zone, reps[1], rir);
    Sets { n: 1, reps: Some(reps), rir: Some(rir), pct1rm, rest_s: rest(brief, rest_s), ..Sets::default() }
}

/// The zone, its repetitions and its rest in seconds.
fn band(brief: &Brief<'_>, exercise: &Exercise, place: Place, week: &WeekPlan) -> (Zone, [u8; 2], u16) {
    let compound = exercise.mechanic == Mechanic::Compound;
    let experienced = brief.profile.proficiency != Proficiency::Beginner && !brief.youth;
    // What cannot be made heavier is done longer, and so is what a sore place should bear.
    let too_easy = exercise.equipment.nothing() && exercise.level < brief.profile.proficiency;
    if brief.is_sore(exercise) || too_easy {
        return (Zone::Endurance, [12, 15], 60);
    }
    let heavier = matches!(week.phase, Phase::Intensification | Phase::Maintenance | Phase::Taper);
    match brief.profile.purpose {
        Purpose::Rehabilitation => (Zone::Endurance, [12, 15], 60),
        Purpose::SportPerformance if is_heavy(brief, exercise, place) && heavier => (Zone::Strength, [3, 5], 180),
        Purpose::SportPerformance if compound && experienced => (Zone::Hypertrophy, [6, 8], 120),
        Purpose::MuscleBuilding if compound && experienced && heavier => (Zone::Hypertrophy, [6, 8], 120),
        Purpose::MuscleBuilding if compound && experienced => (Zone::Hypertrophy, [6, 10], 120),
        Purpose::WeightLoss if compound => (Zone::Hypertrophy, [10, 12], 60),
        Purpose::WeightLoss => (Zone::Endurance, [12, 15], 45),
        _ if compound => (Zone::Hypertrophy, [8, 12], 90),
        _ => (Zone::Hypertrophy, [10, 12], 60),
    }
}

/// Whether the exercise is the session's heavy lift.
pub fn is_heavy(brief: &Brief<'_>, exercise: &Exercise, place: Place) -> bool {
    let sport = brief.profile.purpose == Purpose::SportPerformance;
    let long_enough = brief.profile.minutes_per_session >= 45;
    sport
        && long_enough
        && place.first
        && exercise.percent_based
        && may_go_heavy(brief.profile)
        && !brief.is_sore(exercise)
}

/// Repetitions in reserve: plenty in the first week of a run, fewer towards its end, more in a lighter week.
fn reserve(brief: &Brief<'_>, exercise: &Exercise, place: Place, week: &WeekPlan) -> u8 {
    if !brief.heeds(Rule::R11) {
        return 0;
    }
    let least = least_rir(brief.profile);
    let last_week = week.run + 1 >= week.of;
    let early = u8::from(week.run == 0 && week.phase == Phase::Accumulation);
    let planned = match (week.phase, brief.profile.proficiency) {
        (Phase::Deload, _) => 4,
        // A taper keeps the intensity and gives up volume.
        (Phase::Taper | Phase::Maintenance, _) => 2,
        (_, Proficiency::Beginner) => 2 + early,
        _ if exercise.mechanic == Mechanic::Isolation && last_week => 1,
        (Phase::Intensification, Proficiency::Advanced) if last_week && (place.long_rest || !brief.heeds(Rule::R6)) => {
            1
        }
        _ => 2 + early,
    };
    planned.max(least + early * u8::from(brief.gentle)) + u8::from(brief.is_sore(exercise))
}

/// The load to start from, for lifts whose maximum is commonly known and athletes who may go heavy.
fn percent(brief: &Brief<'_>, exercise: &Exercise, zone: Zone, reps: u8, rir: u8) -> Option<u8> {
    if !exercise.percent_based || !may_go_heavy(brief.profile) || brief.is_sore(exercise) {
        return None;
    }
    let (lightest, heaviest) = match zone {
        Zone::Strength => (85, 100),
        Zone::Hypertrophy => (67, 85),
        Zone::Endurance | Zone::Power => return None,
    };
    if !brief.heeds(Rule::R10) {
        return Some(heaviest);
    }
    let load = percent_for(reps + rir).clamp(lightest, heaviest);
    (load <= heaviest_pct(reps, rir)).then_some(load)
}

/// The sets that lead up to a heavy load.
pub fn ramp(working: &Sets) -> Vec<Sets> {
    let step = |reps, pct| Sets {
        n: 1,
        reps: Some([reps, reps]),
        pct1rm: Some(pct),
        rest_s: 60,
        ramp: true,
        ..Sets::default()
    };
    match working.pct1rm {
        Some(pct) if pct >= RAMP_FROM_PCT => vec![step(5, 50), step(3, 70)],
        _ => Vec::new(),
    }
}

/// How the exercise gets harder.
pub fn progress(brief: &Brief<'_>, exercise: &Exercise, week: &WeekPlan) -> Progress {
    let sore = brief.is_sore(exercise);
    let legs = exercise.pattern == Pattern::Squat || exercise.pattern == Pattern::Hinge;
    let (rule, step_pct) = match exercise.measure {
        _ if sore || !week.is_loading() || exercise.pattern == Pattern::JumpThrow => (ProgressRule::Hold, 0),
        Measure::Seconds => (ProgressRule::AddSeconds, 10),
        Measure::Metres => (ProgressRule::AddMetres, 10),
        Measure::Reps if !exercise.loadable => (ProgressRule::AddReps, 5),
        Measure::Reps if legs && !brief.gentle => (ProgressRule::DoubleProgression, 5),
        Measure::Reps => (ProgressRule::DoubleProgression, 3),
    };
    Progress { rule, step_pct }
}
