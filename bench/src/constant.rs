//! The product's HTTP server with a constant behind it: the same listener, layers and limits, and no work.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use ally_api::{Drain, Limits, Rate, ServeConfig, metrics, serve};
use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::terminal;

/// About as long as the answer to a submission.
const ANSWER: &str = r#"{"jobId":"00000000-0000-7000-8000-000000000000","status":"requested","planId":"00000000-0000-7000-8000-000000000000"}"#;
/// No limit.
const ANY: Rate = Rate { per_minute: 0, burst: 1 };

/// Says where it listens, then serves until it is ended.
pub fn run() -> anyhow::Result<ExitCode> {
    tokio::runtime::Runtime::new().context("the runtime could not start")?.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let limits = Limits { per_athlete: ANY, per_client: ANY, ..Limits::default() };
        let endpoint = metrics(Arc::new(|| ANSWER.to_owned()), None, limits)?;
        terminal::line(&listener.local_addr()?.to_string());
        serve(listener, endpoint, ServeConfig::default(), Drain::on(CancellationToken::new())).await?;
        Ok(ExitCode::SUCCESS)
    })
}
