//! `ally token`: a bearer token for a person who tries the API, or for an operator.

use std::process::ExitCode;
use std::time::Duration;

use ally_api::Grants;
use ally_domain::job::Priority;
use ally_domain::ports::Clock;

use super::{Usage, terminal};
use crate::app::{SystemClock, auth_config, secret};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose token, as `sub`. Letters, digits, `-` and `_` are the athlete's id as they are; any other subject gives one.
    #[arg(long, value_name = "ATHLETE")]
    sub: String,
    /// How long it is good for, in minutes.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=525_600))]
    minutes: u64,
    /// Roles beside that of an athlete; `operator` may look at and redrive everything.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Priorities that its bearer may ask for, beside the normal one: `high` lets a job go before others.
    #[arg(long = "priority", value_name = "PRIORITY", value_parser = priority)]
    priorities: Vec<Priority>,
}

fn priority(text: &str) -> Result<Priority, String> {
    let known = Priority::ALL.into_iter().find(|known| known.as_str() == text);
    known.ok_or_else(|| format!("there are {}", Priority::ALL.map(Priority::as_str).join(" and ")))
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    if args.sub.trim().is_empty() {
        return Err(Usage("--sub is empty; name the athlete, for example --sub amy".into()).into());
    }
    let ttl = Duration::from_secs(args.minutes * 60);
    let grants = Grants { roles: &args.roles, priorities: &args.priorities };
    terminal::line(&mint(config, &args.sub, ttl, grants)?);
    Ok(ExitCode::SUCCESS)
}

/// A token that the gateway of this configuration accepts.
pub fn mint<'a>(
    config: &Config,
    subject: &str,
    ttl: Duration,
    grants: impl Into<Grants<'a>>,
) -> anyhow::Result<String> {
    let keys = auth_config(config, secret::find(config)?.expose())?;
    Ok(ally_api::mint(&keys, subject, SystemClock.now(), ttl, grants)?)
}
