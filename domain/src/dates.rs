//! Which dates and moments there are for Ally, and arithmetic with them that never ends a program.
//!
//! Each date that enters is checked against [`DATES`] first, and then against what it is for: when a plan may begin, how far
//! away a competition may be. What stands in the log from before is only ever counted with in bounds.

use std::ops::RangeInclusive;

use time::macros::date;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::problem::FieldError;

/// Dates and moments outside are refused wherever they enter: nothing that Ally is about happened or will happen then.
pub const DATES: RangeInclusive<Date> = date!(1900 - 01 - 01)..=date!(2199 - 12 - 31);
/// How far ahead a plan may begin.
const PLAN_YEARS: i32 = 2;
/// How far ahead a competition may be.
const COMPETITION_YEARS: i32 = 5;
/// How far ahead a job may be scheduled.
const SCHEDULE: Duration = Duration::days(90);
/// How far behind its beginning a job's deadline may lie.
const DEADLINE: Duration = Duration::days(90);
/// West of Greenwich it may still be yesterday.
const BEHIND: Duration = Duration::days(1);

/// Whether a date is one of [`DATES`].
#[must_use]
pub fn is_date(date: Date) -> bool {
    DATES.contains(&date)
}

/// Whether a moment is on one of [`DATES`], in Greenwich.
#[must_use]
pub fn is_moment(moment: OffsetDateTime) -> bool {
    moment.checked_to_offset(UtcOffset::UTC).is_some_and(|moment| is_date(moment.date()))
}

/// What is wrong with the first day of a plan that is asked for on a day.
#[must_use]
pub fn start_fault(field: &str, start: Date, today: Date) -> Option<FieldError> {
    fault(field, start, plus(today, -BEHIND), years_after(today, PLAN_YEARS), "a day from today to two years ahead")
}

/// What is wrong with the moment before which a job must not begin. One that has passed is no fault: the job begins at once.
#[must_use]
pub fn not_before_fault(field: &str, not_before: OffsetDateTime, now: OffsetDateTime) -> Option<FieldError> {
    (not_before - now > SCHEDULE).then(|| {
        let expected = format!("a moment at most {} days ahead", SCHEDULE.whole_days());
        FieldError::new(field, format!("{not_before} is too far ahead"), expected)
    })
}

/// What is wrong with the moment by which a job that begins then must be finished.
#[must_use]
pub fn deadline_fault(field: &str, deadline: OffsetDateTime, begin: OffsetDateTime) -> Option<FieldError> {
    let problem = match deadline - begin {
        left if left <= Duration::ZERO => "is not behind the moment at which the job may begin",
        left if left > DEADLINE => "is too far ahead",
        _ => return None,
    };
    let days = DEADLINE.whole_days();
    let expected = format!("a moment behind now and behind `notBefore`, by at most {days} days");
    Some(FieldError::new(field, format!("{deadline} {problem}"), expected))
}

/// What is wrong with the day of a competition that is told on a day.
#[must_use]
pub fn competition_fault(field: &str, competition: Date, today: Date) -> Option<FieldError> {
    let expected = format!("{today} or later, at most five years ahead, or none");
    fault(field, competition, today, years_after(today, COMPETITION_YEARS), &expected)
}

/// What is wrong with the day of something that is reported about a plan, on a day. Before the plan's first day, what is
/// felt today or was yesterday counts.
#[must_use]
pub fn report_fault(field: &str, at: Date, plan_start: Date, today: Date) -> Option<FieldError> {
    let first = plan_start.min(plus(today, -BEHIND));
    (at < first).then(|| {
        FieldError::new(field, format!("{at} is before the plan"), format!("{first} or later, which is when it begins"))
    })
}

fn fault(field: &str, date: Date, first: Date, last: Date, expected: &str) -> Option<FieldError> {
    let problem = match date {
        date if date < first => "is in the past",
        date if date > last => "is too far ahead",
        _ => return None,
    };
    Some(FieldError::new(field, format!("{date} {problem}"), expected))
}

/// The date so much later; the first or the last date there is where it would lie outside.
#[must_use]
pub const fn plus(date: Date, by: Duration) -> Date {
    date.saturating_add(by)
}

/// The date so many days later, in bounds.
#[must_use]
pub const fn plus_days(date: Date, days: i64) -> Date {
    // More days than there are dates end at the last one; what a duration holds in seconds is bounded too.
    let days = if days > MOST_DAYS {
        MOST_DAYS
    } else if days < -MOST_DAYS {
        -MOST_DAYS
    } else {
        days
    };
    plus(date, Duration::days(days))
}

/// The date so many weeks later, in bounds.
#[must_use]
pub fn plus_weeks(date: Date, weeks: impl TryInto<i64>) -> Date {
    plus_days(date, weeks.try_into().unwrap_or(MOST_DAYS).saturating_mul(7))
}

/// The moment so much later, in bounds.
#[must_use]
pub fn moment_after(moment: OffsetDateTime, by: std::time::Duration) -> OffsetDateTime {
    let by = Duration::try_from(by).unwrap_or(Duration::MAX);
    moment.checked_add(by).unwrap_or_else(|| LAST_MOMENT.max(moment))
}

/// Enough to come from the first date there is to the last.
const MOST_DAYS: i64 = 8_000_000;
/// The last moment that a store is asked to keep.
const LAST_MOMENT: OffsetDateTime = DATES_END.midnight().assume_utc();
const DATES_END: Date = *DATES.end();

/// The same day some years later, or the day before it where there is none (a leap day).
fn years_after(day: Date, years: i32) -> Date {
    let year = day.year().saturating_add(years);
    day.replace_year(year).or_else(|_| plus_days(day, -1).replace_year(year)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_bounds_hold_at_both_ends_of_time() {
        for date in [Date::MIN, Date::MAX] {
            for days in [i64::MIN, -1, 0, 1, i64::MAX] {
                let _ = (plus_days(date, days), plus_weeks(date, days), is_date(date));
            }
            let _ = (start_fault("f", date, Date::MIN), start_fault("f", date, Date::MAX), years_after(date, 5));
        }
        assert_eq!(plus_days(Date::MIN, i64::MAX), Date::MAX);
        assert_eq!(plus_weeks(date!(2026 - 11 - 23), 2_usize), date!(2026 - 12 - 07));
        let last = Date::MAX.midnight().assume_offset(UtcOffset::from_hms(-23, 59, 0).unwrap());
        assert!(!is_moment(last));
        assert!(moment_after(last, std::time::Duration::MAX) >= last);
        assert_eq!(years_after(date!(2028 - 02 - 29), 2), date!(2030 - 02 - 28));
    }

    #[test]
    fn a_job_is_scheduled_within_ninety_days_and_ends_behind_its_beginning() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let fault = |after: Duration| not_before_fault("notBefore", now + after, now);
        assert_eq!(fault(SCHEDULE), None);
        assert_eq!(fault(-SCHEDULE), None, "it begins at once");
        assert!(fault(SCHEDULE + Duration::SECOND).unwrap().problem.ends_with("is too far ahead"));
        let fault = |after: Duration| deadline_fault("deadline", now + after, now);
        assert_eq!(fault(Duration::SECOND), None);
        assert_eq!(fault(DEADLINE), None);
        for wrong in [Duration::ZERO, -Duration::SECOND, DEADLINE + Duration::SECOND] {
            assert_eq!(fault(wrong).unwrap().field, "deadline", "{wrong}");
        }
    }
}
