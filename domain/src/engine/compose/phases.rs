//! What each week is for: loading, lighter weeks, and the way to a competition.

use super::brief::Brief;
use crate::engine::calendar::{holds, in_taper};
use crate::engine::limits::{loading_weeks, most_loading_weeks};
use crate::engine::plan::Phase;
use crate::engine::profile::{Proficiency, Season};
use crate::engine::rule::Rule;

/// A week's purpose and its place in the run of loading weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekPlan {
    /// From 0.
    pub index: u8,
    pub phase: Phase,
    /// Loading weeks in this run before this one.
    pub run: u8,
    /// Loading weeks that a run has.
    pub of: u8,
}

impl WeekPlan {
    pub const fn is_loading(&self) -> bool {
        !matches!(self.phase, Phase::Deload | Phase::Taper)
    }
}

/// The weeks of the plan, in order.
pub fn weeks(brief: &Brief<'_>) -> Vec<WeekPlan> {
    let competition = brief.profile.competition_date;
    let of = loading_weeks(brief.profile);
    let tapers = |week| brief.heeds(Rule::R18) && in_taper(brief.request.start, week, competition);
    let most = most_loading_weeks(brief.profile.proficiency);
    let mut run = 0;
    (0..brief.request.weeks)
        .map(|index| {
            let competed = index > 0 && holds(brief.request.start, index - 1, competition);
            // A lighter week right before a taper would only add a second one.
            let due = run >= of && !(tapers(index + 1) && run < most) && brief.heeds(Rule::R16);
            let phase = if tapers(index) {
                Phase::Taper
            } else if competed || due {
                Phase::Deload
            } else {
                loading(brief, run, of, tapers(index + 2) || tapers(index + 1))
            };
            let before = run;
            run = if matches!(phase, Phase::Deload | Phase::Taper) { 0 } else { run + 1 };
            WeekPlan { index, phase, run: before, of }
        })
        .collect()
}

/// A loading week; `close` says that a taper follows within two weeks, which heavy work then leads up to.
fn loading(brief: &Brief<'_>, run: u8, of: u8, close: bool) -> Phase {
    let novice = brief.profile.proficiency == Proficiency::Beginner || brief.youth || brief.gentle;
    let heavier_from = if brief.profile.season == Season::Preseason { of / 2 } else { (2 * of).div_ceil(3) };
    match brief.profile.season {
        Season::Inseason => Phase::Maintenance,
        _ if !novice && (close || run >= heavier_from.max(1)) => Phase::Intensification,
        _ => Phase::Accumulation,
    }
}
