//! One statement, observed: a span with the semantic conventions of databases. It is counted and timed by `measure`.

use std::future::Future;

use ally_telemetry::names::{attr, query_outcome, span};
use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use tracing::{Instrument, Span};

use super::DatabaseError;
use super::measure::Measured;

/// A statement and what it is called by those who watch it: `SELECT job_status`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    pub operation: &'static str,
    pub table: &'static str,
    pub sql: &'static str,
}

impl Statement {
    pub(crate) const fn new(operation: &'static str, table: &'static str, sql: &'static str) -> Self {
        Self { operation, table, sql }
    }
}

/// The statements of one transaction.
pub(crate) struct Statements<'a> {
    transaction: &'a Transaction<'a>,
    namespace: &'a str,
}

impl<'a> Statements<'a> {
    pub(crate) fn new(transaction: &'a Transaction<'a>, namespace: &'a str) -> Self {
        Self { transaction, namespace }
    }

    /// Reads rows.
    pub(crate) async fn query(
        &self,
        statement: Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DatabaseError> {
        let work = async {
            let prepared = self.transaction.prepare_cached(statement.sql).await?;
            self.transaction.query(&prepared, values).await
        };
        measured(self.namespace, statement, work).await
    }

    /// Writes rows; answers how many.
    pub(crate) async fn execute(
        &self,
        statement: Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DatabaseError> {
        let work = async {
            let prepared = self.transaction.prepare_cached(statement.sql).await?;
            self.transaction.execute(&prepared, values).await
        };
        measured(self.namespace, statement, work).await
    }
}

/// Reads rows outside a transaction.
pub(super) async fn query(
    connection: &ClientWrapper,
    namespace: &str,
    statement: Statement,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, DatabaseError> {
    let work = async {
        let prepared = connection.prepare_cached(statement.sql).await?;
        connection.query(&prepared, values).await
    };
    observed(namespace, statement, work).await
}

/// A statement of a transaction, counted by itself.
async fn measured<T>(
    namespace: &str,
    statement: Statement,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DatabaseError> {
    let measured = Measured::begin(statement.operation, statement.table);
    let answer = observed(namespace, statement, work).await;
    measured.end(if answer.is_ok() { query_outcome::OK } else { query_outcome::ERROR });
    answer
}

async fn observed<T>(
    namespace: &str,
    statement: Statement,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DatabaseError> {
    let Statement { operation, table, .. } = statement;
    let span = statement_span(namespace, operation, table);
    let result = work.instrument(span.clone()).await;
    result.map_err(|error| {
        note(&if span.is_none() { Span::current() } else { span }, &error);
        failed(&span::database(operation, table), &error)
    })
}

/// The span of a statement that somebody asked for. What a role asks on its own account, every few seconds, is counted and timed
/// and no trace; and the span of a projector's batch speaks for the statements of its transaction.
fn statement_span(namespace: &str, operation: &str, table: &str) -> Span {
    let parent = Span::current();
    if !parent.is_none() && !speaks_for_statements(&parent) {
        client_span(&parent, namespace, operation, table)
    } else {
        Span::none()
    }
}

fn speaks_for_statements(span: &Span) -> bool {
    span.metadata().is_some_and(|span| [span::DATABASE, span::PROJECT].contains(&span.name()))
}

/// Notes an error in the span that speaks for the statement.
fn note(span: &Span, error: &tokio_postgres::Error) {
    if !speaks_for_statements(span) {
        return;
    }
    let state = error.code().map(tokio_postgres::error::SqlState::code);
    if let Some(code) = state {
        span.record(attr::DB_RESPONSE_STATUS_CODE, code);
    }
    span.record(attr::ERROR_TYPE, state.unwrap_or("unanswered"));
    span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
}

/// The span of one statement against one table. The parent is named, not entered: a span ends when it is last left.
fn client_span(parent: &Span, namespace: &str, operation: &str, table: &str) -> Span {
    let summary = span::database(operation, table);
    tracing::info_span!(
        parent: parent,
        span::DATABASE,
        { attr::OTEL_NAME } = summary,
        { attr::OTEL_KIND } = span::kind::CLIENT,
        { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
        { attr::ERROR_TYPE } = tracing::field::Empty,
        { attr::DB_SYSTEM_NAME } = attr::POSTGRESQL,
        { attr::DB_NAMESPACE } = namespace,
        { attr::DB_OPERATION_NAME } = operation,
        { attr::DB_COLLECTION_NAME } = table,
        { attr::DB_QUERY_SUMMARY } = summary,
        { attr::DB_RESPONSE_STATUS_CODE } = tracing::field::Empty,
        { attr::DATABASE_OPERATION } = operation,
        { attr::DATABASE_TABLE } = table,
    )
}

/// What a failed statement is to its caller: refused by the server, or not answered at all.
pub(crate) fn failed(statement: &str, error: &tokio_postgres::Error) -> DatabaseError {
    match error.as_db_error() {
        // 57P: the server is shutting down or was told to end this session. 08: connection exceptions.
        Some(refusal) if !["57P", "08"].iter().any(|class| refusal.code().code().starts_with(class)) => {
            DatabaseError::Refused {
                statement: statement.to_owned(),
                sqlstate: refusal.code().code().to_owned(),
                reason: refusal.message().to_owned(),
            }
        }
        _ if error.is_closed() || error.as_db_error().is_some() => broken(error),
        // Neither refused nor closed: a value that could not be written or read, or an IO error.
        _ => match std::error::Error::source(error) {
            Some(source) if !source.is::<std::io::Error>() => {
                DatabaseError::Unreadable { what: statement.to_owned(), reason: reason(error) }
            }
            _ => broken(error),
        },
    }
}

/// The connection is of no use.
pub(crate) fn broken(error: &tokio_postgres::Error) -> DatabaseError {
    DatabaseError::Unavailable { reason: reason(error) }
}

/// An error with the causes behind it, on one line: the client's own text hides the server's.
pub(crate) fn reason(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(refusal), _) => refusal.message().to_owned(),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}
