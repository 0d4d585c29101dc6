//! The athlete's answers once they are complete and make sense: what the engine plans for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, Time, Weekday};

use super::answers::{Answers, iso_date};
use super::choices::choices;
use super::room::{MIN_SESSION_MIN, longest_gap_min};
use super::screening::Screening;
use crate::dates::competition_fault;
use crate::problem::FieldError;
use crate::text;

/// Minutes a session when the athlete does not say.
pub const DEFAULT_MINUTES: u16 = 60;
/// The most characters of free text.
pub const MAX_DETAILS_CHARS: usize = 1_000;
/// The most weeks since a birth that an answer may name: ten years, and no effect long before.
pub const MAX_WEEKS_SINCE_BIRTH: u16 = 520;
/// The most fixed schedules, and the most injuries.
pub const MAX_LIST: usize = 50;

choices! {
    /// What the athlete trains for.
    Purpose {
        /// Health and all-round capacity.
        GeneralFitness = "general_fitness",
        /// A sport.
        SportPerformance = "sport_performance",
        /// Size.
        MuscleBuilding = "muscle_building",
        /// Less weight.
        WeightLoss = "weight_loss",
        /// Back from an injury.
        Rehabilitation = "rehabilitation",
        /// More muscle and less fat.
        BodyRecomposition = "body_recomposition",
    }
}
choices! {
    /// How far along the athlete is.
    Proficiency {
        /// Under about six months of regular training.
        Beginner = "beginner",
        /// Up to about two years.
        Intermediate = "intermediate",
        /// Beyond.
        Advanced = "advanced",
    }
}
choices! {
    /// Where in the competitive year.
    Season {
        /// No competition near.
        Offseason = "offseason",
        /// Building up to it.
        Preseason = "preseason",
        /// Competing.
        Inseason = "inseason",
    }
}
choices! {
    /// What there is to train with. A body, a floor and a mat are always there.
    Equipment {
        /// Nothing but a floor and a mat.
        Bodyweight = "bodyweight",
        /// Elastic bands.
        Bands = "bands",
        /// A set of dumbbells.
        Dumbbells = "dumbbells",
        /// A kettlebell.
        Kettlebell = "kettlebell",
        /// A bar to hang from.
        PullUpBar = "pull_up_bar",
        /// A barbell, plates, a rack and a bench.
        BarbellRack = "barbell_rack",
        /// All of these, and machines and cables.
        FullGym = "full_gym",
    }
}
choices! {
    /// How the athlete recovers.
    RecoveryHabit {
        /// Seven hours of sleep or more.
        GoodSleep = "good_sleep",
        /// Less.
        PoorSleep = "poor_sleep",
        /// Stretching or yoga.
        Stretching = "stretching",
        /// Foam rolling or massage.
        FoamRolling = "foam_rolling",
        /// Walks, easy rides.
        ActiveRecovery = "active_recovery",
        /// Sauna or cold water.
        HeatOrCold = "heat_or_cold",
    }
}
choices! {
    /// Where it hurts.
    BodyPart {
        /// Knee.
        Knee = "knee",
        /// Hip or groin.
        Hip = "hip",
        /// Ankle or foot.
        Ankle = "ankle",
        /// Lower back.
        LowerBack = "lower_back",
        /// Shoulder.
        Shoulder = "shoulder",
        /// Elbow.
        Elbow = "elbow",
        /// Wrist or hand.
        Wrist = "wrist",
        /// Neck.
        Neck = "neck",
    }
}
choices! {
    /// A day of the week, Monday first.
    Day {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        Self::Monday.nth_next(day as u8)
    }
}

/// On which days the athlete can train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Availability {
    /// So many days a week, 1 to 7, whichever suit.
    Count(u8),
    /// These days.
    Days(Vec<Day>),
}

impl Availability {
    /// How many days a week.
    #[must_use]
    pub fn days_a_week(&self) -> usize {
        match self {
            Self::Count(count) => usize::from(*count),
            Self::Days(days) => days.iter().collect::<BTreeSet<_>>().len(),
        }
    }
}

