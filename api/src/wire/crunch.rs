//! A session in fewer minutes as callers read it.

use ally_domain::engine::crunch::{Crunched, GivenUp};
use ally_domain::engine::plan::{Plan, Session};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::plan::spelled_out;
use crate::schema::{GivenUpWhat, SessionSchema};

/// A session in fewer minutes. Nothing of it is stored.
#[derive(Object)]
#[oai(rename = "TimeCrunchPreview", rename_all = "camelCase")]
pub(crate) struct CrunchBodySchema {
    /// Which plan.
    plan_id: String,
    /// The version of the plan.
    version: u32,
    /// The estimated minutes of the session as it is planned.
    planned_minutes: u16,
    /// The minutes that were asked for; the session's `estMin` is at most that.
    target_minutes: u16,
    /// The session as it fits.
    session: SessionSchema,
    /// What it gave up, in the order in which it was given up; empty when it fitted as it was.
    given_up: Vec<GivenUpSchema>,
}

/// Something that a session gave up.
#[derive(Object)]
#[oai(rename = "GivenUp")]
struct GivenUpSchema {
    /// The rule that it bears on: the one that asks for it, or the one that lets it go.
    rule: String,
    /// Which exercise of the catalogue.
    #[oai(skip_serializing_if_is_none)]
    exercise: Option<String>,
    /// What.
    what: GivenUpWhat,
    /// How it was.
    from: String,
    /// How it is.
    to: String,
}

/// The answer, shown as [`CrunchBodySchema`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CrunchBody {
    plan_id: String,
    version: u32,
    planned_minutes: u16,
    target_minutes: u16,
    session: Box<RawValue>,
    given_up: Vec<GivenUp>,
}

impl CrunchBody {
    /// What became of a session of a plan.
    pub(crate) fn of(
        plan: &Plan,
        planned: &Session,
        target_minutes: u16,
        crunched: Crunched,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            plan_id: plan.plan_id.to_string(),
            version: plan.version,
            planned_minutes: planned.est_min,
            target_minutes,
            session: spelled_out(to_raw_value(&crunched.session)?),
            given_up: crunched.given_up,
        })
    }
}
