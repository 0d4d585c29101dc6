//! Many plans requested at once.

use ally_domain::ids::AthleteId;
use futures::future::join_all;

use super::{Origin, PlanWish, RequestPlanError, Submissions, SubmittedJob};
use crate::execute::ExecuteError;

/// A request that its key names for ever.
#[derive(Debug, Clone)]
pub struct KeyedWish {
    /// The key.
    pub key: String,
    /// What is asked for.
    pub wish: PlanWish,
}

impl Submissions {
    /// Requests plans for the athlete's newest profile, which is read once. Each is accepted or refused by itself; their appends are under
    /// way together, so that the log may store them in one batch (ADR 0010). The answers come in the order of the wishes.
    ///
    /// # Errors
    /// When the athlete's record cannot be read: then nothing is requested.
    pub async fn request_plans(
        &self,
        athlete: &AthleteId,
        wishes: &[KeyedWish],
        origin: &Origin,
    ) -> Result<Vec<Result<SubmittedJob, RequestPlanError>>, RequestPlanError> {
        let state = self.profiles.newest(&self.executor, athlete).await.map_err(ExecuteError::Store)?;
        let requests =
            wishes.iter().map(|KeyedWish { key, wish }| self.request_plan_of(&state, athlete, Some(key), wish, origin));
        Ok(join_all(requests).await)
    }
}
