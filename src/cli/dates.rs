//! Moments and lengths of time on the command line, and dates in example files that stay ahead: they are written as so many days from today.

use std::time::Duration;

use ally_domain::dates::{DATES, is_moment, plus_days};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use super::Usage;

/// `{{today+56d}}` becomes the date 56 days from now: a competition that is ahead stays ahead.
pub fn set_dates(value: &mut Value, today: Date) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            if let Some(days) = text.strip_prefix("{{today+").and_then(|rest| rest.strip_suffix("d}}")) {
                let days: u16 = days.parse().map_err(|_| Usage(format!("{text} names no number of days")))?;
                *text = plus_days(today, days.into()).to_string();
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| set_dates(value, today)),
        Value::Object(fields) => fields.values_mut().try_for_each(|value| set_dates(value, today)),
        _ => Ok(()),
    }
}

/// A moment, as RFC 3339 writes it.
pub fn moment_of(text: &str) -> Result<OffsetDateTime, String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|moment| is_moment(*moment));
    moment.ok_or_else(|| {
        let (first, last) = (DATES.start(), DATES.end());
        format!("write a moment with its offset, for example 2026-11-20T08:30:00Z, from {first} to {last}")
    })
}

/// A length of time, a number with its unit: `90s`, `10m`, `2h`, `7d`. None where it is none.
pub fn length_of(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1))?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_date_ahead_stays_ahead() {
        let mut answers = serde_json::json!({"competitionDate": "{{today+56d}}", "list": ["{{today+1d}}", "as it is"]});
        set_dates(&mut answers, date!(2026 - 11 - 20)).unwrap();
        assert_eq!(answers, serde_json::json!({"competitionDate": "2027-01-15", "list": ["2026-11-21", "as it is"]}));
    }
}
