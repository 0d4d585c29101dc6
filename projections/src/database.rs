//! The way to PostgreSQL: a pool with limits on everything, and every statement observed.
//!
//! Deliberately not here: what is asked (each view's `query.rs`) and what is written (each view's `apply.rs`).

mod measure;
mod observe;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ally_telemetry::mask;
use ally_telemetry::names::{self, label, query_outcome, slot};
use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use time::OffsetDateTime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};

pub(crate) use measure::Measured;
pub(crate) use observe::{Statement, Statements, broken, failed, reason};

/// How to reach the database, and how much of it to use.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/name`
    pub url: String,
    /// What `pg_stat_activity` shows, for example `gateway-bff`.
    pub application_name: String,
    /// Connections of the pool, at most. A projector takes one beside it for each stream, a waiter for positions one.
    pub max_connections: usize,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long a query may wait for a free connection.
    pub wait_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
}

impl DatabaseConfig {
    /// The database behind a URL, with ten connections, 3 s to connect, 2 s to wait for one and 5 s a statement.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            application_name: "ally".to_owned(),
            max_connections: 10,
            connect_timeout: Duration::from_secs(3),
            wait_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for DatabaseConfig {
    /// The URL stays out: it may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("application_name", &self.application_name)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The URL is none.
    #[error(
        "{shown} cannot be read as the address of a database: {reason}; write postgres://user:password@host:port/name, with %2F for a slash in a password, %40 for an at sign and %3F for a question mark"
    )]
    InvalidUrl {
        /// As people may see it.
        shown: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there, or the connection broke.
    #[error("PostgreSQL is not reachable ({reason}); start it or correct the database URL")]
    Unavailable {
        /// What the client reported.
        reason: String,
    },
    /// Every connection of the pool was in use for too long.
    #[error("all {limit} database connections were busy for {waited:?}; raise the pool's limit or lower the load")]
    Exhausted {
        /// The pool's limit.
        limit: usize,
        /// How long the query waited.
        waited: Duration,
    },
    /// The server refused a statement.
    #[error("{statement} failed with SQLSTATE {sqlstate}: {reason}")]
    Refused {
        /// What was tried: `UPSERT job_status`.
        statement: String,
        /// The server's code.
        sqlstate: String,
        /// What it said.
        reason: String,
    },
    /// A stored value is not what this version of Ally writes.
    #[error("{what} in the view cannot be read: {reason}; rebuild the view")]
    Unreadable {
        /// Which value.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl DatabaseError {
    /// Whether the statement can never work with these values: the fault is in the data, not in the moment.
    #[must_use]
    pub fn is_caused_by_data(&self) -> bool {
        // 22: data exception, 23: a constraint says no, 54: a limit of the server is exceeded.
        matches!(self, Self::Refused { sqlstate, .. } if ["22", "23", "54"].iter().any(|class| sqlstate.starts_with(class)))
    }

    pub(crate) fn unreadable(what: &str, reason: impl fmt::Display) -> Self {
        Self::Unreadable { what: what.to_owned(), reason: reason.to_string() }
    }
}

/// PostgreSQL. Cheap to clone; connects when first asked and again whenever the server comes back.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    config: Config,
    namespace: String,
    limits: DatabaseConfig,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("namespace", &self.namespace)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

const ABOUT_SERVER: Statement = Statement::new(
    "SELECT",
    "settings",
    "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'),
            clock_timestamp()",
);

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutServer {
    /// `15.18`
    pub version: String,
    /// Whether it waits for its disk.
    pub fsync: bool,
    /// Whether a page that was written by half is whole after a crash.
    pub full_page_writes: bool,
    /// Its clock.
    pub now: OffsetDateTime,
}

impl Database {
    /// A pool for the database behind the URL. It needs no server yet.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn connect(limits: DatabaseConfig) -> Result<Self, DatabaseError> {
        let config = client_config(&limits)?;
        let manager =
            Manager::from_config(config.clone(), NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let timeouts = Timeouts {
            wait: Some(limits.wait_timeout),
            create: Some(limits.connect_timeout),
            recycle: Some(limits.connect_timeout),
        };
        let pool = Pool::builder(manager)
            .max_size(limits.max_connections)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| DatabaseError::InvalidUrl {
                shown: mask::address(&limits.url),
                reason: mask::hide(&error.to_string(), &limits.url).into_owned(),
            })?;
        let namespace = config.get_dbname().or(config.get_user()).unwrap_or("postgres").to_owned();
        Ok(Self { pool, config, namespace, limits })
    }

    /// Shows at zero what is counted of statements, in a role that reads and in one that writes too.
    pub fn begin_series(&self, writes: bool) {
        measure::begin_series(writes);
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// Why it gives none.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let answer = self.query(Statement::new("SELECT", "ping", "SELECT 1"), &[]).await.map(|_| ());
        let status = self.pool.status();
        let idle = status.available;
        #[allow(clippy::cast_precision_loss, reason = "a pool has fewer connections than a float has digits")]
        for (state, connections) in
            [(slot::BUSY, status.size.saturating_sub(idle)), (slot::IDLE, idle), (slot::MAX, status.max_size)]
        {
            metrics::gauge!(names::DATABASE_CONNECTIONS, label::STATE => state).set(connections as f64);
        }
        answer
    }

    /// What the server says of itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn about_server(&self) -> Result<AboutServer, DatabaseError> {
        let rows = self.query(ABOUT_SERVER, &[]).await?;
        let row = rows.first().ok_or_else(|| DatabaseError::unreadable("the server's settings", "it tells none"))?;
        let is_on = |column: usize| row.get::<_, &str>(column) == "on";
        Ok(AboutServer { version: row.get(0), fsync: is_on(1), full_page_writes: is_on(2), now: row.get(3) })
    }

    /// Runs a statement that reads, within a deadline: a server that hangs keeps no limit of its own.
    pub(crate) async fn query(
        &self,
        statement: Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DatabaseError> {
        let measured = Measured::begin(statement.operation, statement.table);
        let deadline = self.limits.wait_timeout + self.limits.statement_timeout;
        match tokio::time::timeout(deadline, self.answer(statement, values)).await {
            Ok(answer) => {
                measured.end(if answer.is_ok() { query_outcome::OK } else { query_outcome::ERROR });
                answer
            }
            Err(_) => {
                measured.end(query_outcome::TIMEOUT);
                Err(DatabaseError::Unavailable { reason: format!("no answer within {} ms", deadline.as_millis()) })
            }
        }
    }

    /// Pooled connections that turn out to be broken are replaced, each once.
    async fn answer(&self, statement: Statement, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, DatabaseError> {
        for _ in 0..self.limits.max_connections {
            let connection = self.pooled().await?;
            let reused = Object::metrics(&connection).recycle_count > 0;
            match observe::query(&connection, &self.namespace, statement, values).await {
                // Taken out of the pool: it may not know yet that it is broken.
                Err(DatabaseError::Unavailable { .. }) if reused => drop(Object::take(connection)),
                Err(error @ DatabaseError::Unavailable { .. }) => {
                    drop(Object::take(connection));
                    return Err(error);
                }
                answer => return answer,
            }
        }
        Err(DatabaseError::Unavailable { reason: "every pooled connection was broken".to_owned() })
    }

    async fn pooled(&self) -> Result<Object, DatabaseError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
                DatabaseError::Exhausted { limit: self.limits.max_connections, waited: self.limits.wait_timeout }
            }
            PoolError::Backend(error) => observe::broken(&error),
            error => DatabaseError::Unavailable { reason: error.to_string() },
        })
    }

    /// A connection of one's own, outside the pool's limit: for session locks, which end with their connection.
    ///
    /// Its statements are planned each time they run. Who writes here may begin with an empty table, and a plan that was
    /// kept from then reads the whole table for every batch, however large it has become.
    pub(crate) async fn dedicated(&self, settings: &str) -> Result<ClientWrapper, DatabaseError> {
        let connection = Object::take(self.pooled().await?);
        let settings = format!("SET plan_cache_mode = force_custom_plan; {settings}");
        connection.batch_execute(&settings).await.map_err(|error| observe::failed("SET", &error))?;
        Ok(connection)
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(crate) fn client_config(&self) -> &Config {
        &self.config
    }
}

