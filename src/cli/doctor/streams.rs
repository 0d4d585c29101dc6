//! The streams of the event log: there, and as this version needs them.

use ally_nats::{JetStream, StreamFault};

use super::each_once;
use super::finding::Finding;
use super::subject::Subject;

pub async fn look(jetstream: &JetStream) -> Finding {
    let what = "streams";
    match jetstream.look_at_streams().await {
        Err(error) => Finding::unwell(Subject::Streams, what, error.to_string(), "look again once NATS answers"),
        Ok(faults) if faults.is_empty() => Finding::well(Subject::Streams, what, "as they must be"),
        Ok(faults) => {
            let found = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Finding::unwell(Subject::Streams, what, found, each_once(faults.iter().map(StreamFault::remedy)))
        }
    }
}