time::serde::format_description!(pub(crate) hour_minute, Time, "[hour]:[minute]");

/// Hours of a weekday that are taken: practice, work, school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedSchedule {
    /// Which day.
    pub day: Day,
    /// From, `HH:MM`, local time.
    #[serde(with = "hour_minute")]
    pub start: Time,
    /// To, `HH:MM`, later the same day.
    #[serde(with = "hour_minute")]
    pub end: Time,
}

/// What hurts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Injury {
    /// Where.
    pub body_part: BodyPart,
    /// How much, 0 to 10: up to 3 go, 4 and 5 modify, from 6 on substitute.
    pub pain: u8,
}

/// A complete, consistent set of answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// What for.
    pub purpose: Purpose,
    /// In the athlete's own words. Data, never instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_details: Option<String>,
    /// How far along.
    pub proficiency: Proficiency,
    /// Where in the year.
    pub season: Season,
    /// The day that counts.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso_date::option")]
    pub competition_date: Option<Date>,
    /// Which days.
    pub availability_days: Availability,
    /// Sessions a week, at most.
    pub weekly_goal_days: u8,
    /// Minutes a session, at most.
    pub minutes_per_session: u16,
    /// What there is to train with.
    pub equipment: BTreeSet<Equipment>,
    /// What is taken.
    pub fixed_schedules: Vec<FixedSchedule>,
    /// How the athlete recovers.
    pub recovery_habits: BTreeSet<RecoveryHabit>,
    /// What hurts.
    pub injuries: Vec<Injury>,
    /// Years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    /// Whether pregnant.
    pub pregnant: bool,
    /// Weeks since the birth of a child, as they were answered; absent when nobody asked or there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks_since_birth: Option<u16>,
    /// The seven questions about health; empty when nobody asked.
    #[serde(default, skip_serializing_if = "Screening::is_empty")]
    pub screening: Screening,
    /// What notes to workouts, reports of pain and requests mention and no answer has settled since, as the words of
    /// [`mentions`](super::mentions) call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentioned: Vec<String>,
    /// Whether a professional has said yes to training, and to all that calls for one.
    pub cleared_by_professional: bool,
}

/// Answers that make no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A value is outside what the field allows.
    #[error("{} outside what is allowed", count(.0))]
    Invalid(Vec<FieldError>),
    /// Each value is fine and together they cannot be.
    #[error("{} contradicting another", count(.0))]
    Contradictory(Vec<FieldError>),
}

fn count(errors: &[FieldError]) -> String {
    match errors {
        [one] => format!("{} is", one.field),
        many => format!("{} answers are", many.len()),
    }
}

/// Checks what was answered so far: every range, then what contradicts what. Absent answers are no fault.
///
/// # Errors
/// Every field that is wrong, not only the first.
pub fn check(answers: &Answers, today: Date) -> Result<(), Unfit> {
    let invalid = out_of_range(answers);
    if !invalid.is_empty() {
        return Err(Unfit::Invalid(invalid));
    }
    let contradictory = contradictions(answers, today);
    if contradictory.is_empty() { Ok(()) } else { Err(Unfit::Contradictory(contradictory)) }
}

