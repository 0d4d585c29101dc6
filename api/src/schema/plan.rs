//! A plan as the document shows it. The fields are those of `ally_domain::engine::plan`, but for the one that answers spell out
//! (`crate::wire`); a test checks a composed plan against this shape.

use std::collections::BTreeMap;

use poem_openapi::Object;

use super::answers::DateText;
use super::choice::{
    ActionChoice, BlockKindChoice, FocusChoice, PhaseChoice, ProgressRuleChoice, PurposeChoice, SeasonChoice,
};

/// A training plan.
#[derive(Object)]
#[oai(rename = "Plan", rename_all = "camelCase")]
pub(crate) struct PlanSchema {
    /// The version of this shape.
    schema: i32,
    /// Which plan.
    plan_id: String,
    /// From 1.
    version: i32,
    /// The version it was made from, if any.
    parent: Option<i32>,
    /// Who made it, and from what.
    provenance: ProvenanceShape,
    /// The revision of the profile it was made for.
    profile_rev: i32,
    /// What for.
    goal: PurposeChoice,
    /// Where in the year.
    season: SeasonChoice,
    /// Its weeks, in order.
    weeks: Vec<WeekShape>,
    /// What it adds up to.
    totals: TotalsShape,
    /// Where it falls short of a soft rule, and why.
    tradeoffs: Vec<TradeoffShape>,
    /// How good it is.
    score: ScoreShape,
    /// What was checked.
    validation: ValidationShape,
    /// How it was adapted to what was done; absent in a first version.
    adapted: Option<AdaptedShape>,
}

/// Everything that, together with the profile and the request, gives the plan again.
#[derive(Object)]
#[oai(rename = "Provenance")]
struct ProvenanceShape {
    /// `builtin`, or the name of another provider.
    provider: String,
    /// The engine's version.
    engine: String,
    /// The SHA-256 of the catalogue, hex.
    catalogue: String,
    /// The seed of its choices.
    #[oai(validator(minimum(value = "0")))]
    seed: i64,
    /// The model that drafted it, where one did.
    model: Option<String>,
    /// How often a draft went back for repair before it kept the rules, where a model drafted it.
    repairs: Option<i32>,
    /// Who was asked first, where another provider made the plan in the end.
    fallback: Option<FallbackShape>,
}

/// A provider that was asked first and made no plan.
#[derive(Object)]
#[oai(rename = "Fallback")]
struct FallbackShape {
    /// Its name: `llm`.
    from: String,
    /// Why it made none, for programs: `timeout`, `broken_rules`.
    code: String,
    /// Why it made none, for people.
    reason: String,
}

/// Seven days from a Monday.
#[derive(Object)]
#[oai(rename = "Week")]
struct WeekShape {
    /// From 1.
    n: i32,
    /// What it is for.
    phase: PhaseChoice,
    /// Whether it is a lighter week.
    deload: bool,
    /// Its sessions, by date.
    sessions: Vec<SessionSchema>,
}

/// One training session.
#[derive(Object)]
#[oai(rename = "Session", rename_all = "camelCase")]
pub(crate) struct SessionSchema {
    /// Unique in the plan and stable across versions: `w2d4` is the Thursday of week 2.
    id: String,
    /// When.
    date: DateText,
    /// What it works on.
    focus: FocusChoice,
    /// Estimated minutes.
    est_min: i32,
    /// Its blocks, in order.
    blocks: Vec<BlockShape>,
}

/// A part of a session.
#[derive(Object)]
#[oai(rename = "Block")]
struct BlockShape {
    /// What it is.
    kind: BlockKindChoice,
    /// Its exercises.
    items: Vec<ItemShape>,
}

/// One exercise of a session.
#[derive(Object)]
#[oai(rename = "ExerciseItem")]
struct ItemShape {
    /// Which exercise of the catalogue.
    exercise: String,
    /// Its sets, in order.
    sets: Vec<SetsShape>,
    /// How it gets harder.
    progress: Option<ProgressShape>,
    /// What may be done instead.
    alts: Option<Vec<String>>,
    /// The rules that put it here: `R14:squat`, `R5:knee`.
    why: Vec<String>,
}

/// `n` equal sets, by exactly one of `reps`, `seconds` and `metres`.
#[derive(Object)]
#[oai(rename = "Sets", rename_all = "camelCase")]
struct SetsShape {
    /// How many.
    n: i32,
    /// Lowest and highest repetitions, a side where the exercise is one-sided.
    #[oai(validator(min_items = 2, max_items = 2))]
    reps: Option<Vec<i32>>,
    /// Seconds of work.
    seconds: Option<i32>,
    /// Metres of way.
    metres: Option<i32>,
    /// Repetitions in reserve at the end of a set.
    rir: Option<i32>,
    /// Effort from 1 to 10, for conditioning.
    rpe: Option<i32>,
    /// Percent of the one-repetition maximum: a starting point where the reserve decides.
    #[oai(rename = "pct1rm")]
    pct1rm: Option<i32>,
    /// Kilograms, once workouts have told them.
    load_kg: Option<f64>,
    /// Seconds of rest after a set; in a superset after the round.
    rest_s: i32,
    /// Whether these sets only lead up to the working load.
    ramp: Option<bool>,
}

