//! The plan's shape: weeks, sessions, blocks, items, sets. How plans are made and judged is elsewhere.
//!
//! Numbers are whole, so that a plan's bytes are the same on every machine. What a rule checks (exactly one measure,
//! known exercises, reasons) stays expressible when it is wrong: a foreign provider's plan must reach the validator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use super::adapt::Adapted;
use super::amount::Amount;
use super::answers::iso_date;
use super::catalogue::{ExerciseId, Muscle};
use super::choices::choices;
use super::profile::{Purpose, Season};
use super::rule::Rule;
use crate::ids::PlanId;

/// The version of this shape.
pub const PLAN_SCHEMA: u32 = 1;

/// A training plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: u32,
    /// Which plan.
    pub plan_id: PlanId,
    /// From 1.
    pub version: u32,
    /// The version it was made from, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Who made it, and from what.
    pub provenance: Provenance,
    /// The revision of the profile it was made for.
    pub profile_rev: u32,
    /// What for.
    pub goal: Purpose,
    /// Where in the year.
    pub season: Season,
    /// Its weeks, in order.
    pub weeks: Vec<Week>,
    /// What it adds up to.
    pub totals: Totals,
    /// Where it falls short of a soft rule, and why.
    pub tradeoffs: Vec<Tradeoff>,
    /// How good it is.
    pub score: Score,
    /// What was checked.
    pub validation: Validation,
    /// How it was adapted to what was done; absent in a first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapted: Option<Adapted>,
}

impl Plan {
    /// The session of an id.
    #[must_use]
    pub fn session(&self, id: &str) -> Option<&Session> {
        self.weeks.iter().flat_map(|week| &week.sessions).find(|session| session.id == id)
    }
}

/// Everything that, together with the profile and the request, gives the plan again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// `builtin`, or the name of another provider.
    pub provider: String,
    /// The engine's version.
    pub engine: String,
    /// The SHA-256 of the catalogue, hex.
    pub catalogue: String,
    /// The seed of its choices.
    pub seed: u64,
    /// The model that drafted it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How often a draft went back for repair before it kept the rules, where a model drafted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repairs: Option<u8>,
    /// Who was asked first, where another provider made the plan in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
}

/// A provider that was asked first and made no plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    /// Its name: `llm`.
    pub from: String,
    /// Why it made none, for programs: `timeout`, `broken_rules`.
    pub code: String,
    /// Why it made none, for people.
    pub reason: String,
}

choices! {
    /// What a week is for.
    Phase {
        /// Building volume.
        Accumulation = "accumulation",
        /// Heavier, less of it.
        Intensification = "intensification",
        /// Lighter, to recover.
        Deload = "deload",
        /// Less volume before a competition, load and days kept.
        Taper = "taper",
        /// In season: keeping what was won.
        Maintenance = "maintenance",
    }
}
choices! {
    /// What a session works on.
    Focus {
        /// The whole body.
        FullBody = "full_body",
        /// Everything above the hip.
        Upper = "upper",
        /// Legs and hips.
        Lower = "lower",
        /// Chest, shoulders, triceps.
        Push = "push",
        /// Back and biceps.
        Pull = "pull",
        /// Heart and lungs.
        Conditioning = "conditioning",
        /// Easy movement.
        Recovery = "recovery",
    }
}
choices! {
    /// What a block of a session is.
    BlockKind {
        /// General warm-up; its time is the five minutes that every session counts.
        WarmUp = "warm_up",
        /// Jumps and throws, fresh.
        Power = "power",
        /// Straight sets of compounds.
        Main = "main",
        /// Compounds in turn: one rests while the other works.
        Superset = "superset",
        /// Isolation, core and carries in straight sets.
        Accessory = "accessory",
        /// Isolation, core and carries in turn.
        AccessorySuperset = "accessory_superset",
        /// Heart and lungs.
        Conditioning = "conditioning",
        /// Slow movement to end with.
        CoolDown = "cool_down",
    }
}
choices! {
    /// How an item gets harder.
    ProgressRule {
        /// Reach the top of the range twice with the reserve kept, then raise the load.
        DoubleProgression = "double_progression",
        /// Add repetitions within the range.
        AddReps = "add_reps",
        /// Hold or go longer.
        AddSeconds = "add_seconds",
        /// Go farther.
        AddMetres = "add_metres",
        /// Keep as it is: quality, recovery or pain comes first.
        Hold = "hold",
    }
}

