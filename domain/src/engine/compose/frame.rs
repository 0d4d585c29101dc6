//! The frame that a draft must fit: free days, phases, figures and exercises of one athlete, from the engine's own tables.
//! It holds what a foreign provider may know, and nothing that names the athlete.

use serde::Serialize;

use super::brief::Brief;
use super::phases;
use super::{ComposeInput, Enforcement};
use crate::engine::catalogue::{Catalogue, Exercise, Mechanic, Pattern};
use crate::engine::limits::{
    LEGS_REST_DAYS, MOST_SESSION_SETS, MOST_WEEKLY_SETS, aerobic_min, bout_min, least_rir, most_contacts,
    most_hard_conditioning, season_sets, strength_days,
};
use crate::engine::plan::Phase;
use crate::engine::profile::{Day, Profile};
use crate::engine::room::{free_days, most_sessions};
use crate::engine::zone::{Bounds, Zone};

/// What a draft for one athlete must keep to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    /// The plan's weeks, in order.
    pub weeks: Vec<FrameWeek>,
    /// The free days with the minutes of each.
    pub days: Vec<FrameDay>,
    /// Sessions a week, at most.
    pub most_sessions: usize,
    /// Days a week with strength that suit the athlete.
    pub strength_days: usize,
    /// Weekly sets of a muscle: the fewest that do what the purpose asks, and the most that help.
    pub weekly_sets: [u16; 2],
    /// Weekly sets of a muscle that no plan exceeds; sets in which it assists count half.
    pub most_weekly_sets: u16,
    /// Sets of a session in which a muscle does the main work, at most.
    pub most_session_sets: u16,
    /// Repetitions in reserve, at least.
    pub least_reserve: u8,
    /// Repetitions, percent and rest that belong together; every strength set lies in one of them.
    pub bands: Vec<Band>,
    /// Ground contacts of a session, at most.
    pub most_contacts: u32,
    /// Sessions a week with hard conditioning, at most.
    pub most_hard_conditioning: usize,
    /// Aerobic minutes a week to aim for; a hard minute counts for two.
    pub aerobic_minutes: u32,
    /// Minutes of the longest single bout, at most.
    pub longest_bout_minutes: u32,
    /// Days before the competition with no hard legs.
    pub fresh_legs_days: i64,
    /// The exercises that the athlete can do, one a line: see [`Frame::HEADER`].
    #[serde(skip)]
    pub exercises: Vec<String>,
    /// Their ids, in the same order.
    #[serde(skip)]
    pub exercise_ids: Vec<String>,
}

/// A week of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameWeek {
    /// From 1.
    pub n: u8,
    /// What it is for.
    pub phase: Phase,
}

/// A free day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameDay {
    /// Which.
    pub day: Day,
    /// Minutes for a session, warm-up included.
    pub minutes: u16,
}

/// A training zone in figures, each from the least to the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Band {
    /// For compounds or isolation.
    pub mechanic: Mechanic,
    /// Repetitions.
    pub reps: [u8; 2],
    /// Percent of the one-repetition maximum, where one is given.
    pub percent: [u8; 2],
    /// Seconds of rest.
    pub rest: [u16; 2],
}

impl Frame {
    /// What the columns of an exercise's line are.
    pub const HEADER: &'static str = "id | pattern | mechanic | measured in | main muscles | assisting muscles";

    /// The frame of an athlete.
    #[must_use]
    pub fn of(input: &ComposeInput<'_>, catalogue: &Catalogue) -> Self {
        let profile = input.profile;
        let brief = Brief::new(profile, input.request, catalogue, Enforcement::ALL);
        let weeks = phases::weeks(&brief).into_iter().map(|plan| FrameWeek { n: plan.index + 1, phase: plan.phase });
        let days = free_days(profile).into_iter().map(|(day, minutes)| FrameDay { day, minutes });
        let open = || {
            let patterns = Pattern::ALL.iter().filter(|pattern| **pattern != Pattern::Mobility);
            let all = patterns.flat_map(|pattern| brief.eligible(*pattern));
            // A draft repeats its repetitions in every week, which the dose of a hard eccentric does not allow.
            all.filter(|exercise| !(brief.is_dosed(exercise) || brief.youth && jumps(exercise)))
        };
        let (least_sets, most_sets) = season_sets(profile);
        Self {
            weeks: weeks.collect(),
            days: days.collect(),
            most_sessions: most_sessions(profile),
            strength_days: strength_days(profile),
            weekly_sets: [least_sets, most_sets],
            most_weekly_sets: MOST_WEEKLY_SETS,
            most_session_sets: MOST_SESSION_SETS,
            least_reserve: least_rir(profile),
            bands: bands(profile),
            most_contacts: most_contacts(profile.proficiency),
            most_hard_conditioning: most_hard_conditioning(profile.proficiency),
            aerobic_minutes: aerobic_min(profile.purpose),
            longest_bout_minutes: bout_min(profile).1,
            fresh_legs_days: LEGS_REST_DAYS,
            exercises: open().map(|exercise| line(exercise)).collect(),
            exercise_ids: open().map(|exercise| exercise.id.to_string()).collect(),
        }
    }
}

/// Fast work of few repetitions is closed to the young (R9).
fn jumps(exercise: &Exercise) -> bool {
    exercise.pattern == Pattern::JumpThrow
}

fn bands(profile: &Profile) -> Vec<Band> {
    let zones = Zone::of(profile).iter();
    let both = zones.flat_map(|zone| Mechanic::ALL.iter().map(move |mechanic| (*mechanic, zone.bounds(*mechanic))));
    both.map(|(mechanic, Bounds { reps, percent, rest_s })| Band { mechanic, reps, percent, rest: rest_s }).collect()
}

fn line(exercise: &Exercise) -> String {
    let muscles = |muscles: &[crate::engine::catalogue::Muscle]| {
        muscles.iter().map(|muscle| muscle.as_str()).collect::<Vec<_>>().join(",")
    };
    let [pattern, mechanic, measure] =
        [exercise.pattern.as_str(), exercise.mechanic.as_str(), exercise.measure.as_str()];
    let (main, assisting) = (muscles(&exercise.primary), muscles(&exercise.secondary));
    format!("{} | {pattern} | {mechanic} | {measure} | {main} | {assisting}", exercise.id)
}
