//! What a foreign provider (a model) is asked for: a lean week of training, repeated, with its sets week by week.
//!
//! The shape and its JSON schema are these structs; the field's words are what the model is told. How a draft becomes a
//! plan is in `compose/complete.rs`, and whether that plan is sound is for `rules` to say, as for any other.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue::ExerciseId;
use super::limits::HARD_RPE;
use super::plan::Focus;
use super::profile::Day;

/// The most sessions of a week.
pub const MOST_SESSIONS: usize = 7;
/// The most exercises of a session.
pub const MOST_EXERCISES: usize = 16;
/// The most sets of an exercise in a session.
pub const MOST_SETS: u8 = 20;

/// A week of training that repeats; the sets of each week say how it grows and where it is lighter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The week's sessions, at most one a day.
    pub sessions: Vec<DraftSession>,
}

/// A session of the repeating week, without warm-up and cool-down: those are added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftSession {
    /// A free day.
    #[schemars(with = "String", extend("enum" = spellings(Day::ALL, Day::as_str)))]
    pub day: Day,
    /// What the session works on.
    #[schemars(with = "String", extend("enum" = spellings(Focus::ALL, Focus::as_str)))]
    pub focus: Focus,
    /// In the order in which they are done: power, compounds, isolation, conditioning.
    pub exercises: Vec<DraftItem>,
}

/// An exercise of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftItem {
    /// Its id in the list of exercises.
    #[schemars(with = "String")]
    pub exercise: ExerciseId,
    /// Working sets in week 1, week 2 and so on, one number a week; 0 leaves it out of that week.
    pub sets: Vec<u8>,
    /// The fewest repetitions of a set, or its seconds or metres, as the exercise is measured; of easy conditioning the
    /// seconds of the first week.
    pub low: u16,
    /// The most repetitions of a set, or its seconds or metres: then the same as low. Of easy conditioning the most
    /// seconds: from low it grows by a tenth a loading week until then, and lighter weeks have 60 % of it.
    pub high: u16,
    /// Repetitions in reserve for strength; effort from 1 to 10 for conditioning, where 7 and more is hard; else 0.
    pub effort: u8,
    /// Percent of the one-repetition maximum, or 0 where the reserve alone decides.
    pub percent: u16,
    /// Seconds of rest after a set.
    pub rest: u16,
    /// Whether it alternates set by set with the exercise before it.
    pub joined: bool,
}

/// Why a draft is no plan at all, sound or not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftFault {
    /// It has no session with an exercise.
    #[error("it has no session with an exercise")]
    Empty,
    /// There is more of something than any plan has.
    #[error("{place} has {got}; at most {most} are allowed")]
    TooMany {
        /// Where in the draft.
        place: String,
        /// How many it has.
        got: usize,
        /// How many it may have.
        most: usize,
    },
    /// The sets are not one number a week.
    #[error("{place} has {got} numbers; there are {weeks} weeks")]
    Weeks {
        /// Where in the draft.
        place: String,
        /// How many it has.
        got: usize,
        /// How many weeks there are.
        weeks: usize,
    },
}

impl DraftItem {
    /// Whether it is hard, as conditioning.
    #[must_use]
    pub const fn is_hard(&self) -> bool {
        self.effort >= HARD_RPE
    }

    /// Seconds of an easy bout after so many loading weeks: from the first it grows by a tenth in each, up to its most, so
    /// that it never falls from one loading week to the next (R29) and never grows too fast (R15).
    #[must_use]
    pub fn bout_s(&self, loaded: usize) -> u16 {
        let grown = |now: u16| u16::try_from(u32::from(now) * 110 / 100 / 30 * 30).unwrap_or(u16::MAX).max(now);
        (0..loaded).fold(self.low, |seconds, _| grown(seconds)).min(self.high)
    }
}

impl Draft {
    /// The JSON schema of a draft, in the subset that structured output takes: every field required, no others.
    #[must_use]
    pub fn schema() -> Value {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let mut schema = settings.into_generator().into_root_schema_for::<Self>().to_value();
        plain(&mut schema);
        schema
    }

