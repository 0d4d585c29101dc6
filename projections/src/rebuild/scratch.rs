//! The schema in which fresh tables are filled: same names, same shape, so that the same statements fill them.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::{RebuildConfig, RebuildError};
use crate::database::{Database, DatabaseError, failed};
use crate::projection::Definition;

/// What makes a fresh table the same as the live one, beside its columns: storage settings, keys, and who may read it.
const FINISH: &str = "
    SELECT format('ALTER TABLE %I.%I SET (%s)', $1, relname, array_to_string(reloptions, ', '))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY($2) AND reloptions IS NOT NULL
    UNION ALL
    SELECT format('GRANT %s ON %I.%I TO %s', privilege_type, $1, relname,
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
    FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND relname = ANY($2)";
macro_rules! indexes {
    ($of:literal) => {
        concat!(
            "SELECT replace(pg_get_indexdef(i.indexrelid), format(' ON public.%I ', t.relname), format(' ON %I.%I ', $1, t.relname))
             FROM pg_index AS i JOIN pg_class AS t ON t.oid = indrelid JOIN pg_class AS named ON named.oid = indexrelid
             WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY($2)
               AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid) AND named.relname ",
            $of,
            "($3)"
        )
    };
}
const KEYS: &str = "
    SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', $1, relname, conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = conrelid
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY($2) AND contype IN ('p', 'u')";
/// The indexes of which the fold reads; the others are made when the tables are full.
const SOUGHT: &str = indexes!("= ANY");
const INDEXES: &str = indexes!("<> ALL");

/// Fresh tables of one projection, and the connection that owns them.
pub(super) struct Scratch {
    pub(super) definition: &'static Definition,
    pub(super) schema: String,
    connection: ClientWrapper,
}

impl Scratch {
    /// Makes them, empty; what an interrupted run has left is dropped. One process at a time may work on a projection.
    pub(super) async fn create(
        database: &Database,
        definition: &'static Definition,
        config: &RebuildConfig,
    ) -> Result<Self, RebuildError> {
        let schema = format!("ally_fresh_{}", definition.name);
        // What a crash loses is made again. The swap is on disk before it is reported: dropping tables waits for the disk.
        let settings = format!(
            "SET synchronous_commit = off; SET statement_timeout = {}; SET search_path = {schema}, public;
             SET application_name = 'ally-rebuild {}'",
            config.statement_timeout.as_millis(),
            definition.name
        );
        let connection = database.dedicated(&settings).await?;
        let ask = "SELECT pg_try_advisory_lock(hashtextextended('ally.rebuild.' || $1, 0))";
        let free = connection.query_one(ask, &[&definition.name]).await.map_err(|error| failed("LOCK", &error))?;
        if !free.get::<_, bool>(0) {
            return Err(RebuildError::Busy { projection: definition.name });
        }
        let scratch = Self { definition, schema, connection };
        let schema = &scratch.schema;
        let sql = format!(
            "DROP SCHEMA IF EXISTS {schema}, {schema}_retired CASCADE; CREATE SCHEMA {schema}; CREATE SCHEMA {schema}_retired"
        );
        scratch.run(&sql).await?;
        for table in definition.tables {
            let name = table.name;
            scratch
                .run(&format!("CREATE TABLE {schema}.{name} (LIKE public.{name} INCLUDING ALL EXCLUDING INDEXES)"))
                .await?;
        }
        scratch.run_each(KEYS).await?;
        scratch.run_indexes(SOUGHT).await?;
        scratch.run_each(FINISH).await?;
        Ok(scratch)
    }

    pub(super) fn connection(&mut self) -> &mut ClientWrapper {
        &mut self.connection
    }

    /// Makes the other indexes, all at once and therefore faster than row by row, and the planner's figures.
    pub(super) async fn finish_tables(&self) -> Result<(), DatabaseError> {
        self.run_indexes(INDEXES).await?;
        for table in self.definition.tables {
            self.run(&format!("ANALYZE {}.{}", self.schema, table.name)).await?;
        }
        Ok(())
    }

    /// Removes what is left: the tables that were swapped out, or those that were only compared.
    pub(super) async fn drop(self) -> Result<(), DatabaseError> {
        let schema = &self.schema;
        self.run(&format!("DROP SCHEMA {schema}, {schema}_retired CASCADE")).await?;
        // The connection's end would free it too, but only when the server notices: who comes next must not find it busy.
        self.run("SELECT pg_advisory_unlock_all()").await
    }

    /// Runs every statement that a query makes up.
    async fn run_each(&self, query: &str) -> Result<(), DatabaseError> {
        let tables = self.definition.tables.iter().map(|table| table.name).collect::<Vec<_>>();
        let typed = query.replace("$1", "$1::text").replace("($2)", "($2::text[])");
        let rows = self.connection.query(&typed, &[&self.schema, &tables]).await;
        self.run_rows(rows).await
    }

    /// Makes the indexes that a query selects, by whether the fold seeks by them.
    async fn run_indexes(&self, query: &str) -> Result<(), DatabaseError> {
        let tables = self.definition.tables.iter().map(|table| table.name).collect::<Vec<_>>();
        let sought = self.definition.tables.iter().flat_map(|table| table.sought_by).collect::<Vec<_>>();
        let typed = query.replace("$1", "$1::text").replace("($2)", "($2::text[])").replace("($3)", "($3::text[])");
        let rows = self.connection.query(&typed, &[&self.schema, &tables, &sought]).await;
        self.run_rows(rows).await
    }

    async fn run_rows(&self, rows: Result<Vec<Row>, tokio_postgres::Error>) -> Result<(), DatabaseError> {
        for row in rows.map_err(|error| failed("SELECT pg_class", &error))? {
            self.run(row.get(0)).await?;
        }
        Ok(())
    }

    async fn run(&self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.batch_execute(sql).await.map_err(|error| failed(sql, &error))
    }
}
