//! Atomic batches straight into JetStream: what the server gives to one connection that does nothing else.
//!
//! The streams are as the product makes them, under a prefix of their own. Messages carry the headers that the store's
//! have and no expectations. `nats/examples/bench_append.rs` compares the store itself with this and with more.

use std::time::{Duration, Instant};

use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_nats::names::StreamName;
use ally_nats::{JetStream, NatsConfig, Replicas};
use anyhow::Context;
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;

/// Messages in a batch; the server allows 1,000.
const BATCH: usize = 200;
/// Bytes of a message without its headers: about a small event of a job.
const PAYLOAD_BYTES: usize = 400;

/// Streams to append to.
pub struct Raw {
    client: async_nats::Client,
    jetstream: JetStream,
}

impl Raw {
    /// Makes the streams.
    pub async fn open(nats_url: &str) -> anyhow::Result<Self> {
        let prefix = format!("raw{:.8}", uuid::Uuid::new_v4().simple().to_string());
        let jetstream = JetStream::connect(NatsConfig { prefix, ..NatsConfig::new(nats_url) }).await?;
        jetstream.apply_streams(Replicas::Exactly(1)).await.context("streams for raw batches could not be made")?;
        Ok(Self { client: async_nats::connect(nats_url).await?, jetstream })
    }

    /// Messages a second that are stored, one batch after the other, for this long.
    pub async fn messages_per_second(&self, time: Duration) -> anyhow::Result<f64> {
        let (begun, mut batches) = (Instant::now(), 0);
        let payload = Bytes::from(vec![b'x'; PAYLOAD_BYTES]);
        while begun.elapsed() < time {
            self.batch(&payload).await?;
            batches += 1;
        }
        Ok((batches * BATCH) as f64 / begun.elapsed().as_secs_f64())
    }

    async fn batch(&self, payload: &Bytes) -> anyhow::Result<()> {
        let batch = uuid::Uuid::new_v4().simple().to_string();
        for number in 1..=BATCH {
            let (subject, mut headers) = self.message()?;
            headers.insert("Nats-Batch-Id", batch.as_str());
            headers.insert("Nats-Batch-Sequence", HeaderValue::from(number));
            if number < BATCH {
                self.client.publish_with_headers(subject, headers, payload.clone()).await?;
                continue;
            }
            headers.insert("Nats-Batch-Commit", "1");
            let answer = self.client.request_with_headers(subject, headers, payload.clone()).await?;
            let answer = String::from_utf8_lossy(&answer.payload);
            anyhow::ensure!(!answer.contains("\"error\""), "a raw batch was refused: {answer}");
        }
        Ok(())
    }

    fn message(&self) -> anyhow::Result<(String, HeaderMap)> {
        let (job, command) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string());
        let id = format!("{command}:1");
        let subject = format!("job/{job}");
        let headers = [
            ("Nats-Msg-Id", id.as_str()),
            ("ce-id", id.as_str()),
            ("ce-type", "plan_job.requested.v1"),
            ("ce-source", "/ally"),
            ("ce-subject", subject.as_str()),
            ("ce-time", "2026-01-02T03:04:05.678Z"),
            ("ce-specversion", "1.0"),
            ("content-type", "application/json"),
            ("ally-correlation", command.as_str()),
            ("ally-causation", "PLANS:1"),
            ("ally-actor", "athlete:bench"),
        ];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, value);
        }
        let job = AggregateRef { kind: AggregateKind::Job, id: job.parse::<AggregateId>()? };
        Ok((self.jetstream.names().event(&job, "requested"), map))
    }

    /// Removes the streams.
    pub async fn close(self) -> anyhow::Result<()> {
        let context = async_nats::jetstream::new(self.client);
        for stream in StreamName::ALL {
            context.delete_stream(self.jetstream.names().stream(stream)).await?;
        }
        Ok(())
    }
}
