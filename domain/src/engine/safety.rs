//! What an athlete's body forbids: red flags, blocked strains, and what to be careful with.

use std::collections::BTreeSet;

use super::catalogue::StressTag::{self, *};
use super::flags::Flag;
use super::limits::WALKING_WEEKS;
use super::profile::{BodyPart, Proficiency, Profile, Purpose};
use super::screening::Question;
use super::words::{keep_effort_moderate, keeps_effort_moderate};

/// Pain from here on asks for care: another range, less load.
pub const MODIFY_PAIN: u8 = 4;
/// Pain from here on asks to stop and substitute.
pub const STOP_PAIN: u8 = 6;
/// Pain from here on asks for a professional first.
pub const FLAG_PAIN: u8 = 9;
/// From this age on plans are gentle. Our choice.
pub const GENTLE_AGE: u8 = 65;
/// Until so many weeks after a birth a professional looks first, and effort stays moderate.
pub const AFTER_BIRTH_WEEKS: u16 = 12;
/// Up to and with so many weeks after a birth nothing lands and nothing presses on belly and pelvic floor. [P]
pub const PELVIC_FLOOR_WEEKS: u16 = 26;
/// Below this age the rules for the young hold.
pub const ADULT_AGE: u8 = 18;

/// What calls for a professional's yes before any plan; empty when nothing does or the yes was given.
#[must_use]
pub fn red_flags(profile: &Profile) -> Vec<String> {
    if profile.cleared_by_professional {
        return Vec::new();
    }
    Flag::all_of(profile).iter().map(Flag::to_string).collect()
}

/// The weeks since a birth that the body still recovers from; `None` once the check-up lies behind.
#[must_use]
pub fn recent_birth(profile: &Profile) -> Option<u16> {
    profile.weeks_since_birth.filter(|weeks| *weeks < AFTER_BIRTH_WEEKS)
}

/// A body part, for people.
#[must_use]
pub const fn part_name(part: BodyPart) -> &'static str {
    match part {
        BodyPart::LowerBack => "lower back",
        other => other.as_str(),
    }
}

/// Whether belly and pelvic floor still recover from a birth.
#[must_use]
pub fn pelvic_floor_recovers(profile: &Profile) -> bool {
    profile.weeks_since_birth.is_some_and(|weeks| weeks <= PELVIC_FLOOR_WEEKS)
}

/// The strains that pain at this place and of this strength forbids.
#[must_use]
pub fn blocked_by(part: BodyPart, pain: u8) -> &'static [StressTag] {
    let stop = pain >= STOP_PAIN;
    if pain < MODIFY_PAIN {
        return &[];
    }
    match (part, stop) {
        (BodyPart::Knee, false) => &[KneeFlexionDeep, Impact],
        (BodyPart::Knee, true) => &[KneeFlexionDeep, Impact, KneeLoad],
        (BodyPart::Hip, false) => &[HipFlexionDeep, Impact],
        (BodyPart::Hip, true) => &[HipFlexionDeep, Impact, HipLoad],
        (BodyPart::Ankle, false) => &[Impact],
        (BodyPart::Ankle, true) => &[Impact, AnkleLoad],
        (BodyPart::LowerBack, false) => &[SpinalLoad, SpinalFlexion],
        (BodyPart::LowerBack, true) => &[SpinalLoad, SpinalFlexion, SpinalShear, Impact],
        (BodyPart::Shoulder, false) => &[Overhead, ShoulderExtension, ShoulderRotation],
        (BodyPart::Shoulder, true) => &[Overhead, ShoulderExtension, ShoulderRotation, ShoulderLoad],
        (BodyPart::Elbow, false) => &[ElbowStrain],
        (BodyPart::Elbow, true) => &[ElbowStrain, ElbowLoad],
        (BodyPart::Wrist, false) => &[WristExt],
        (BodyPart::Wrist, true) => &[WristExt, Grip],
        (BodyPart::Neck, false) => &[NeckLoad],
        (BodyPart::Neck, true) => &[NeckLoad, Overhead, SpinalLoad, Impact],
    }
}

/// The strains that a sore place bears only with care: lighter, slower, farther from failure.
#[must_use]
pub const fn careful_with(part: BodyPart) -> &'static [StressTag] {
    match part {
        BodyPart::Knee => &[KneeLoad],
        BodyPart::Hip => &[HipLoad],
        BodyPart::Ankle => &[AnkleLoad],
        BodyPart::LowerBack => &[SpinalShear],
        BodyPart::Shoulder => &[ShoulderLoad],
        BodyPart::Elbow => &[ElbowLoad],
        BodyPart::Wrist => &[Grip],
        BodyPart::Neck => &[Overhead],
    }
}