/// How an exercise gets harder.
#[derive(Object)]
#[oai(rename = "Progression", rename_all = "camelCase")]
struct ProgressShape {
    /// By which rule.
    rule: ProgressRuleChoice,
    /// The step in percent; 0 where nothing rises.
    step_pct: i32,
}

/// What a plan adds up to.
#[derive(Object)]
#[oai(rename = "PlanTotals", rename_all = "camelCase")]
struct TotalsShape {
    /// Sessions in all weeks.
    sessions: i32,
    /// Estimated minutes in all weeks.
    minutes: i32,
    /// Working sets in all weeks.
    working_sets: i32,
    /// Ground contacts of jumps in all weeks.
    contacts: i32,
    /// The most minutes of conditioning in a week.
    aerobic_min_per_week: i32,
    /// Sets by muscle in the fullest week.
    peak_week_sets: BTreeMap<String, MuscleSetsShape>,
}

/// Weekly sets of a muscle.
#[derive(Object)]
#[oai(rename = "MuscleSets")]
struct MuscleSetsShape {
    /// Sets in which it does the main work.
    direct: i32,
    /// Sets in which it assists; they count half.
    indirect: i32,
}

/// A soft rule that the plan does not meet in full.
#[derive(Object)]
#[oai(rename = "Tradeoff")]
struct TradeoffShape {
    /// Which rule.
    rule: String,
    /// What it asks.
    want: String,
    /// What the plan has.
    got: String,
    /// What stood in the way.
    why: String,
}

/// Points from 0 to 100: safety counts 60 %, compliance 30 %, performance 10 %.
#[derive(Object)]
#[oai(rename = "PlanScore")]
struct ScoreShape {
    /// How far from harm.
    safety: i32,
    /// How close to what the athlete asked for.
    compliance: i32,
    /// How much it will do.
    performance: i32,
    /// All three, weighted.
    total: i32,
}

/// What the validator said.
#[derive(Object)]
#[oai(rename = "PlanValidation")]
struct ValidationShape {
    /// No hard rule is broken.
    passed: bool,
    /// The rules that were checked.
    rules: Vec<String>,
}

/// How a version was adapted, and what the next adaptation remembers: evidence counts once.
#[derive(Object)]
#[oai(rename = "Adapted")]
struct AdaptedShape {
    /// The day on which it was made.
    on: DateText,
    /// What was decided for this version.
    decisions: Vec<DecisionShape>,
    /// Workouts that were in the log.
    workouts: i32,
    /// By exercise: evidence up to this training day has had its effect.
    progressed: Option<BTreeMap<String, DateText>>,
    /// The weeks that were repeated already.
    repeated: Option<Vec<i32>>,
    /// Bad signals up to this day have had their effect.
    deloaded: Option<DateText>,
    /// The last return after days away.
    away: Option<AwayShape>,
}

/// A return after days away.
#[derive(Object)]
#[oai(rename = "ReturnToTraining")]
struct AwayShape {
    /// The last training day before it. Rises need training days after it.
    since: DateText,
    /// The week of the return, from 1.
    week: i32,
    /// Percent of what was done before that it begins with.
    share: i32,
}

/// Something that adaptation decided, and from which facts.
#[derive(Object)]
#[oai(rename = "Decision")]
struct DecisionShape {
    /// What.
    action: ActionChoice,
    /// By which rule.
    rule: String,
    /// What it is about: an exercise's id, a week, a body part.
    about: String,
    /// What in the log led to it.
    facts: Vec<String>,
}

#[cfg(test)]
mod tests {
    use ally_domain::engine::profile::Profile;
    use ally_domain::engine::request::PlanRequest;
    use ally_domain::engine::{Catalogue, ComposeInput, compose};
    use ally_domain::ids::PlanId;
    use serde_json::value::to_raw_value;
    use serde_json::{Value, json};
    use time::macros::date;

    use super::super::Schema;
    use super::PlanSchema;
    use crate::wire::spelled_out;

    fn composed(profile: Value) -> Value {
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let plan_id: PlanId = "p1".parse().unwrap();
        let request = PlanRequest { start: date!(2026 - 11 - 23), weeks: 8, seed: 7 };
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        let plan = to_raw_value(&compose(&input, &Catalogue::embedded().unwrap()).unwrap()).unwrap();
        serde_json::from_str(spelled_out(plan).get()).unwrap()
    }

    #[test]
    fn a_composed_plan_is_as_documented() {
        let schema = Schema::of::<PlanSchema>();
        let mut profile = json!({
            "purpose": "sport_performance", "proficiency": "advanced", "season": "preseason",
            "competitionDate": "2027-01-16", "availabilityDays": 5, "weeklyGoalDays": 5, "minutesPerSession": 75,
            "equipment": ["full_gym"], "fixedSchedules": [], "recoveryHabits": ["good_sleep"], "injuries": [],
            "pregnant": false, "clearedByProfessional": false
        });
        assert_eq!(schema.faults(&composed(profile.clone())), []);
        profile["purpose"] = json!("weight_loss");
        profile["proficiency"] = json!("beginner");
        profile["equipment"] = json!([]);
        profile["injuries"] = json!([{"bodyPart": "knee", "pain": 4}]);
        assert_eq!(schema.faults(&composed(profile)), []);
    }
}
