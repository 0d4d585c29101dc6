//! Requests to Ally's own ports: never through a proxy, which would look for this machine's loopback on another one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::config::{Ports, Role, RolePorts};

/// A client for the ports of this deployment.
pub fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().timeout(timeout).no_proxy().build()
}

/// Where a role that listens on an address is asked, as it stands in a URL: with brackets around IPv6, and on loopback where
/// it listens on every address.
pub fn address(host: IpAddr, port: u16) -> SocketAddr {
    let asked = match host {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(asked, port)
}

/// The URLs of a role: its HTTP port and its metrics port.
pub fn role(ports: &Ports, role: Role) -> (String, String) {
    let RolePorts { http, metrics } = ports.of(role);
    let url = |port| match &ports.role_host {
        Some(host) => format!("http://{}:{port}", host.replace("{role}", role.as_str())),
        None => format!("http://{}", address(ports.host, port)),
    };
    (url(http), url(metrics))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_asked_here_or_where_its_name_leads() {
        let mut ports = Ports::default();
        assert_eq!(role(&ports, Role::Planner).0, "http://127.0.0.1:4102");
        ports.role_host = Some("ally-{role}.example".to_owned());
        assert_eq!(role(&ports, Role::Planner).1, "http://ally-planner.example:9466");
    }

    #[test]
    fn every_host_makes_an_address_that_can_be_asked() {
        for (host, asked) in [
            ("127.0.0.1", "127.0.0.1:4000"),
            ("::1", "[::1]:4000"),
            ("0.0.0.0", "127.0.0.1:4000"),
            ("::", "[::1]:4000"),
            ("10.0.0.7", "10.0.0.7:4000"),
        ] {
            assert_eq!(address(host.parse().unwrap(), 4000).to_string(), asked);
        }
    }
}
