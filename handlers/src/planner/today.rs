//! A request that waited is worked on for the athlete of today: a plan for the body of the day of the request would load what
//! hurts since. A request that is fresh holds the newest answers itself, and nothing is read for it.

use ally_domain::athlete::AthleteDecider;
use ally_domain::engine::today::of_today;
use ally_domain::envelope::Recorded;
use ally_domain::job::Requested;
use ally_domain::ports::{DeliveryContext, StoreError};
use time::{Duration, OffsetDateTime};

use super::PlannerHandler;

/// So long a request may wait for its first worker before the athlete is read again. [P]
const FRESH: Duration = Duration::minutes(10);
/// The event that requests a job. Another one that puts it into a queue comes later, and may come days later.
const REQUESTED: &str = "requested";

/// Whether what a request says of its athlete may be behind.
fn is_old(event: &Recorded, delivery: &DeliveryContext, now: OffsetDateTime) -> bool {
    delivery.delivery > 1 || event.event_type.name != REQUESTED || now - event.at > FRESH
}

impl PlannerHandler {
    /// What to work on: the request, in which an old one has the body and the equipment of today. The next version of a plan
    /// reads its athlete by itself.
    pub(super) async fn of_today(
        &self,
        mut requested: Requested,
        event: &Recorded,
        delivery: &DeliveryContext,
        now: OffsetDateTime,
    ) -> Result<Requested, StoreError> {
        if requested.replan.is_some() || !is_old(event, delivery, now) {
            return Ok(requested);
        }
        let (athlete, _) = self.executor.load::<AthleteDecider>(&(&requested.athlete_id).into()).await?;
        if let Some(newest) = athlete.profile_on(now.date()) {
            requested.profile = of_today(&requested.profile, &newest);
        }
        Ok(requested)
    }
}