fn out_of_range(answers: &Answers) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut number = |field: &str, value: Option<u16>, low: u16, high: u16| {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            errors.push(FieldError::new(field, format!("{value} is out of range"), format!("{low} to {high}")));
        }
    };
    number("weeklyGoalDays", answers.weekly_goal_days.map(u16::from), 1, 7);
    number("minutesPerSession", answers.minutes_per_session, 15, 180);
    number("age", answers.age.map(u16::from), 10, 120);
    number("weeksSinceBirth", answers.weeks_since_birth, 0, MAX_WEEKS_SINCE_BIRTH);
    match &answers.availability_days {
        Some(Availability::Count(count)) => number("availabilityDays", Some(u16::from(*count)), 1, 7),
        Some(Availability::Days(days)) if days.is_empty() => {
            errors.push(FieldError::new("availabilityDays", "names no day", "1 to 7, or at least one weekday"));
        }
        _ => {}
    }
    for (n, injury) in answers.injuries.iter().flatten().enumerate() {
        if injury.pain > 10 {
            errors.push(FieldError::new(
                format!("injuries[{n}].pain"),
                format!("{} is out of range", injury.pain),
                "0 to 10",
            ));
        }
    }
    for (field, length) in [
        ("fixedSchedules", answers.fixed_schedules.as_ref().map_or(0, Vec::len)),
        ("injuries", answers.injuries.as_ref().map_or(0, Vec::len)),
    ] {
        if length > MAX_LIST {
            errors.push(FieldError::new(field, format!("has {length} entries"), format!("at most {MAX_LIST}")));
        }
    }
    let details = answers.purpose_details.as_ref().map_or(0, |text| text.chars().count());
    if details > MAX_DETAILS_CHARS {
        errors.push(FieldError::new(
            "purposeDetails",
            format!("has {details} characters"),
            format!("at most {MAX_DETAILS_CHARS}"),
        ));
    }
    errors.extend(answers.purpose_details.as_deref().and_then(|details| text::fault("purposeDetails", details)));
    errors
}

fn contradictions(answers: &Answers, today: Date) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (n, fixed) in answers.fixed_schedules.iter().flatten().enumerate() {
        if fixed.end <= fixed.start {
            let expected = "a later time of the same day, HH:MM";
            errors.push(FieldError::new(format!("fixedSchedules[{n}].end"), "is not after start", expected));
        }
    }
    if !errors.is_empty() {
        // What a schedule leaves free is known once each has an order.
        return errors;
    }
    errors.extend(answers.competition_date.and_then(|date| competition_fault("competitionDate", date, today)));
    if let Some(error) = no_room(answers) {
        errors.push(error);
    }
    if let (Some(goal), Some(available)) = (answers.weekly_goal_days, &answers.availability_days) {
        let days = available.days_a_week();
        if usize::from(goal) > days {
            let problem = format!("{goal} sessions do not fit on {days} available days");
            errors.push(FieldError::new("weeklyGoalDays", problem, format!("1 to {days}, or more availabilityDays")));
        }
    }
    errors
}

/// Fixed schedules that leave no time on any available day.
fn no_room(answers: &Answers) -> Option<FieldError> {
    let schedules = answers.fixed_schedules.as_ref()?;
    let days = match answers.availability_days.as_ref()? {
        Availability::Count(_) => Day::ALL,
        Availability::Days(days) => days,
    };
    let free = days.iter().any(|day| longest_gap_min(schedules, *day) >= MIN_SESSION_MIN);
    let expected = format!("{MIN_SESSION_MIN} free minutes between 06:00 and 22:00 on an available day");
    (!free).then(|| FieldError::new("fixedSchedules", "leave no time to train on any available day", expected))
}

impl Profile {
    /// The profile that complete answers make; `None` while a step is missing. Check the answers first.
    #[must_use]
    pub fn from_answers(answers: &Answers) -> Option<Self> {
        let answers = answers.clone();
        Some(Self {
            purpose: answers.purpose?,
            purpose_details: answers.purpose_details,
            proficiency: answers.proficiency?,
            season: answers.season?,
            competition_date: answers.competition_date,
            availability_days: answers.availability_days?,
            weekly_goal_days: answers.weekly_goal_days?,
            minutes_per_session: answers.minutes_per_session.unwrap_or(DEFAULT_MINUTES),
            equipment: answers.equipment?.into_iter().collect(),
            fixed_schedules: answers.fixed_schedules.unwrap_or_default(),
            recovery_habits: answers.recovery_habits?.into_iter().collect(),
            injuries: answers.injuries.unwrap_or_default(),
            age: answers.age,
            pregnant: answers.pregnant.unwrap_or(false),
            weeks_since_birth: answers.weeks_since_birth,
            screening: answers.screening.unwrap_or_default(),
            mentioned: Vec::new(),
            cleared_by_professional: answers.cleared_by_professional.unwrap_or(false),
        })
    }
}
