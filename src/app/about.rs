//! What a role says of itself on its metrics port: `ally doctor` asks each role what it uses, and looks at the same.

use ally_api::Used;
use ally_domain::ports::Clock;
use ally_telemetry::mask;
use ally_telemetry::names::dependency;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::webhooks;
use crate::config::{Config, Provider, Role};

/// The name of the trace collector among what a role uses; it is no dependency, since nothing waits for it.
pub const COLLECTOR: &str = "collector";

/// A role, as it began.
pub struct About(ally_api::About);

impl About {
    /// Of a role that begins now.
    pub fn new(context: &RoleContext) -> Self {
        let (config, role, now) = (&context.config, context.role, SystemClock.now());
        Self(ally_api::About {
            service: role.service().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            environment: config.observability.environment.clone(),
            prefix: config.nats.prefix.clone(),
            started_at: now,
            now,
            uses: uses(config, role),
            webhook_key: webhook_key(config, role),
        })
    }

    /// The same, with the clock of this moment.
    pub fn now(&self) -> ally_api::About {
        ally_api::About { now: SystemClock.now(), ..self.0.clone() }
    }
}

/// What tells the key of webhooks from another one, at the roles that sign with it or show what it gives.
fn webhook_key(config: &Config, role: Role) -> Option<String> {
    let needs_key = matches!(role, Role::Gateway | Role::Projector);
    let key = needs_key.then(|| webhooks::key(config).ok().flatten()).flatten();
    key.map(|key| key.fingerprint())
}

/// The servers that a role of this configuration uses.
fn uses(config: &Config, role: Role) -> Vec<Used> {
    let used = |name: &str, address: String| Used { name: name.to_owned(), address };
    let mut uses = vec![used(dependency::NATS, config.nats.url.to_string())];
    if matches!(role, Role::Gateway | Role::Planner | Role::Presence | Role::Projector) {
        uses.push(used(dependency::POSTGRES, config.database.url.to_string()));
    }
    if let Ok(Some(collector)) = super::telemetry::endpoint_of(config, role) {
        uses.push(used(COLLECTOR, mask::address(&collector)));
    }
    if let (Role::Planner, Provider::Llm, Some(llm)) = (role, config.plans.provider, &config.llm.base_url) {
        uses.push(used(dependency::LLM, llm.to_string()));
    }
    uses
}
