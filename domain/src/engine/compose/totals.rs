//! What a plan adds up to.

use crate::engine::catalogue::Catalogue;
use crate::engine::plan::{Plan, Totals};
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::rules::view::{ItemView, View, WeekView};
use crate::engine::tally::Tally;

/// The plan's sums.
pub fn of(plan: &Plan, profile: &Profile, request: &PlanRequest, catalogue: &Catalogue) -> Totals {
    let view = View::new(plan, profile, request, catalogue);
    let minutes = |week: &WeekView<'_>| -> u32 {
        let items = week.sessions.iter().flat_map(|session| &session.items);
        items.map(ItemView::aerobic_s).map(|(easy, hard)| easy + hard).sum::<u32>() / 60
    };
    let fullest = view.weeks.iter().max_by_key(|week| week.sets);
    Totals {
        sessions: u16::try_from(view.sessions().count()).unwrap_or(u16::MAX),
        minutes: view.sessions().map(|session| u32::from(session.session.est_min)).sum(),
        working_sets: view.weeks.iter().map(|week| week.sets).sum(),
        contacts: view.items().map(ItemView::contacts).sum(),
        aerobic_min_per_week: view.weeks.iter().map(minutes).max().unwrap_or(0),
        peak_week_sets: fullest.map_or_else(Tally::default, |week| week.tally).by_muscle(),
    }
}
