//! The engines under Ally, asked by themselves: what they store, and which versions they are.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde::{Deserialize, Serialize};
use tokio::process::Command;
use tokio_postgres::NoTls;

use crate::load::Http;
use crate::usage;

/// How much is stored.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Bytes of every stream by its name.
    pub streams: BTreeMap<String, u64>,
    /// Tables, indexes and the rest of Ally's database.
    pub database_bytes: u64,
    /// What PostgreSQL has written ahead since it was made.
    pub wal_bytes: u64,
}

impl Stored {
    pub(super) async fn read(monitor: SocketAddr, postgres: u16) -> anyhow::Result<Self> {
        let streams = streams(monitor).await.context("NATS does not say what it stores")?;
        let (database_bytes, wal_bytes) = database(postgres).await.context("PostgreSQL does not say what it stores")?;
        Ok(Self { streams, database_bytes, wal_bytes })
    }

    /// Bytes of all streams.
    pub fn stream_bytes(&self) -> u64 {
        self.streams.values().sum()
    }
}

async fn streams(monitor: SocketAddr) -> anyhow::Result<BTreeMap<String, u64>> {
    #[derive(Deserialize)]
    struct Jsz {
        #[serde(default)]
        account_details: Vec<Account>,
    }
    #[derive(Deserialize)]
    struct Account {
        #[serde(default)]
        stream_detail: Vec<Stream>,
    }
    #[derive(Deserialize)]
    struct Stream {
        name: String,
        state: State,
    }
    #[derive(Deserialize)]
    struct State {
        bytes: u64,
    }
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = hyper::Uri::from_static("/jsz?streams=true");
    let (_, body) = Http::new(monitor).ask(request).await?;
    let jsz: Jsz = serde_json::from_slice(&body)?;
    let streams = jsz.account_details.into_iter().flat_map(|account| account.stream_detail);
    Ok(streams.map(|stream| (stream.name, stream.state.bytes)).collect())
}

async fn database(port: u16) -> Result<(u64, u64), tokio_postgres::Error> {
    let (client, connection) =
        tokio_postgres::connect(&format!("postgres://ally@127.0.0.1:{port}/ally"), NoTls).await?;
    let connection = tokio::spawn(connection);
    let row = client
        .query_one(
            "SELECT pg_database_size(current_database()), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint",
            &[],
        )
        .await?;
    drop(client);
    // It ends with the client; its own error would only say so again.
    let _ = connection.await;
    let bytes = |index| u64::try_from(row.get::<_, i64>(index)).unwrap_or_default();
    Ok((bytes(0), bytes(1)))
}

/// Which programs were measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    pub ally: String,
    pub nats_server: String,
    pub postgres: String,
}

impl Versions {
    /// Asks the very files that run.
    pub(super) async fn read(program: &Path, pid: u32) -> anyhow::Result<Self> {
        let of = async |name: &str| {
            let found = usage::find(pid, name).with_context(|| format!("{name} does not run"))?;
            version(&PathBuf::from(format!("/proc/{found}/exe"))).await
        };
        Ok(Self {
            ally: version(program).await?,
            nats_server: of("nats-server").await?,
            postgres: of("postgres").await?,
        })
    }
}

/// The number in what a program says of its version: `nats-server: v2.15.1`, `postgres (PostgreSQL) 18.4`.
async fn version(program: &Path) -> anyhow::Result<String> {
    let output = Command::new(program).arg("--version").output().await;
    let output = output.with_context(|| format!("{} does not start", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let number = said.split_whitespace().map(|word| word.trim_start_matches('v'));
    let number = number.into_iter().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    Ok(number.unwrap_or(&said).to_owned())
}
