//! Taking turns: of all processes that would do a thing, one does it at a time.

use deadpool_postgres::ClientWrapper;

use crate::database::{Database, DatabaseError, failed};

const ASK: &str = "SELECT pg_try_advisory_lock(hashtextextended('ally.turn.' || $1, 0))";

/// The turn, until it is dropped or its connection is lost.
#[must_use = "the turn ends when this is dropped"]
pub struct Turn {
    _connection: ClientWrapper,
}

impl Database {
    /// Takes the turn at something; none while another process has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn(&self, at: &str) -> Result<Option<Turn>, DatabaseError> {
        let connection = self.dedicated(&format!("SET application_name = 'ally-{at}'")).await?;
        let mine = connection.query_one(ASK, &[&at]).await.map_err(|error| failed("LOCK", &error))?;
        Ok(mine.get::<_, bool>(0).then_some(Turn { _connection: connection }))
    }
}
