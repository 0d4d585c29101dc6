//! Somebody else's messages, which take all the room that the server's store has.

use async_nats::jetstream::{Context, stream};

use super::stage::Stage;
use crate::system::eventually;

const NAME: &str = "FILLER";

/// A stream that fills the store, until it is removed.
pub struct Filler(Context);

impl Filler {
    /// Fills the store to the brim: with large messages, then with ever smaller ones, until none fits any more.
    pub async fn fill(stage: &Stage) -> Self {
        let jetstream = stage.client().await;
        let config = stream::Config {
            name: NAME.to_owned(),
            subjects: vec![NAME.to_lowercase()],
            num_replicas: stage.nodes.len(),
            ..stream::Config::default()
        };
        eventually("a stream to fill the store with", async || {
            jetstream.create_stream(config.clone()).await.ok().map(|_| ())
        })
        .await;
        for bytes in [900 << 10, 64 << 10, 4 << 10, 256, 1] {
            let payload = vec![0_u8; bytes];
            while let Ok(stored) = jetstream.publish(NAME.to_lowercase(), payload.clone().into()).await
                && stored.await.is_ok()
            {}
        }
        Self(jetstream)
    }

    /// Gives the room back.
    pub async fn remove(self) {
        eventually("the room given back", async || self.0.delete_stream(NAME).await.ok().map(|_| ())).await;
    }
}
