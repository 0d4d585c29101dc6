//! Dates of a plan: weekdays, distances, and the days around a competition.

use time::Date;

use super::limits::{LEGS_REST_DAYS, TAPER_DAYS};
use super::profile::Day;
use crate::dates::plus_days;

/// The date of a weekday in week `week`, counted from 0, of a plan that starts on the Monday `start`.
#[must_use]
pub fn date_of(start: Date, week: u8, day: Day) -> Date {
    plus_days(start, i64::from(week) * 7 + i64::from(day as u8))
}

/// The weekday of a date.
#[must_use]
pub fn day_of(date: Date) -> Day {
    Day::ALL[usize::from(date.weekday().number_days_from_monday())]
}

/// Days between two weekdays when the week repeats, the shorter way round; 7 for the same day.
#[must_use]
pub fn days_apart(a: Day, b: Day) -> u8 {
    let forward = (b as u8 + 7 - a as u8) % 7;
    if forward == 0 { 7 } else { forward.min(7 - forward) }
}

/// Days from one weekday to the next `b`, 1 to 7.
#[must_use]
pub fn days_until(a: Day, b: Day) -> u8 {
    match (b as u8 + 7 - a as u8) % 7 {
        0 => 7,
        days => days,
    }
}

/// Whether week `week` (from 0) is a week of taper: it holds the competition, or most of its days are among the last
/// fourteen before it.
#[must_use]
pub fn in_taper(start: Date, week: u8, competition: Option<Date>) -> bool {
    let Some(competition) = competition else { return false };
    let monday = plus_days(start, i64::from(week) * 7);
    let days_before = (0..7).map(|day| (competition - plus_days(monday, day)).whole_days());
    let near = days_before.clone().filter(|days| (1..=TAPER_DAYS).contains(days)).count();
    near >= 4 || days_before.into_iter().any(|days| days == 0)
}

/// Whether week `week` (from 0) holds the competition.
#[must_use]
pub fn holds(start: Date, week: u8, date: Option<Date>) -> bool {
    date.is_some_and(|date| (0..7).contains(&((date - start).whole_days() - i64::from(week) * 7)))
}

/// Whether a date is so close before the competition that legs must be fresh.
#[must_use]
pub fn legs_rest(date: Date, competition: Option<Date>) -> bool {
    competition.is_some_and(|competition| (0..=LEGS_REST_DAYS).contains(&(competition - date).whole_days()))
}
