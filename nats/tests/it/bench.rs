//! What every test here stands on: a prefix of its own on the shared server, removed when the test ends.

use std::future::Future;
use std::sync::Arc;

use ally_nats::names::StreamName;
use ally_nats::{JetStream, NatsConfig, NatsEventStore, Upcasters};
use tokio::runtime::{Builder, Runtime};

#[allow(clippy::disallowed_methods, reason = "tests find their servers through the environment")]
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test`, which starts the servers"))
}

pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn run(test: impl Future<Output = ()>) {
    runtime().block_on(test);
}

/// A deployment of its own: streams under a random prefix.
pub struct Deployment {
    pub jetstream: JetStream,
    url: String,
}

pub fn config(url: &str) -> NatsConfig {
    let prefix = format!("t{}", &uuid::Uuid::now_v7().simple().to_string()[12..]);
    NatsConfig { prefix, ..NatsConfig::new(url) }
}

impl Deployment {
    pub async fn start() -> Self {
        Self::on(config(&env("ALLY_TEST_NATS_URL"))).await
    }

    pub async fn on(config: NatsConfig) -> Self {
        let url = config.url.clone();
        let jetstream = JetStream::connect(config).await.unwrap();
        jetstream.ensure_topology().await.unwrap();
        Self { jetstream, url }
    }

    pub fn store(&self) -> NatsEventStore {
        NatsEventStore::new(self.jetstream.clone(), Upcasters::default())
    }

    /// The server as any client sees it.
    pub async fn raw(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(&self.url).await.unwrap())
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let (url, names) = (self.url.clone(), self.jetstream.names().clone());
        // A thread with a runtime of its own: the test's may be about to end, or be in a panic.
        let removed = std::thread::spawn(move || {
            runtime().block_on(async move {
                let Ok(client) = async_nats::connect(&url).await else { return };
                let context = async_nats::jetstream::new(client);
                for stream in StreamName::ALL {
                    let _ = context.delete_stream(names.stream(stream)).await;
                }
            });
        });
        let _ = removed.join();
    }
}

/// A store whose deployment lives as long as the second part.
pub async fn store(_case: &str) -> (NatsEventStore, Arc<Deployment>) {
    let deployment = Deployment::start().await;
    (deployment.store(), Arc::new(deployment))
}