    /// Checks the bounds that hold whatever the rules say.
    pub(super) fn check(&self, weeks: u8) -> Result<(), DraftFault> {
        let weeks = usize::from(weeks);
        let bounded = |place: String, got: usize, most: usize| {
            if got <= most { Ok(()) } else { Err(DraftFault::TooMany { place, got, most }) }
        };
        bounded("sessions".to_owned(), self.sessions.len(), MOST_SESSIONS)?;
        for (s, session) in self.sessions.iter().enumerate() {
            bounded(format!("sessions[{s}].exercises"), session.exercises.len(), MOST_EXERCISES)?;
            for (e, item) in session.exercises.iter().enumerate() {
                let place = format!("sessions[{s}].exercises[{e}].sets");
                if item.sets.len() != weeks {
                    return Err(DraftFault::Weeks { place, got: item.sets.len(), weeks });
                }
                let most = item.sets.iter().copied().max().unwrap_or(0);
                bounded(place, most.into(), MOST_SETS.into())?;
            }
        }
        let sets = self.sessions.iter().flat_map(|session| &session.exercises).flat_map(|item| &item.sets);
        if sets.copied().all(|n| n == 0) { Err(DraftFault::Empty) } else { Ok(()) }
    }
}

fn spellings<T: Copy>(all: &[T], text: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|choice| text(*choice)).collect()
}

/// Takes out what the schema language of structured output does not know: titles and the widths of numbers.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|name, value| !(matches!(name.as_str(), "title" | "format") && value.is_string()));
            members.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sets: &[u8]) -> DraftItem {
        let sets = sets.to_vec();
        DraftItem { exercise: "x".into(), sets, low: 8, high: 12, effort: 2, percent: 0, rest: 60, joined: false }
    }

    fn draft(items: Vec<DraftItem>) -> Draft {
        Draft { sessions: vec![DraftSession { day: Day::Monday, focus: Focus::FullBody, exercises: items }] }
    }

    #[test]
    fn the_schema_asks_for_every_field_and_no_other() {
        fn walk(schema: &Value, objects: &mut usize) {
            if let Some(fields) = schema["properties"].as_object() {
                *objects += 1;
                let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
                let mut required: Vec<&str> =
                    schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                names.sort_unstable();
                required.sort_unstable();
                assert_eq!(names, required);
                assert_eq!(schema["additionalProperties"], Value::Bool(false));
                assert!(fields.values().all(|field| field["description"].is_string()), "the model is told: {fields:?}");
                fields.values().for_each(|field| walk(field, objects));
            }
            if !schema["items"].is_null() {
                walk(&schema["items"], objects);
            }
        }
        let schema = Draft::schema();
        let mut objects = 0;
        walk(&schema, &mut objects);
        assert_eq!(objects, 3, "{schema:#}");
        let text = schema.to_string();
        for unknown in ["\"format\"", "\"title\"", "oneOf", "$ref", "$schema", "$defs"] {
            assert!(!text.contains(unknown), "{unknown} in {text}");
        }
    }

    #[test]
    fn a_draft_has_one_number_a_week_and_keeps_the_bounds() {
        assert_eq!(draft(vec![item(&[2, 3])]).check(2), Ok(()));
        assert!(matches!(draft(vec![item(&[2])]).check(2), Err(DraftFault::Weeks { got: 1, weeks: 2, .. })));
        assert!(matches!(draft(vec![item(&[2, 21])]).check(2), Err(DraftFault::TooMany { got: 21, .. })));
        assert!(matches!(draft(vec![item(&[1]); 17]).check(1), Err(DraftFault::TooMany { got: 17, .. })));
        assert_eq!(draft(vec![item(&[0, 0])]).check(2), Err(DraftFault::Empty));
        assert_eq!(Draft { sessions: Vec::new() }.check(1), Err(DraftFault::Empty));
    }
}