/// Everything that is forbidden at any speed: by pain, by pregnancy, and in the first half year after a birth. What counts
/// for an exercise at full speed is in `strains`.
#[must_use]
pub fn blocked_tags(profile: &Profile) -> BTreeSet<StressTag> {
    let mut tags: BTreeSet<StressTag> =
        profile.injuries.iter().flat_map(|injury| blocked_by(injury.body_part, injury.pain)).copied().collect();
    if profile.pregnant {
        tags.extend([Supine, Prone, Impact, SpinalFlexion, AbdominalPressure]);
    }
    if pelvic_floor_recovers(profile) {
        tags.extend([AbdominalPressure, Impact]);
    }
    tags
}

/// Everything that asks for care: what places with pain 4 and 5 bear only so-so.
#[must_use]
pub fn careful_tags(profile: &Profile) -> BTreeSet<StressTag> {
    let sore = profile.injuries.iter().filter(|injury| injury.pain >= MODIFY_PAIN);
    sore.flat_map(|injury| careful_with(injury.body_part)).copied().collect()
}

/// Whether a leg hurts at all: then nothing leaves the ground.
#[must_use]
pub fn leg_hurts(profile: &Profile) -> bool {
    let leg = |part| matches!(part, BodyPart::Knee | BodyPart::Hip | BodyPart::Ankle);
    profile.injuries.iter().any(|injury| injury.pain > 0 && leg(injury.body_part))
}

/// Why somebody should walk before they run (R31), in plain words; `None` when nothing that is known speaks for it.
/// Weight belongs here too, once it is asked.
#[must_use]
pub fn walks_first(profile: &Profile) -> Option<&'static str> {
    let old = profile.age.is_some_and(|age| age >= GENTLE_AGE) && profile.proficiency == Proficiency::Beginner;
    if pelvic_floor_recovers(profile) {
        return Some("a birth in the last half year");
    }
    old.then_some("beginning at 65 or later")
}

/// How much impact a week of a plan, counted from 0, may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImpactGate {
    /// None that runs or lands.
    Closed,
    /// Short bouts.
    Short,
    /// As much as the other rules allow.
    Open,
}

/// The gate of a week: closed for the first four weeks of who should walk first, and up to and with 26 weeks after a birth.
#[must_use]
pub fn impact_gate(profile: &Profile, week: usize) -> ImpactGate {
    let week_since = |weeks: u16| weeks.saturating_add(u16::try_from(week).unwrap_or(u16::MAX));
    if profile.weeks_since_birth.map(week_since).is_some_and(|weeks| weeks <= PELVIC_FLOOR_WEEKS) {
        return ImpactGate::Closed;
    }
    match walks_first(profile) {
        Some(_) if week < WALKING_WEEKS => ImpactGate::Closed,
        Some(_) => ImpactGate::Short,
        None => ImpactGate::Open,
    }
}

/// Whether the rules for the young hold: 6 to 15 repetitions, days apart, no maximum loads.
#[must_use]
pub fn is_youth(profile: &Profile) -> bool {
    profile.age.is_some_and(|age| age < ADULT_AGE)
}

/// Whether effort stays moderate throughout: pregnancy and the weeks after a birth, age, rehabilitation, and what the heart
/// or the head may not bear, in answers or in words, also with a professional's yes.
#[must_use]
pub fn is_gentle(profile: &Profile) -> bool {
    const MODERATE: [Question; 4] =
        [Question::HeartOrBloodPressure, Question::ChestPain, Question::DizzinessOrFainting, Question::SupervisedOnly];
    profile.pregnant
        || recent_birth(profile).is_some()
        || profile.age.is_some_and(|age| age >= GENTLE_AGE)
        || profile.purpose == Purpose::Rehabilitation
        || profile.screening.affirmed().any(|question| MODERATE.contains(&question))
        || profile.mentioned.iter().any(|meaning| keeps_effort_moderate(meaning))
        || profile.purpose_details.as_deref().is_some_and(keep_effort_moderate)
}

/// Whether heavy sets of few repetitions are open to the athlete.
#[must_use]
pub fn may_go_heavy(profile: &Profile) -> bool {
    profile.proficiency != Proficiency::Beginner && !is_youth(profile) && !is_gentle(profile)
}