/// Seven days from a Monday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Week {
    /// From 1.
    pub n: u8,
    /// What it is for.
    pub phase: Phase,
    /// Whether it is a lighter week.
    pub deload: bool,
    /// Its sessions, by date.
    pub sessions: Vec<Session>,
}

/// One training session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Unique in the plan and stable across versions: `w2d4` is the Thursday of week 2.
    pub id: String,
    /// When.
    #[serde(with = "iso_date")]
    pub date: Date,
    /// What it works on.
    pub focus: Focus,
    /// Minutes by the estimate of R22.
    pub est_min: u16,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
}

/// A part of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its exercises; in a superset they alternate set by set.
    pub items: Vec<Item>,
}

/// One exercise of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Which exercise. Events spell it `ex`, the API `exercise`.
    #[serde(alias = "exercise")]
    pub ex: ExerciseId,
    /// Its sets, in order.
    pub sets: Vec<Sets>,
    /// How it gets harder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// What may be done instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alts: Vec<ExerciseId>,
    /// The rules that put it here.
    pub why: Vec<Reason>,
}

/// `n` equal sets. Exactly one of `reps`, `seconds` and `metres` (R1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sets {
    /// How many.
    pub n: u8,
    /// Lowest and highest repetitions, a side where the exercise is one-sided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reps: Option<[u8; 2]>,
    /// Seconds of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u16>,
    /// Metres of way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<u16>,
    /// Repetitions in reserve at the end of a set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rir: Option<u8>,
    /// Effort from 1 to 10, for conditioning; 7 and more is hard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpe: Option<u8>,
    /// Percent of the one-repetition maximum, a starting point where the reserve decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pct1rm: Option<u8>,
    /// Kilograms, once workouts have told them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_kg: Option<Amount>,
    /// Seconds of rest after a set; in a superset after the round.
    pub rest_s: u16,
    /// Whether these sets only lead up to the working load.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ramp: bool,
}

/// How an item gets harder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// By which rule.
    pub rule: ProgressRule,
    /// The step in percent of the load, the time or the way; 0 where nothing rises.
    pub step_pct: u8,
}

/// A rule's code and what it is about here: `R14:squat`, `R5:knee`, `R3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(pub String);

impl Reason {
    /// A reason from a rule and what it is about.
    #[must_use]
    pub fn new(rule: Rule, about: &str) -> Self {
        Self(if about.is_empty() { rule.code().to_owned() } else { format!("{rule}:{about}") })
    }

    /// The rule, if the code is one.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        Rule::from_code(self.0.split(':').next().unwrap_or_default())
    }

    /// What it is about; empty when it says only the rule.
    #[must_use]
    pub fn about(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, about)| about)
    }
}

/// What a plan adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Sessions in all weeks.
    pub sessions: u16,
    /// Estimated minutes in all weeks.
    pub minutes: u32,
    /// Working sets in all weeks, ramp sets not counted.
    pub working_sets: u32,
    /// Ground contacts of jumps in all weeks.
    pub contacts: u32,
    /// The most minutes of easy and hard conditioning in a week.
    pub aerobic_min_per_week: u32,
    /// Sets by muscle in the fullest week.
    pub peak_week_sets: BTreeMap<Muscle, MuscleSets>,
}

/// Weekly sets of a muscle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MuscleSets {
    /// Sets in which it does the main work.
    pub direct: u16,
    /// Sets in which it assists; they count half.
    pub indirect: u16,
}

impl MuscleSets {
    /// Sets in halves, so that counting stays whole: a direct set is two.
    #[must_use]
    pub const fn halves(self) -> u16 {
        self.direct * 2 + self.indirect
    }
}

/// A soft rule that the plan does not meet in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tradeoff {
    /// Which rule.
    pub rule: Rule,
    /// What it asks.
    pub want: String,
    /// What the plan has.
    pub got: String,
    /// What stood in the way.
    pub why: String,
}

/// Points from 0 to 100: safety counts 60 %, compliance 30 %, performance 10 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// How far from harm.
    pub safety: u8,
    /// How close to what the athlete asked for.
    pub compliance: u8,
    /// How much it will do.
    pub performance: u8,
    /// All three, weighted.
    pub total: u8,
}

/// What the validator said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// No hard rule is broken.
    pub passed: bool,
    /// The rules that were checked.
    pub rules: Vec<Rule>,
}
