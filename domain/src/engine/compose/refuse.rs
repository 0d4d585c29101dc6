//! When there is no plan: what stands in the way, and the nearest change that would open it.

use time::Weekday;

use super::{ComposeInput, Enforcement};
use crate::dates::{DATES, is_date};
use crate::engine::plan::Week;
use crate::engine::profile::{Availability, Profile, Purpose};
use crate::engine::request::WEEKS;
use crate::engine::room::{MIN_SESSION_MIN, free_days};
use crate::engine::rule::Rule;
use crate::engine::safety::{is_youth, red_flags};
use crate::engine::today::clearance_wanted;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// No plan for these answers meets the rule.
    #[error("No plan fits these answers ({rule}): it takes {want}, and there is {got}. {suggestion}")]
    Infeasible {
        /// Which rule stands in the way.
        rule: Rule,
        /// What it asks.
        want: String,
        /// What the answers leave.
        got: String,
        /// The nearest change that would make a plan possible.
        suggestion: String,
    },
    /// A professional's yes is needed first.
    #[error("{}", clearance_wanted(flags))]
    ClearanceRequired {
        /// What calls for it, in plain words.
        flags: Vec<String>,
    },
}

fn infeasible(rule: Rule, want: &str, got: String, suggestion: String) -> ComposeError {
    ComposeError::Infeasible { rule, want: want.to_owned(), got, suggestion }
}

/// Refuses what no plan can come of.
pub fn before(input: &ComposeInput<'_>, enforcement: Enforcement) -> Result<(), ComposeError> {
    let (profile, request) = (input.profile, input.request);
    let flags = red_flags(profile);
    if !flags.is_empty() && enforcement.heeds(Rule::R24) {
        return Err(ComposeError::ClearanceRequired { flags });
    }
    if !WEEKS.contains(&request.weeks) {
        let want = format!("{} to {} weeks", WEEKS.start(), WEEKS.end());
        return Err(infeasible(Rule::R2, &want, format!("a wish for {}", request.weeks), format!("Ask for {want}.")));
    }
    if request.start.weekday() != Weekday::Monday {
        let got = format!("{}, a {}", request.start, request.start.weekday());
        return Err(infeasible(Rule::R2, "a Monday to start on", got, "Start on the Monday after it.".to_owned()));
    }
    if !is_date(request.start) {
        let (want, got) = (format!("a first day from {} to {}", DATES.start(), DATES.end()), request.start.to_string());
        return Err(infeasible(Rule::R2, &want, got, "Ask for a start within two years.".to_owned()));
    }
    if is_youth(profile) && profile.purpose == Purpose::WeightLoss {
        let got = "a plan to lose weight for somebody under 18".to_owned();
        let suggestion = "With generalFitness as the purpose there would be a plan: write general_fitness.".to_owned();
        return Err(infeasible(Rule::R24, "a purpose that suits a growing body", got, suggestion));
    }
    if free_days(profile).is_empty() && enforcement.heeds(Rule::R2) {
        let want = format!("a day with {MIN_SESSION_MIN} free minutes between 06:00 and 22:00");
        return Err(infeasible(Rule::R2, &want, "none".to_owned(), free_a_day(profile)));
    }
    Ok(())
}

/// The day that needs the least to be free.
fn free_a_day(profile: &Profile) -> String {
    let named = match &profile.availability_days {
        Availability::Days(days) => days.first().copied(),
        Availability::Count(_) => None,
    };
    let day = named.or(profile.fixed_schedules.first().map(|fixed| fixed.day)).map_or("any day", |day| day.as_str());
    format!("With {MIN_SESSION_MIN} minutes free on {day}, or with another available day, there would be a plan.")
}

/// Refuses a plan without any session: a competition took all its days.
pub fn empty(input: &ComposeInput<'_>, weeks: &[Week]) -> Result<(), ComposeError> {
    if weeks.iter().any(|week| !week.sessions.is_empty()) {
        return Ok(());
    }
    let got = "only days of the competition and right after it".to_owned();
    let after = input.profile.competition_date.map_or_else(String::new, |date| format!(" after {date}"));
    let suggestion =
        format!("A plan of two or more weeks, or one that starts on a Monday{after}, would have sessions.");
    Err(infeasible(Rule::R18, "a day to train on", got, suggestion))
}
