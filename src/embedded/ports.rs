//! Which ports the servers get: one that is said, or any that is free. A port that is taken is told with who holds it.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use super::errors::{Doing, EmbeddedError};
use super::port_holder::{self, Holder};

/// How a port is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// Any that is free.
    Free,
    /// This one and no other.
    Fixed {
        /// The port.
        port: u16,
        /// The variable or option that moves it, for the message when it is taken.
        moved_by: &'static str,
    },
}

/// A port that somebody else listens on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("port {port}, which {wanted_for} needs, is taken{}; stop that, or set {moved_by} to a free port", by(.holder))]
pub struct PortTaken {
    /// The port.
    pub port: u16,
    /// Who wanted it.
    pub wanted_for: &'static str,
    /// What moves it.
    pub moved_by: String,
    /// Who holds it, where the machine tells.
    pub holder: Option<Holder>,
}

fn by(holder: &Option<Holder>) -> impl fmt::Display {
    holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default()
}

impl PortChoice {
    /// Settles on a port.
    pub(super) fn choose(self, wanted_for: &'static str) -> Result<u16, EmbeddedError> {
        match self {
            Self::Free => free_port(),
            Self::Fixed { port, moved_by } => {
                check_free(Ipv4Addr::LOCALHOST.into(), port, wanted_for, moved_by)?;
                Ok(port)
            }
        }
    }
}

/// Checks that nobody listens on a port of an address of this machine.
///
/// # Errors
/// Names the holder and `moved_by`, the variable or option that moves the port.
pub fn check_free(host: IpAddr, port: u16, wanted_for: &'static str, moved_by: &str) -> Result<(), PortTaken> {
    match TcpListener::bind((host, port)) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Err(PortTaken { port, wanted_for, moved_by: moved_by.to_owned(), holder: port_holder::find(port) })
        }
        // Whatever else is wrong with it, whoever binds it will say.
        _ => Ok(()),
    }
}

/// A port that was free a moment ago. Whoever uses it must be ready to lose the race and ask again.
fn free_port() -> Result<u16, EmbeddedError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).doing(|| "finding a free port on 127.0.0.1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_with_its_holder_and_what_moves_it() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let choice = PortChoice::Fixed { port, moved_by: "NATS_PORT" };
        let text = choice.choose("NATS").unwrap_err().to_string();
        assert!(text.starts_with(&format!("port {port}, which NATS needs, is taken")), "{text}");
        assert!(text.ends_with("; stop that, or set NATS_PORT to a free port"), "{text}");
        if cfg!(target_os = "linux") {
            assert!(text.contains(&format!("(process {})", std::process::id())), "{text}");
        }
    }

    #[test]
    fn a_fixed_port_that_is_free_is_taken_as_it_is() {
        let port = free_port().unwrap();
        assert_eq!(PortChoice::Fixed { port, moved_by: "NATS_PORT" }.choose("NATS").unwrap(), port);
    }
}
