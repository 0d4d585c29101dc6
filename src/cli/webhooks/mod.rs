//! `ally webhooks`: the endpoints of apps and what went to them, for people on call; and a receiver on this machine, for people who
//! build an app.

mod change;
mod listen;
mod look;
mod send;
mod shown;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::{AppName, DeliveryStatus};
use ally_handlers::webhooks::SigningKey;
use ally_handlers::{ExecuteError, Submissions};

use super::{Usage, reach};
use crate::app::{SystemClock, secret};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The endpoints, and how each stands.
    List {
        /// Those of one app.
        #[arg(long, value_name = "NAME")]
        app: Option<AppName>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// One endpoint, as the log has it now.
    Show {
        /// As `ally webhooks list` shows it.
        endpoint: EndpointId,
        /// Its secret too: whoever has it can sign messages.
        #[arg(long)]
        secret: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Register an endpoint: it gets what happens from now on. The answer holds its secret.
    Register(change::Register),
    /// Send an endpoint messages again: what happens from now on.
    Enable(change::Change),
    /// Send an endpoint nothing more, and give up what waits for it.
    Disable(change::Change),
    /// Remove an endpoint for good. What went to it can be looked at for 30 days.
    Remove(change::Change),
    /// Replace the secret of an endpoint; the one before signs too for a while. The answer holds the new one.
    Rotate(change::Rotate),
    /// Send an endpoint a test, whichever types of messages it chose.
    Ping(change::Change),
    /// What went to an endpoint in the last 30 days, the newest first.
    Deliveries {
        /// As `ally webhooks list` shows it.
        endpoint: EndpointId,
        /// Those that stand so: waiting, delivered or given_up.
        #[arg(long, value_parser = status)]
        status: Option<DeliveryStatus>,
        /// How many.
        #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        limit: u64,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// One delivery whole: its message, and what became of each attempt.
    Delivery {
        /// As `ally webhooks deliveries` shows it.
        id: DeliveryId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Send messages to an endpoint again that were queued since a moment, the oldest first.
    Replay(send::Replay),
    /// Receive messages on this machine, verify each and print it in a line, until Ctrl-C. For development.
    Listen(listen::Args),
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    if let Command::Listen(args) = command {
        return reach::run(listen::run(args));
    }
    reach::run(async {
        let log = reach::log(config).await?;
        let submissions = Submissions::new(log.executor.clone(), Arc::new(SystemClock));
        match command {
            Command::List { app, json } => look::list(&reach::views(config).await?, app.as_ref(), *json).await?,
            Command::Show { endpoint, secret, json } => {
                look::show(config, &submissions, endpoint, *secret, *json).await?;
            }
            Command::Register(args) => change::register(config, &submissions, args).await?,
            Command::Enable(args) => change::enable(config, &submissions, args, true).await?,
            Command::Disable(args) => change::enable(config, &submissions, args, false).await?,
            Command::Remove(args) => change::remove(config, &submissions, args).await?,
            Command::Rotate(args) => change::rotate(config, &submissions, args).await?,
            Command::Ping(args) => send::ping(config, &submissions, args).await?,
            Command::Deliveries { endpoint, status, limit, json } => {
                let views = reach::views(config).await?;
                look::deliveries(&views, &submissions, (endpoint, *status, *limit), *json).await?;
            }
            Command::Delivery { id, json } => look::delivery(&log, &submissions, id, *json).await?,
            Command::Replay(args) => send::replay(config, &submissions, args).await?,
            // Answered above: it needs no server.
            Command::Listen(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The key that the secrets of endpoints are derived from.
fn signing_key(config: &Config) -> anyhow::Result<SigningKey> {
    let key = secret::find_webhook_key(config).ok_or_else(|| {
        let text = "there is no key of webhooks: set ALLY_WEBHOOK_KEY as the gateway and the projector have it, or run `ally up` \
                    here, which keeps one";
        Usage(text.to_owned())
    })?;
    SigningKey::new(key.expose()).map_err(|weak| Usage(weak.to_string()).into())
}

/// A command that the log or a rule refused, as the command line knows it.
fn refused<R: Error + Send + Sync + 'static>(error: ExecuteError<R>) -> anyhow::Error {
    match error {
        ExecuteError::Store(error) => error.into(),
        error @ (ExecuteError::Refused(_) | ExecuteError::Contended { .. }) => Usage(error.to_string()).into(),
        error @ ExecuteError::Encoding(_) => error.into(),
    }
}

/// What is said of an id that names no endpoint.
fn unknown(endpoint: &EndpointId) -> Usage {
    Usage(format!("there is no endpoint {endpoint} (any more); `ally webhooks list` shows those there are"))
}

fn status(text: &str) -> Result<DeliveryStatus, String> {
    let found = DeliveryStatus::ALL.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| format!("there are {}", DeliveryStatus::ALL.map(DeliveryStatus::as_str).join(", ")))
}
