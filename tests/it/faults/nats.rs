//! A nats-server of this test's own, and when it is whole again.

use std::ops::Deref;
use std::path::Path;

use ally_nats::testing;
pub use ally_nats::testing::free_port;

use crate::system::{eventually, server};

pub struct NatsNode(testing::Server);

impl Deref for NatsNode {
    type Target = testing::Server;

    fn deref(&self) -> &testing::Server {
        &self.0
    }
}

impl NatsNode {
    /// Writes its configuration; it runs after `start`.
    pub fn prepare(folder: &Path, name: &str, more: &str) -> Self {
        Self(testing::Server::prepare(server("ALLY_TEST_NATS_SERVER"), folder, name, more))
    }

    /// Waits until it says that its streams are there and, in a cluster, that it has caught up with them.
    pub async fn healthy(&self) {
        let health = self.health_url();
        eventually(&format!("{} healthy", self.name), async || {
            crate::system::get(&health).await.ok()?.error_for_status().ok().map(|_| ())
        })
        .await;
    }
}
