//! What is asked of the engine beside the profile.

use serde::{Deserialize, Serialize};
use time::Date;

use super::answers::iso_date;
use crate::dates::plus_days;

/// The fewest and the most weeks of one plan.
pub const WEEKS: std::ops::RangeInclusive<u8> = 1..=16;
/// Weeks when the athlete does not say.
pub const DEFAULT_WEEKS: u8 = 4;

/// When the plan starts, how long it is, and the seed of its choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanRequest {
    /// The Monday of its first week.
    #[serde(with = "iso_date")]
    pub start: Date,
    /// How many weeks.
    pub weeks: u8,
    /// Same profile, request, engine and catalogue: same plan, byte for byte.
    pub seed: u64,
}

impl PlanRequest {
    /// The Monday after `day`, so that a plan never starts in the past. In the last week that there is, its last day.
    #[must_use]
    pub fn monday_after(day: Date) -> Date {
        plus_days(day, 7 - i64::from(day.weekday().number_days_from_monday()))
    }

    /// `day` itself when it is a Monday, otherwise the next one.
    #[must_use]
    pub fn monday_on_or_after(day: Date) -> Date {
        if day.weekday() == time::Weekday::Monday { day } else { Self::monday_after(day) }
    }
}
