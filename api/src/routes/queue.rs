//! The planner's figures: the queue as all planners share it, and this process's slots.

use std::sync::Arc;

use ally_domain::ports::Clock;
use poem::web::{Data, Json};
use poem::{EndpointExt, Result, Route, get, handler};
use serde::Serialize;

use crate::ports::Workload;
use crate::problem::Problem;

/// What the figures are asked of.
#[derive(Clone)]
pub(crate) struct Figures {
    pub workload: Arc<dyn Workload>,
    pub clock: Arc<dyn Clock>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QueueStatus {
    depth: u64,
    oldest_age_seconds: u64,
    running: u64,
    retrying: u64,
    dead: u64,
    per_athlete: Vec<AthleteShare>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AthleteShare {
    athlete_id: String,
    open: u64,
}

#[derive(Serialize)]
struct ConcurrencyStatus {
    current: usize,
    max: usize,
    available: usize,
}

/// `/queue/status` and `/concurrency/status`.
pub(crate) fn routes(route: Route, figures: &Figures) -> Route {
    route
        .at("/queue/status", get(queue).data(figures.clone()))
        .at("/concurrency/status", get(concurrency).data(figures.clone()))
}

#[handler]
async fn queue(Data(figures): Data<&Figures>) -> Result<Json<QueueStatus>> {
    let queue = figures.workload.queue().await.map_err(Problem::from)?;
    let age = queue.oldest_queued_at.map_or(0, |since| (figures.clock.now() - since).whole_seconds());
    let per_athlete =
        queue.busiest.into_iter().map(|(athlete, open)| AthleteShare { athlete_id: athlete.into(), open });
    Ok(Json(QueueStatus {
        depth: queue.queued,
        oldest_age_seconds: u64::try_from(age).unwrap_or(0),
        running: queue.running,
        retrying: queue.retrying,
        dead: queue.dead_lettered,
        per_athlete: per_athlete.collect(),
    }))
}

#[handler]
fn concurrency(Data(figures): Data<&Figures>) -> Json<ConcurrencyStatus> {
    let slots = figures.workload.slots();
    Json(ConcurrencyStatus {
        current: slots.current,
        max: slots.max,
        available: slots.max.saturating_sub(slots.current),
    })
}