fn client_config(limits: &DatabaseConfig) -> Result<Config, DatabaseError> {
    // The client's own reason repeats what it took for an option, which may be the end of a password.
    let unusable =
        |reason: &str| DatabaseError::InvalidUrl { shown: mask::address(&limits.url), reason: reason.to_owned() };
    let mut config = Config::from_str(&limits.url).map_err(|_| unusable("its parts cannot be told apart"))?;
    // Taken for the database's name, a parameter would be repeated by every refusal of the server.
    if config.get_dbname().is_some_and(|name| name.contains([';', '&', '=', ' '])) {
        return Err(unusable("its database's name holds a ; & = or blank, and parameters begin with a question mark"));
    }
    let options = format!(
        "{} -c statement_timeout={} -c timezone=UTC",
        config.get_options().unwrap_or_default(),
        limits.statement_timeout.as_millis()
    );
    config.options(options.trim()).application_name(&limits.application_name).connect_timeout(limits.connect_timeout);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_none_is_told_so() {
        let error = Database::connect(DatabaseConfig::new("mysql//nope")).unwrap_err();
        assert!(matches!(error, DatabaseError::InvalidUrl { .. }), "{error}");
    }

    #[test]
    fn a_password_that_stands_where_the_name_should_is_refused_and_not_shown() {
        for url in ["postgres://ally@db/ally;password=hunter2", "postgres://db/ally&password=hunter2"] {
            let error = Database::connect(DatabaseConfig::new(url)).unwrap_err();
            assert!(matches!(error, DatabaseError::InvalidUrl { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let config = DatabaseConfig::new("postgres://ally:hunter2@localhost/ally");
        let database = Database::connect(config.clone()).unwrap();
        assert!(!format!("{config:?}{database:?}").contains("hunter2"));
    }
}
