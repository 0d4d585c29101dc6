//! The port `Passed`: how far every view that a stream feeds has read, so that what lies behind it may leave the log.

use ally_domain::ports::{Passed, PassedError};
use async_trait::async_trait;

use crate::checkpoints;
use crate::database::Database;
use crate::projection::PROJECTIONS;

#[async_trait]
impl Passed for Database {
    async fn passed(&self, stream: &str) -> Result<u64, PassedError> {
        let known = checkpoints::list(self).await.map_err(|error| PassedError { reason: error.to_string() })?;
        let fed = PROJECTIONS.iter().filter(|projection| projection.streams.contains(&stream));
        let positions = fed.map(|projection| {
            let checkpoint = known.iter().find(|it| it.projection == projection.name && it.position.stream == stream);
            checkpoint.map_or(0, |it| it.position.sequence)
        });
        Ok(positions.min().unwrap_or(0))
    }
}
