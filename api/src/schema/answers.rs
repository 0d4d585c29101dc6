//! The answers of onboarding as the document shows them. The fields are those of `ally_domain::engine::answers`.

use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Value, json};

use super::check::HOUR_MINUTE;
use super::choice::{
    BodyPartChoice, DayChoice, EquipmentChoice, ProficiencyChoice, PurposeChoice, RecoveryHabitChoice, SeasonChoice,
};
use super::documented::{named_shape, shape};

/// Answers of onboarding: some of them or all at once. What is absent stays as it was answered before. The six steps
/// are `purpose`; `proficiency`; `season`; `availabilityDays` with `weeklyGoalDays`; `equipment`; `recoveryHabits`.
#[derive(Object)]
#[oai(rename = "OnboardingAnswers", rename_all = "camelCase", example = true, skip_serializing_if_is_none)]
pub(crate) struct AnswersSchema {
    /// Step 1: what for.
    purpose: Option<PurposeChoice>,
    /// Step 1, optional: in the athlete's own words.
    #[oai(validator(max_length = 1_000))]
    purpose_details: Option<String>,
    /// Step 2: how far along.
    proficiency: Option<ProficiencyChoice>,
    /// Step 3: where in the year.
    season: Option<SeasonChoice>,
    /// Step 3, optional: the day that counts, today or later.
    competition_date: Option<DateText>,
    /// Step 4: how many days a week, 1 to 7, or which; the names of days are taken in any case.
    availability_days: Option<AvailabilityShape>,
    /// Step 4: on how many days a week to train; no more than are available.
    #[oai(validator(minimum(value = "1"), maximum(value = "7")))]
    weekly_goal_days: Option<i32>,
    /// Step 4, optional: minutes a session; 60 unless told.
    #[oai(validator(minimum(value = "15"), maximum(value = "180")))]
    minutes_per_session: Option<i32>,
    /// Step 5: what there is to train with; an empty list is a body and a floor.
    #[oai(validator(max_items = 50))]
    equipment: Option<Vec<EquipmentChoice>>,
    /// Step 5, optional: hours of the week that are taken.
    #[oai(validator(max_items = 50))]
    fixed_schedules: Option<Vec<FixedScheduleShape>>,
    /// Step 6: how the athlete recovers; an empty list is an answer too.
    #[oai(validator(max_items = 50))]
    recovery_habits: Option<Vec<RecoveryHabitChoice>>,
    /// Step 6, optional: what hurts, and how much.
    #[oai(validator(max_items = 50))]
    injuries: Option<Vec<InjuryShape>>,
    /// Step 6, optional: years.
    #[oai(validator(minimum(value = "10"), maximum(value = "120")))]
    age: Option<i32>,
    /// Step 6, optional: whether pregnant.
    pregnant: Option<bool>,
    /// Step 6, optional: weeks since the birth of a child. Under 12 weeks a professional's yes is asked for.
    #[oai(validator(minimum(value = "0"), maximum(value = "520")))]
    weeks_since_birth: Option<i32>,
    /// Step 6, optional: seven questions about health, each with yes or no. A yes asks for `clearedByProfessional`.
    screening: Option<ScreeningShape>,
    /// Step 6, optional: a professional has said yes to training. It covers what is known by then: when a later answer
    /// calls for a yes anew and brings none, this becomes false.
    cleared_by_professional: Option<bool>,
}

/// Seven questions about health. What is absent stays as it was answered before; a question without an answer was not asked.
#[derive(Object)]
#[oai(rename = "Screening", rename_all = "camelCase")]
struct ScreeningShape {
    /// Has a doctor ever found a heart condition or high blood pressure?
    heart_or_blood_pressure: Option<bool>,
    /// Does your chest hurt or feel tight, at rest, in daily life or when you are active?
    chest_pain: Option<bool>,
    /// Have you fainted in the last year, or do you lose your balance because you are dizzy?
    dizziness_or_fainting: Option<bool>,
    /// Do you have any other lasting condition that a doctor found, such as diabetes, asthma or epilepsy?
    other_condition: Option<bool>,
    /// Do you take prescribed medication for a lasting condition?
    medication: Option<bool>,
    /// Do you have, or have you had within a year, a problem of bone, joint, muscle or ligament that more activity could
    /// make worse?
    bone_or_joint: Option<bool>,
    /// Has a doctor told you to be active only under medical supervision?
    supervised_only: Option<bool>,
}

/// Hours of a weekday that are taken: practice, work, school.
#[derive(Object)]
#[oai(rename = "FixedSchedule")]
struct FixedScheduleShape {
    /// Which day.
    day: DayChoice,
    /// From, local time.
    start: HourMinuteText,
    /// To, later the same day.
    end: HourMinuteText,
}

/// What hurts.
#[derive(Object)]
#[oai(rename = "Injury", rename_all = "camelCase")]
struct InjuryShape {
    /// Where.
    body_part: BodyPartChoice,
    /// How much: up to 3 go, 4 and 5 modify, from 6 on substitute.
    #[oai(validator(minimum(value = "0"), maximum(value = "10")))]
    pain: i32,
}

