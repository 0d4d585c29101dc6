//! A database of the test's own on the shared server.

use ally_projections::{Database, DatabaseConfig, migrate};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row};

pub struct TestDatabase {
    admin: Config,
    pub name: String,
    pub url: String,
}

impl TestDatabase {
    /// A name for a database that does not exist yet; what is made under it is dropped at the end.
    pub fn missing() -> Self {
        #[allow(clippy::disallowed_methods, reason = "the runner of the tests says where the servers are")]
        let url = std::env::var("ALLY_TEST_DATABASE_URL")
            .expect("ALLY_TEST_DATABASE_URL is not set: run `make test`, which starts the servers");
        Self::on(&url)
    }

    pub fn on(url: &str) -> Self {
        let name = format!("ally_test_{}", uuid::Uuid::now_v7().simple());
        let (server, _) = url.rsplit_once('/').expect("the URL ends with a database's name");
        Self { admin: url.parse().unwrap(), url: format!("{server}/{name}"), name }
    }

    pub async fn migrated() -> Self {
        let database = Self::missing();
        migrate(&database.url).await.unwrap();
        database
    }

    pub fn pool(&self) -> Database {
        Database::connect(DatabaseConfig::new(&self.url)).unwrap()
    }

    pub async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    pub async fn rows(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        self.client().await.query(sql, values).await.unwrap()
    }

    /// A table's rows as text, sorted.
    pub async fn table(&self, sql: &str) -> Vec<String> {
        let mut rows = self
            .rows(&format!("SELECT t::text FROM ({sql}) AS t"), &[])
            .await
            .iter()
            .map(|row| row.get(0))
            .collect::<Vec<String>>();
        rows.sort();
        rows
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (postgres::Config::from(self.admin.clone()), self.name.clone());
        // A blocking client in a thread of its own: `drop` may run inside a runtime.
        let dropping = std::thread::spawn(move || {
            if let Ok(mut client) = admin.connect(NoTls) {
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"));
            }
        });
        let _ = dropping.join();
    }
}
