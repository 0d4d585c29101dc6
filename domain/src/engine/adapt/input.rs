//! What adaptation works on, what it decides, and what it remembers for the next time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::Date;

use crate::dates::plus_days;
use crate::engine::answers::iso_date;
use crate::engine::catalogue::ExerciseId;
use crate::engine::choices::choices;
use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::engine::today::clearance_wanted;
use crate::engine::workout::TrainingLog;

/// What a next version is made from.
#[derive(Debug, Clone)]
pub struct AdaptInput<'a> {
    /// The newest version.
    pub plan: &'a Plan,
    /// The profile that it was made for.
    pub profile: &'a Profile,
    /// What was asked of the engine then.
    pub request: PlanRequest,
    /// What was done and what hurt.
    pub log: &'a TrainingLog,
    /// The day it is: sessions before it never change.
    pub on: Date,
}

impl<'a> AdaptInput<'a> {
    /// The input for a plan; what was asked of the engine is read off the plan.
    #[must_use]
    pub fn new(plan: &'a Plan, profile: &'a Profile, log: &'a TrainingLog, on: Date) -> Self {
        Self { plan, profile, request: request_of(plan, on), log, on }
    }
}

/// What was asked of the engine for a plan. A plan without any session starts in the week of `otherwise`.
#[must_use]
pub fn request_of(plan: &Plan, otherwise: Date) -> PlanRequest {
    let first = plan.weeks.iter().enumerate().find_map(|(at, week)| Some((at, week.sessions.first()?.date)));
    let (at, date) = first.unwrap_or((0, otherwise));
    let monday = plus_days(date, -i64::from(date.weekday().number_days_from_monday()));
    PlanRequest {
        start: plus_days(monday, i64::try_from(at).unwrap_or(0).saturating_mul(-7)),
        weeks: u8::try_from(plan.weeks.len()).unwrap_or(u8::MAX),
        seed: plan.provenance.seed,
    }
}

choices! {
    /// What adaptation does, or holds back from doing.
    Action {
        /// More load, time, way or repetitions, or less in reserve.
        Raise = "raise",
        /// Less load, or more in reserve.
        Lower = "lower",
        /// A rise was earned and held back while a bad sign stands.
        Hold = "hold",
        /// Last week comes again, and what follows moves on.
        RepeatWeek = "repeat_week",
        /// After days away the last trained week comes again, with a share of what was done.
        ReEnter = "re_enter",
        /// A lighter week comes early.
        EarlyDeload = "early_deload",
        /// Another exercise in place of one that would strain what hurts.
        Substitute = "substitute",
        /// An exercise is left out, because nothing can stand in for it.
        LeaveOut = "leave_out",
        /// Lighter, longer and farther from failure, with care for a sore place.
        Modify = "modify",
        /// Sets or minutes given back, so that the whole keeps the rules.
        Fit = "fit",
        /// Asked for, and not possible within the rules.
        Decline = "decline",
    }
}

/// Something that adaptation decided, and from which facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What.
    pub action: Action,
    /// By which rule.
    pub rule: Rule,
    /// What it is about: an exercise's id, a week (`week 3`), a body part.
    pub about: String,
    /// What in the log, or which rule, led to it.
    pub facts: Vec<String>,
}

impl Decision {
    pub(super) fn new(action: Action, rule: Rule, about: impl Into<String>, facts: Vec<String>) -> Self {
        Self { action, rule, about: about.into(), facts }
    }
}

/// What a version says about how it was adapted, and what the next adaptation must remember: evidence counts once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adapted {
    /// The day on which it was made.
    #[serde(with = "iso_date")]
    pub on: Date,
    /// What was decided for this version.
    pub decisions: Vec<Decision>,
    /// Workouts that were in the log.
    pub workouts: u32,
    /// By exercise: evidence up to this training day has had its effect.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub progressed: BTreeMap<ExerciseId, IsoDate>,
    /// The weeks that were repeated already.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub repeated: BTreeSet<u8>,
    /// Bad signals up to this day have had their effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deloaded: Option<IsoDate>,
    /// The last return after days away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
}

/// A return after days away: made once for each absence, week and share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Away {
    /// The last training day before it. Rises need training days after it.
    pub since: IsoDate,
    /// The week of the return, from 1.
    pub week: u8,
    /// Percent of what was done before that it begins with.
    pub share: u32,
}

/// A day as `YYYY-MM-DD`, also inside maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IsoDate(#[serde(with = "iso_date")] pub Date);

/// What became of the question whether a plan should change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adaptation {
    /// Nothing does; what was considered and held back is told.
    Same(Vec<Decision>),
    /// The next version.
    Next(Box<Plan>),
}

/// Why no version may follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdaptError {
    /// What was reported asks for a professional's yes first (R24).
    #[error("{}", clearance_wanted(flags))]
    ClearanceRequired {
        /// What calls for it.
        flags: Vec<String>,
    },
    /// What was reported leaves no version that keeps the rules.
    #[error(
        "no version of this plan keeps {rule} with what hurts now ({found}); stop training what hurts and make a new plan from changed answers"
    )]
    Infeasible {
        /// The rule in the way.
        rule: Rule,
        /// What it found.
        found: String,
    },
}
