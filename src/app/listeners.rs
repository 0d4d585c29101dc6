//! The ports of a role, bound before anything else starts: a taken port is said at once, with the variable that moves it.

use std::net::{SocketAddr, TcpListener};

use anyhow::anyhow;

use crate::cli::Usage;
use crate::config::{Config, Role, variable_of};
use crate::embedded::check_free;

/// Connections that may wait to be accepted. The kernel grants no more than its own limit, `net.core.somaxconn`.
const BACKLOG: i32 = 65_535;

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
    let bound = TcpListener::bind(address).and_then(|listener| {
        // The standard library asks for 128. Clients that all come back at once are more, and those that find no room wait for
        // seconds before they try again.
        rustix::net::listen(&listener, BACKLOG)?;
        listener.set_nonblocking(true).map(|()| listener)
    });
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

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;
    use crate::config::RolePorts;

    #[test]
    fn clients_that_all_come_at_once_wait_in_the_backlog() {
        let mut config = Config::default();
        config.ports.presence = RolePorts { http: 0, metrics: 0 };
        let listeners = Listeners::bind(&config, Role::Presence).unwrap();
        let address = listeners.http.local_addr().unwrap();
        // Nobody accepts. What finds no room is not answered, and its client tries again after a second.
        let connect = |_| TcpStream::connect_timeout(&address, Duration::from_millis(500));
        let held: Vec<TcpStream> = (0..400).map(connect).collect::<Result<_, _>>().unwrap();
        assert_eq!(held.len(), 400);
    }
}
