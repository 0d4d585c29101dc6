//! What can go wrong with a consumer without anybody dying: a message that is acknowledged and not worked on, and the
//! consumer itself gone.

use std::time::Duration;

use ally_nats::names::StreamName;
use async_nats::jetstream::consumer::pull;
use futures::StreamExt;

use super::stage::Stage;
use crate::system::DEADLINE;

/// Messages taken at once.
const MOUTHFUL: usize = 3;
const EXPIRES: Duration = Duration::from_secs(1);

/// Acknowledges messages in their worker's place, and does nothing about them. How many.
pub async fn swallow(stage: &Stage, stream: StreamName, name: &str) -> usize {
    let swallowing = async {
        let stream = stage.client().await.get_stream(stage.names().stream(stream)).await?;
        let consumer = stream.get_consumer::<pull::Config>(name).await?;
        let mut swallowed = 0;
        // The workers' own pulls stand before this one.
        while swallowed == 0 {
            let mut messages = consumer.batch().max_messages(MOUTHFUL).expires(EXPIRES).messages().await?;
            while let Some(message) = messages.next().await {
                message?.double_ack().await?;
                swallowed += 1;
            }
        }
        Ok::<_, async_nats::Error>(swallowed)
    };
    // Another fault may strike at the same time: then this one does not.
    tokio::time::timeout(DEADLINE / 6, swallowing).await.ok().and_then(Result::ok).unwrap_or(0)
}

/// Deletes a consumer. Its workers make it anew, and it delivers from the beginning.
pub async fn delete(stage: &Stage, stream: StreamName, name: &str) {
    crate::system::eventually(&format!("consumer {name} deleted"), async || {
        let stream = stage.client().await.get_stream(stage.names().stream(stream)).await.ok()?;
        stream.delete_consumer(name).await.ok()
    })
    .await;
}
