//! Compares the live tables with the fold of the log, row by row, at one position: a snapshot holds the live ones still
//! without holding the projector.

use ally_domain::envelope::Position;
use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;

use super::RebuildError;
use super::fill::Fill;
use super::scratch::Scratch;
use crate::database::failed;
use crate::incomplete::Incomplete;
use crate::projection::Table;

/// Differences that are shown in full; beyond, they are counted.
const MAX_SHOWN: i64 = 100;
/// Characters of a row that are shown.
const MAX_ROW_CHARS: usize = 500;

/// A row that is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: &'static str,
    /// The row's key, its columns joined by a space.
    pub key: String,
    /// The row in the view, cut to 500 characters; none when the view lacks it.
    pub view: Option<String>,
    /// The row as the log folds to it, cut to 500 characters; none when the log knows of none.
    pub log: Option<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which projection.
    pub projection: &'static str,
    /// Events folded.
    pub events: u64,
    /// Where view and fold were compared.
    pub positions: Vec<Position>,
    /// Rows compared, in all tables.
    pub rows: u64,
    /// Rows that differ, in all tables.
    pub differing: u64,
    /// The first hundred of each table.
    pub differences: Vec<Difference>,
    /// Events that the view goes without, or that this version cannot fold, by stream: rows that agree say nothing of them.
    pub incomplete: Vec<Incomplete>,
}

pub(super) async fn compare(scratch: &mut Scratch, fill: &mut Fill<'_>) -> Result<Verified, RebuildError> {
    let (definition, schema) = (scratch.definition, scratch.schema.clone());
    let started =
        scratch.connection().build_transaction().isolation_level(IsolationLevel::RepeatableRead).start().await;
    let mut snapshot = started.map_err(|error| failed("BEGIN", &error))?;
    let live = fill.live(&*snapshot, "").await?;
    fill.up_to(&live, &mut snapshot).await?;
    let mut verified = Verified {
        projection: definition.name,
        events: 0,
        positions: fill.positions(),
        rows: 0,
        differing: 0,
        differences: Vec::new(),
        incomplete: Vec::new(),
    };
    for table in definition.tables {
        compare_table(&snapshot, &schema, table, &mut verified).await?;
    }
    snapshot.rollback().await.map_err(|error| failed("ROLLBACK", &error))?;
    verified.events = fill.counts().0;
    tracing::info!(
        projection = definition.name,
        rows = verified.rows,
        differing = verified.differing,
        "compared with the log"
    );
    Ok(verified)
}

async fn compare_table(
    snapshot: &Transaction<'_>,
    schema: &str,
    table: &'static Table,
    verified: &mut Verified,
) -> Result<(), RebuildError> {
    let Table { name, key, meaningful, .. } = table;
    let joined = format!(
        "FROM (SELECT * FROM public.{name} WHERE {meaningful}) AS view
         FULL JOIN (SELECT * FROM {schema}.{name} WHERE {meaningful}) AS log USING ({})",
        key.join(", ")
    );
    let refused = |error| failed(&format!("COMPARE {name}"), &error);
    let count = format!("SELECT count(*), count(*) FILTER (WHERE view::text IS DISTINCT FROM log::text) {joined}");
    let counts = snapshot.query_one(&count, &[]).await.map_err(refused)?;
    verified.rows += counts.get::<_, i64>(0).unsigned_abs();
    let differing = counts.get::<_, i64>(1).unsigned_abs();
    verified.differing += differing;
    if differing > 0 {
        let show = format!(
            "SELECT concat_ws(' ', {keys}), view::text, log::text {joined}
             WHERE view::text IS DISTINCT FROM log::text ORDER BY {keys} LIMIT $1",
            keys = key.join(", ")
        );
        let rows = snapshot.query(&show, &[&MAX_SHOWN]).await.map_err(refused)?;
        verified.differences.extend(rows.iter().map(|row| Difference {
            table: name,
            key: row.get(0),
            view: row.get::<_, Option<String>>(1).map(cut),
            log: row.get::<_, Option<String>>(2).map(cut),
        }));
    }
    Ok(())
}

fn cut(row: String) -> String {
    row.chars().take(MAX_ROW_CHARS).collect()
}
