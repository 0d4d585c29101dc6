//! Figures by level and purpose: weekly sets, days, contacts, minutes. Sources are in `docs/plans/`; [P] is our choice.

use super::catalogue::Muscle;
use super::event::{Event, event};
use super::profile::{Proficiency, Profile, Purpose, RecoveryHabit, Season};
use super::room::most_sessions;
use super::safety::{is_gentle, is_youth};

/// A set at this many repetitions in reserve or fewer is hard. [P]
pub const HARD_RIR: u8 = 3;
/// So many direct hard sets make a session hard for a muscle.
pub const HARD_SETS: u16 = 3;
/// Conditioning at this effort or more is hard.
pub const HARD_RPE: u8 = 7;
/// No muscle gets more weekly sets.
pub const MOST_WEEKLY_SETS: u16 = 22;
/// No muscle gets more direct sets in a session.
pub const MOST_SESSION_SETS: u16 = 10;
/// Every muscle should get as many weekly sets.
pub const FLOOR_SETS: u16 = 4;
/// Days before a competition with no hard legs.
pub const LEGS_REST_DAYS: i64 = 2;
/// Days of taper before a competition.
pub const TAPER_DAYS: i64 = 14;

/// The muscles whose weekly sets and frequency are counted.
pub const TRACKED: [Muscle; 10] = [
    Muscle::Quads,
    Muscle::Hamstrings,
    Muscle::Glutes,
    Muscle::Calves,
    Muscle::Chest,
    Muscle::Back,
    Muscle::Shoulders,
    Muscle::Biceps,
    Muscle::Triceps,
    Muscle::Core,
];

/// The muscles of the legs.
pub const LEGS: [Muscle; 5] = [Muscle::Quads, Muscle::Hamstrings, Muscle::Glutes, Muscle::Calves, Muscle::Adductors];

/// Weekly sets of a muscle: the fewest that do what the purpose asks, and the most that still help.
#[must_use]
pub fn weekly_sets(profile: &Profile) -> (u16, u16) {
    use Proficiency::{Advanced, Beginner, Intermediate};
    let level = if is_youth(profile) || is_gentle(profile) { Beginner } else { profile.proficiency };
    match (profile.purpose, level) {
        (Purpose::MuscleBuilding, Beginner) => (6, 10),
        (Purpose::MuscleBuilding, Intermediate) => (10, 16),
        (Purpose::MuscleBuilding, Advanced) => (12, 20),
        (Purpose::BodyRecomposition, Beginner) => (6, 10),
        (Purpose::BodyRecomposition, Intermediate) => (8, 14),
        (Purpose::BodyRecomposition, Advanced) => (10, 16),
        (Purpose::Rehabilitation, _) => (FLOOR_SETS, 8),
        (_, Beginner) => (FLOOR_SETS, 8),
        (_, Intermediate) => (5, 12),
        (_, Advanced) => (6, 14),
    }
}

/// The weekly sets that this season allows: in season half of the off-season's peak.
#[must_use]
pub fn season_sets(profile: &Profile) -> (u16, u16) {
    let (low, high) = weekly_sets(profile);
    if profile.season == Season::Inseason { (FLOOR_SETS.min(high / 2), high / 2) } else { (low, high) }
}

/// Strength days a week, at most. An endurance event leaves two: the rest of the days belong to its bouts.
#[must_use]
pub fn strength_days(profile: &Profile) -> usize {
    if event(profile).is_some() {
        return 2.min(most_sessions(profile).div_ceil(2)).max(1);
    }
    let by_level = match profile.proficiency {
        Proficiency::Beginner => 3,
        Proficiency::Intermediate => 4,
        Proficiency::Advanced => 5,
    };
    let careful = is_youth(profile) || is_gentle(profile) || profile.purpose == Purpose::WeightLoss;
    match (profile.season, careful) {
        (Season::Inseason, _) => 2,
        (_, true) => 3,
        _ => by_level,
    }
}

/// Loading weeks in a row, at most (R16).
#[must_use]
pub const fn most_loading_weeks(level: Proficiency) -> u8 {
    match level {
        Proficiency::Beginner => 8,
        _ => 6,
    }
}

/// Loading weeks in a row that the engine plans: fewer for the advanced, the old and the badly rested. [P]
#[must_use]
pub fn loading_weeks(profile: &Profile) -> u8 {
    let by_level = match profile.proficiency {
        Proficiency::Beginner => 6,
        Proficiency::Intermediate => 4,
        Proficiency::Advanced => 3,
    };
    let tired = profile.recovery_habits.contains(&RecoveryHabit::PoorSleep) || is_gentle(profile);
    if tired { (by_level - 1).max(3) } else { by_level }
}

/// Ground contacts of a session, at most.
#[must_use]
pub const fn most_contacts(level: Proficiency) -> u32 {
    match level {
        Proficiency::Beginner => 100,
        Proficiency::Intermediate => 120,
        Proficiency::Advanced => 140,
    }
}

/// Hard conditioning sessions a week, at most.
#[must_use]
pub const fn most_hard_conditioning(level: Proficiency) -> usize {
    match level {
        Proficiency::Advanced => 3,
        _ => 2,
    }
}

/// Aerobic minutes a week; a hard minute counts for two.
#[must_use]
pub const fn aerobic_min(purpose: Purpose) -> u32 {
    match purpose {
        Purpose::WeightLoss => 250,
        _ => 150,
    }
}

/// Minutes of the first and of the longest single bout.
#[must_use]
pub fn bout_min(profile: &Profile) -> (u32, u32) {
    match (profile.proficiency, event(profile).is_some()) {
        (_, true) if is_gentle(profile) => (15, 60),
        _ if is_gentle(profile) => (15, 30),
        (Proficiency::Beginner, false) => (20, 40),
        (Proficiency::Beginner, true) => (25, 90),
        (Proficiency::Intermediate, false) => (30, 60),
        (Proficiency::Intermediate, true) => (40, 120),
        (Proficiency::Advanced, false) => (40, 75),
        (Proficiency::Advanced, true) => (60, 150),
    }
}

/// Minutes of the longest bout that prepare for an event. [P]
#[must_use]
pub const fn event_bout_min(event: Event) -> u32 {
    match event {
        Event::Short => 45,
        Event::Long => 75,
    }
}

/// Repetitions in reserve at the least (R11); the last set of an isolation may reach 0 for others than beginners.
#[must_use]
pub fn least_rir(profile: &Profile) -> u8 {
    match profile.proficiency {
        _ if is_gentle(profile) => 3,
        Proficiency::Beginner => 2,
        _ if is_youth(profile) => 2,
        _ => 1,
    }
}

/// Loading weeks compare with the last one at most so many weeks before them; after a longer break a bout begins anew. [P]
pub const BOUT_MEMORY_WEEKS: usize = 3;
/// Percent of the longest bout and of the aerobic minutes that the next loading week keeps at least (R29).
pub const BOUT_KEPT_PCT: u32 = 95;
/// Sets a week and repetitions of a hard eccentric in the first week that has it (R30).
pub const FIRST_ECCENTRIC: (u8, u8) = (2, 5);
/// Sets a session and repetitions of a hard eccentric later on.
pub const MOST_ECCENTRIC: (u8, u8) = (3, 8);
/// Weeks of a plan in which somebody who should walk first does nothing but walk and the like (R31). [P]
pub const WALKING_WEEKS: usize = 4;
/// Seconds of a bout with impact after those weeks, at most. [P]
pub const SHORT_IMPACT_S: u16 = 600;
