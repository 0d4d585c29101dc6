//! Ports of one's own: free ones, chosen before the start, so that nobody has to read them out of an answer.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;

/// The variables of each role's two ports, HTTP first.
const ROLES: [(&str, &str); 4] = [
    ("GATEWAY_BFF_PORT", "GATEWAY_BFF_METRICS_PORT"),
    ("PROFILE_ONBOARDING_PORT", "PROFILE_ONBOARDING_METRICS_PORT"),
    ("PLANNING_ENGINE_PORT", "PLANNING_ENGINE_METRICS_PORT"),
    ("PROJECTOR_PORT", "PROJECTOR_METRICS_PORT"),
];
/// Those of presence, which has no part in the walk of a job, and which an older build does not know.
const PRESENCE: [&str; 2] = ["REALTIME_PRESENCE_SERVICE_PORT", "REALTIME_PRESENCE_SERVICE_METRICS_PORT"];

/// Where everything listens.
pub struct Ports {
    /// HTTP and metrics of each role, in the order of [`ROLES`].
    roles: [(u16, u16); 4],
    presence: [u16; 2],
    pub nats: u16,
    pub nats_monitor: u16,
    pub postgres: u16,
}

impl Ports {
    /// Ports that nobody listens on at this moment, all different.
    pub fn free() -> anyhow::Result<Self> {
        let [a, b, c, d, e, f, g, h, i, j, nats, nats_monitor, postgres] = free()?;
        Ok(Self { roles: [(a, b), (c, d), (e, f), (g, h)], presence: [i, j], nats, nats_monitor, postgres })
    }

    /// The gateway's HTTP.
    pub fn gateway(&self) -> u16 {
        self.roles[0].0
    }

    /// The HTTP of every role that has a part in the walk of a job.
    pub fn roles(&self) -> impl Iterator<Item = u16> {
        self.roles.iter().map(|(http, _)| *http)
    }

    /// The variables that put everything there.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let of_roles = ROLES.iter().zip(self.roles);
        let of_roles = of_roles.flat_map(|((http, metrics), ports)| [(*http, ports.0), (*metrics, ports.1)]);
        let of_servers =
            [("NATS_PORT", self.nats), ("NATS_MONITOR_PORT", self.nats_monitor), ("POSTGRES_PORT", self.postgres)];
        let of_presence = PRESENCE.into_iter().zip(self.presence);
        of_roles.chain(of_presence).chain(of_servers).map(|(name, port)| (name, port.to_string())).collect()
    }
}

/// Ports that nobody listens on at this moment, all different.
pub fn free<const N: usize>() -> anyhow::Result<[u16; N]> {
    // Held until all are chosen, so that none is chosen twice.
    let mut held = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}
