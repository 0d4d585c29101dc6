//! The ports of a role, bound before anything else starts: a taken port is said at once, with the variable that moves it.

use std::net::{SocketAddr, TcpListener};

use anyhow::anyhow;

use crate::cli::Usage;
use crate::config::{Config, Role, variable_of};
use crate::embedded::check_free;

/// A role's two listeners.
pub struct Listeners {
    /// HTTP.
    pub http: TcpListener,
    /// Prometheus.
    pub metrics: TcpListener,
}

impl Listeners {
    /// Binds a role's ports; port 0 is any free one.
    pub fn bind(config: &Config, role: Role) -> anyhow::Result<Self> {
        let ports = config.ports.of(role);
        Ok(Self {
            http: bind(config, role, "http", ports.http)?,
            metrics: bind(config, role, "metrics", ports.metrics)?,
        })
    }
}

/// Checks that no role's port is taken, without taking any.
pub fn check(config: &Config, roles: &[Role]) -> anyhow::Result<()> {
    for role in roles {
        let ports = config.ports.of(*role);
        for (which, port) in [("http", ports.http), ("metrics", ports.metrics)] {
            if port != 0 {
                check_free(config.ports.host, port, role.service(), variable(*role, which))
                    .map_err(|taken| Usage(taken.to_string()))?;
            }
        }
    }
    Ok(())
}

fn bind(config: &Config, role: Role, which: &str, port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(config.ports.host, port);
    let bound = TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map_err(|error| {
        let moved_by = variable(role, which);
        if let Err(taken) = check_free(config.ports.host, port, role.service(), moved_by) {
            return Usage(taken.to_string()).into();
        }
        anyhow!("{address}, which {} needs, cannot be bound: {error}; {moved_by} or ALLY_HOST moves it", role.service())
    })
}

fn variable(role: Role, which: &str) -> &'static str {
    variable_of(&format!("ports.{}.{which}", role.as_str())).unwrap_or("--config")
}
