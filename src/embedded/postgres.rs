//! How PostgreSQL starts: its data folder, its settings, and when it is ready.
//!
//! It trusts every connection, and listens on loopback only: a development server, not one to put anything secret in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tokio_postgres::NoTls;

use super::account::Account;
use super::errors::{Doing, EmbeddedError};
use super::guard::StopSignal;
use super::locate::Binary;
use super::process::{GuardedProcess, Launch};

/// What the process and its log are called.
pub const NAME: &str = "postgres";
/// The superuser, and the database that Ally's views live in.
pub const USER: &str = "ally";
/// Five roles with pools of their own, or a parallel run of every test.
const MAX_CONNECTIONS: u16 = 300;

/// How PostgreSQL is to run.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The folder that holds the data folder.
    pub data: &'a Path,
    /// Who runs it.
    pub account: &'a Account,
    /// Whether what is written survives the machine. A crash of PostgreSQL alone loses nothing either way.
    pub durable: bool,
}

/// A PostgreSQL that answered.
#[derive(Debug)]
pub struct Postgres {
    pub process: GuardedProcess,
    pub port: u16,
}

/// Starts PostgreSQL on this port, with a new data folder when there is none, and waits until it takes connections.
pub async fn start(binary: &Binary, settings: Settings<'_>, port: u16) -> Result<Postgres, EmbeddedError> {
    let Settings { data, account, durable } = settings;
    // A folder for each major version: another one cannot read it, and the views can be built again from the log.
    let folder = data.join(format!("postgres-{}", binary.version.major));
    init(binary, &folder, account).await?;
    let launch = Launch {
        name: NAME,
        command: command(binary, &folder, port, durable),
        account,
        stop_signal: StopSignal::Int,
        folder: data,
    };
    let mut process = GuardedProcess::start(launch)?;
    process.ready(async || ensure_database(port).await).await?;
    Ok(Postgres { process, port })
}

/// The address of a database on this server.
pub fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

fn command(binary: &Binary, folder: &Path, port: u16, durable: bool) -> Vec<OsString> {
    let mut command: Vec<OsString> = vec![binary.path.clone().into(), "-D".into(), folder.into()];
    let on_disk = if durable { "on" } else { "off" };
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={MAX_CONNECTIONS}"),
        format!("fsync={on_disk}"),
        format!("full_page_writes={on_disk}"),
    ];
    for setting in settings {
        command.push("-c".into());
        command.push(setting.into());
    }
    command
}

/// `initdb` works in a folder beside and the rename makes it count: one that was cut off leaves nothing half made.
async fn init(binary: &Binary, folder: &Path, account: &Account) -> Result<(), EmbeddedError> {
    if folder.join("PG_VERSION").exists() {
        return Ok(());
    }
    let fresh = folder.with_extension("new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).doing(|| format!("removing {}", fresh.display()))?;
    }
    std::fs::create_dir(&fresh).doing(|| format!("making {}", fresh.display()))?;
    account.own(&fresh)?;
    let mut initdb = Command::new(initdb_beside(&binary.path));
    initdb.args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "-D"]);
    initdb.arg(&fresh).current_dir("/").stdin(Stdio::null());
    account.apply(&mut initdb);
    let output = initdb.output().await.doing(|| "starting initdb".to_owned())?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(EmbeddedError::InitDb { folder: fresh, reason });
    }
    std::fs::rename(&fresh, folder).doing(|| format!("moving {} into place", folder.display()))
}

fn initdb_beside(postgres: &Path) -> PathBuf {
    postgres.with_file_name("initdb")
}

/// Connects, which is what being ready means, and makes Ally's database when it is not there.
async fn ensure_database(port: u16) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(&url(port, "postgres"), NoTls).await?;
    let connection = tokio::spawn(connection);
    let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&USER]).await?;
    if found.is_none() {
        client.batch_execute(&format!("CREATE DATABASE {USER}")).await?;
    }
    drop(client);
    // It ends with the client; its own error would only say so again.
    let _ = connection.await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::version::Version;
    use super::*;

    #[test]
    fn it_listens_on_loopback_only_and_leaves_no_socket_files() {
        let binary = Binary { path: "/pg/bin/postgres".into(), version: Version::new(18, 4) };
        let command = command(&binary, Path::new("/data/postgres-18"), 5432, true);
        let command: Vec<&str> = command.iter().filter_map(|part| part.to_str()).collect();
        assert!(command.contains(&"listen_addresses=127.0.0.1") && command.contains(&"unix_socket_directories="));
        assert!(command.contains(&"fsync=on"));
        assert_eq!(initdb_beside(&binary.path), Path::new("/pg/bin/initdb"));
    }
}
