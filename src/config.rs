//! The only reader of the environment: defaults, then the file, then variables, then flags, later ones winning.
//!
//! A value that does not fit is refused here, with the name of the variable or file it came from, before anything binds.

mod check;
mod environment;
mod llm;
mod pairs;
mod presence;
mod secret;
mod sections;
mod webhooks;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub use environment::variable_of;
pub use llm::{Fallback, Llm, OwnProvider, Plans, Provider};
pub use pairs::pairs;
pub use presence::Presence;
pub use secret::{Address, Secret};
pub use sections::{
    Archive, Auth, Concurrency, Database, Embedded, HttpLimits, Nats, Observability, Ports, Role, RolePorts,
    ServerSource,
};
pub use webhooks::Webhooks;

/// The file that is read when none is named and it exists.
const DEFAULT_FILE: &str = "ally.toml";

/// Everything that can be set, as it will be used.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where each role listens.
    pub ports: Ports,
    /// The event log.
    pub nats: Nats,
    /// The views.
    pub database: Database,
    /// Where finished jobs go.
    pub archive: Archive,
    /// Who may call.
    pub auth: Auth,
    /// What a caller may do.
    pub limits: HttpLimits,
    /// How much is worked on at once, and how often.
    pub workers: Concurrency,
    /// Who may be in which room.
    pub presence: Presence,
    /// Who makes the plans.
    pub plans: Plans,
    /// The model's endpoint, where a model makes them.
    pub llm: Llm,
    /// How webhooks are signed and sent.
    pub webhooks: Webhooks,
    /// Traces and logs.
    pub observability: Observability,
    /// The servers that `up`, `demo` and the tests start themselves.
    pub embedded: Embedded,
    /// Who sits at the terminal: the name that a change by hand leaves in the log unless it is told another.
    pub login: Option<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value has the wrong type or an unknown name.
    #[error("{0}")]
    Unreadable(String),
    /// Values have the right type and cannot be used.
    #[error("the configuration cannot be used:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
    Unusable(Vec<String>),
}

impl Config {
    /// Reads the configuration. `file` must exist when it is named.
    pub fn load(file: Option<&Path>, overrides: &[(&'static str, String)]) -> Result<Self, ConfigError> {
        let defaults = Self::default();
        // An address serialises as people may see it, and who logs in by default is no secret.
        let mut figment = Figment::from(Serialized::defaults(&defaults))
            .merge(Serialized::default("nats.url", defaults.nats.url.expose()))
            .merge(Serialized::default("database.url", defaults.database.url.expose()));
        let path = file.map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_path_buf);
        if file.is_some() && !path.is_file() {
            let text = format!("there is no configuration file {}; name one that exists with --config", path.display());
            return Err(ConfigError::Unreadable(text));
        }
        figment = figment.merge(Toml::file(path));
        figment = environment::merge(figment).map_err(ConfigError::Unusable)?;
        for (key, value) in overrides {
            figment = figment.merge(Serialized::global(key, value));
        }
        let config: Self = figment.extract().map_err(|error| ConfigError::Unreadable(explain(error)))?;
        let faults = check::faults(&config);
        if faults.is_empty() { Ok(config) } else { Err(ConfigError::Unusable(faults)) }
    }

    /// The variables that are read, each with the key that it sets.
    pub fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
        environment::VARIABLES.iter().map(|variable| (variable.name, variable.key))
    }
}

/// Every fault on a line, each with where it came from: a file, or the variable that sets its key.
fn explain(error: figment::Error) -> String {
    let lines = error.into_iter().map(|error| {
        let from_file = error.metadata.as_ref().is_some_and(|origin| origin.name.contains("TOML"));
        let path = error.path.join(".");
        // What was found stands in the error, and here it may be the secret itself.
        if environment::leads_to_secret(&path) {
            return match variable_of(&path).filter(|_| !from_file) {
                Some(variable) => format!("\n  {variable}: not a text that can be used"),
                None => format!("\n  {path} in the configuration file: write a text in quotes"),
            };
        }
        match variable_of(&path).filter(|_| !from_file) {
            Some(variable) => format!("\n  {variable}: {}", error.kind),
            None if path.is_empty() && from_file => format!("\n  {}", without_source(&error.to_string())),
            None => format!("\n  {error}"),
        }
    });
    format!("the configuration cannot be read:{}", lines.collect::<String>())
}

/// A fault of the file's own form, with where it is and without the line itself, which may hold a secret: the parser quotes it
/// between its place and what it expected.
fn without_source(error: &str) -> String {
    let is_quote = |line: &&str| line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" |");
    let told = error.lines().filter(|line| !is_quote(line) && !line.trim().starts_with('|'));
    let place = told.clone().find_map(|line| line.find("at line ").and_then(|at| line.get(at..)));
    let place = place.map_or("somewhere", |place| place.trim_end_matches([',', ':']));
    format!(
        "the configuration file is not TOML {place}: look there for a text without quotes, a quote without an end, or a key that stands twice"
    )
}

#[cfg(test)]
mod tests;
