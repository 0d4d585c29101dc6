//! What was done and what hurts, as the document shows it. The fields are those of `ally_domain::engine::workout`.

use poem_openapi::Object;
use poem_openapi::registry::MetaSchema;
use poem_openapi::types::Example;

use super::choice::BodyPartChoice;
use super::documented::shape;

/// A session as it was done.
#[derive(Object)]
#[oai(rename = "Workout", rename_all = "camelCase", example = true, skip_serializing_if_is_none)]
pub(crate) struct WorkoutSchema {
    /// Which plan.
    plan_id: String,
    /// Which session of it: `w1d2`. A later workout of the same session counts in its place.
    session_id: String,
    /// When, with the athlete's own offset: the date it has there is the training day, not before the session's.
    performed_at: MomentText,
    /// What was done, in order, without warming up.
    #[oai(validator(max_items = 40))]
    items: Vec<ItemDoneShape>,
    /// How hard the whole session was.
    #[oai(validator(minimum(value = "0"), maximum(value = "10")))]
    session_rpe: Option<i32>,
    /// What hurt. A level of 0 says that a place does not hurt any more.
    #[oai(validator(max_items = 8))]
    pain: Option<Vec<PainShape>>,
    /// In the athlete's own words.
    #[oai(validator(max_length = 1_000))]
    note: Option<String>,
}

/// An exercise as it was done.
#[derive(Object)]
#[oai(rename = "ItemDone")]
struct ItemDoneShape {
    /// Which exercise: a planned one, one of its alternatives, or another of the catalogue.
    exercise: String,
    /// Its sets in order.
    #[oai(validator(min_items = 1, max_items = 30))]
    sets: Vec<SetDoneShape>,
}

/// A set as it was done: exactly one of `reps`, `seconds` and `metres`, at most one of `rir` and `rpe`.
#[derive(Object)]
#[oai(rename = "SetDone", rename_all = "camelCase", skip_serializing_if_is_none)]
struct SetDoneShape {
    /// Repetitions, a side where the exercise is one-sided.
    #[oai(validator(minimum(value = "0"), maximum(value = "500")))]
    reps: Option<i32>,
    /// Seconds of work.
    #[oai(validator(minimum(value = "0"), maximum(value = "36000")))]
    seconds: Option<i32>,
    /// Metres of way.
    #[oai(validator(minimum(value = "0"), maximum(value = "200000")))]
    metres: Option<i32>,
    /// The load in kilograms, without the body's own weight.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000")))]
    load_kg: Option<f64>,
    /// Repetitions that were left in reserve.
    #[oai(validator(minimum(value = "0"), maximum(value = "10")))]
    rir: Option<i32>,
    /// Effort in halves: 10 less the reserve.
    #[oai(validator(minimum(value = "1"), maximum(value = "10")))]
    rpe: Option<f64>,
}

/// Pain in one place.
#[derive(Object)]
#[oai(rename = "Pain", rename_all = "camelCase")]
struct PainShape {
    /// Where.
    body_part: BodyPartChoice,
    /// How much: up to 3 go, 4 and 5 modify, from 6 on substitute.
    #[oai(validator(minimum(value = "0"), maximum(value = "10")))]
    level: i32,
}

/// What hurts, without a workout.
#[derive(Object)]
#[oai(rename = "PainReport", rename_all = "camelCase")]
pub(crate) struct PainReportSchema {
    /// When it was felt; now unless told.
    at: Option<MomentText>,
    /// Where and how much. A level of 0 says that a place does not hurt any more.
    #[oai(validator(min_items = 1, max_items = 8))]
    pain: Vec<PainShape>,
    /// In the athlete's own words.
    #[oai(validator(max_length = 1_000))]
    note: Option<String>,
}

/// Why a next version is wanted. Everything is optional.
#[derive(Object)]
#[oai(rename = "ReplanWish")]
pub(crate) struct ReplanSchema {
    /// In the athlete's own words; kept with the job.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

shape! {
    /// A moment, as RFC 3339 writes it.
    MomentText(String) as "date-time" = MetaSchema {
        example: Some("2026-11-24T18:30:00+01:00".into()),
        ..MetaSchema::new_with_format("string", "date-time")
    }, |_| {};
}

impl Example for WorkoutSchema {
    fn example() -> Self {
        let set = |reps, kg| SetDoneShape {
            reps: Some(reps),
            seconds: None,
            metres: None,
            load_kg: Some(kg),
            rir: Some(2),
            rpe: None,
        };
        let sets = vec![set(12, 22.5), set(12, 22.5), set(11, 22.5)];
        Self {
            plan_id: "5f1f0f3a-2f0e-5c11-8a53-7a110a3c9a53".to_owned(),
            session_id: "w1d2".to_owned(),
            performed_at: MomentText("2026-11-24T18:30:00+01:00".to_owned()),
            items: vec![ItemDoneShape { exercise: "goblet-squat".to_owned(), sets }],
            session_rpe: Some(7),
            pain: None,
            note: None,
        }
    }
}