impl poem_openapi::types::Example for AnswersSchema {
    fn example() -> Self {
        use ally_domain::engine::profile::{BodyPart, Equipment, Proficiency, Purpose, RecoveryHabit, Season};
        Self {
            purpose: Some(PurposeChoice(Purpose::MuscleBuilding)),
            purpose_details: None,
            proficiency: Some(ProficiencyChoice(Proficiency::Beginner)),
            season: Some(SeasonChoice(Season::Offseason)),
            competition_date: None,
            availability_days: Some(AvailabilityShape(json!(["monday", "thursday"]))),
            weekly_goal_days: Some(2),
            minutes_per_session: Some(45),
            equipment: Some(vec![EquipmentChoice(Equipment::Bands)]),
            fixed_schedules: None,
            recovery_habits: Some(vec![RecoveryHabitChoice(RecoveryHabit::GoodSleep)]),
            injuries: Some(vec![InjuryShape { body_part: BodyPartChoice(BodyPart::Knee), pain: 4 }]),
            age: Some(34),
            pregnant: None,
            weeks_since_birth: None,
            screening: Some(ScreeningShape {
                heart_or_blood_pressure: Some(false),
                chest_pain: Some(false),
                dizziness_or_fainting: Some(false),
                other_condition: Some(false),
                medication: Some(false),
                bone_or_joint: Some(false),
                supervised_only: Some(false),
            }),
            cleared_by_professional: None,
        }
    }
}

shape! {
    /// A date, `YYYY-MM-DD`.
    DateText(String) as "date" = MetaSchema {
        example: Some("2027-05-01".into()),
        ..MetaSchema::new_with_format("string", "date")
    }, |_| {};
    /// A time of day, `HH:MM`.
    HourMinuteText(String) as "hour-minute" = MetaSchema {
        pattern: Some("^([01][0-9]|2[0-3]):[0-5][0-9]$".to_owned()),
        example: Some("18:30".into()),
        ..MetaSchema::new_with_format("string", HOUR_MINUTE)
    }, |_| {};
}

named_shape! {
    /// So many days a week, or these.
    AvailabilityShape(Value) as "Availability" = MetaSchema {
        one_of: vec![
            // Named, and a closed list: generators of Go take the type of an unnamed number for a name.
            AvailabilityCountShape::schema_ref(),
            MetaSchemaRef::Inline(Box::new(MetaSchema {
                items: Some(Box::new(DayChoice::schema_ref())),
                min_items: Some(1),
                max_items: Some(50),
                ..MetaSchema::new("array")
            })),
        ],
        ..MetaSchema::ANY
    }, |registry| {
        AvailabilityCountShape::register(registry);
        DayChoice::register(registry);
    };
    /// On how many days of a week there is time.
    AvailabilityCountShape(i32) as "AvailabilityCount" = MetaSchema {
        enum_items: (1_i32..=7).map(Value::from).collect(),
        // The check of bodies goes by these, and says them to people.
        minimum: Some(1.0),
        maximum: Some(7.0),
        ..MetaSchema::new_with_format("integer", "int32")
    }, |_| {};
}

#[cfg(test)]
mod tests {
    use ally_domain::engine::answers::Answers;
    use ally_domain::engine::screening::Question;
    use poem_openapi::registry::Registry;
    use poem_openapi::types::Type;
    use serde_json::json;

    use super::super::Schema;
    use super::*;

    #[test]
    fn the_documented_answers_are_the_domains() {
        let all = json!({
            "purpose": "rehabilitation", "purposeDetails": "back to running", "proficiency": "intermediate",
            "season": "preseason", "competitionDate": "2027-05-01", "availabilityDays": ["monday", "sunday"],
            "weeklyGoalDays": 2, "minutesPerSession": 60, "equipment": ["kettlebell"],
            "fixedSchedules": [{"day": "friday", "start": "18:00", "end": "19:30"}], "recoveryHabits": ["stretching"],
            "injuries": [{"bodyPart": "hip", "pain": 0}], "age": 41, "pregnant": false, "weeksSinceBirth": 30,
            "screening": {"heartOrBloodPressure": false, "chestPain": false, "dizzinessOrFainting": false,
                "otherCondition": true, "medication": false, "boneOrJoint": true, "supervisedOnly": false},
            "clearedByProfessional": true
        });
        let answers: Answers = serde_json::from_value(all.clone()).unwrap();
        let written = serde_json::to_value(answers).unwrap();
        assert_eq!(written, all, "every answer that there is");
        assert_eq!(Schema::of::<AnswersSchema>().faults(&written), []);
        let mut registry = Registry::new();
        AnswersSchema::register(&mut registry);
        let documented = registry.schemas["OnboardingAnswers"].properties.len();
        assert_eq!(documented, all.as_object().unwrap().len(), "none is documented that the domain does not know");
        for question in Question::ALL {
            let questions = &registry.schemas["Screening"].properties;
            let (_, shape) = questions.iter().find(|(name, _)| *name == question.as_str()).unwrap();
            let MetaSchemaRef::Inline(shape) = shape else { panic!("{} is no plain answer", question.as_str()) };
            let described = shape.description.unwrap().replace('\n', " ");
            assert_eq!(described, question.asks(), "the document and the form ask the same");
        }
        assert_eq!(registry.schemas["Screening"].properties.len(), Question::ALL.len());
    }
}
