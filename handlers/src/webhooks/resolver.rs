//! Looks names up for the HTTP client, and lets no address by that leads inside.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::AddressRule;

/// A resolver under a rule. What it answers is what is connected to: nothing is looked up a second time.
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardedResolver(pub AddressRule);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0;
        Box::pin(async move {
            // The client sets the port.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One that leads inside spoils them all: a name with both is no mistake of its owner's.
            for address in &found {
                rule.allow(address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
