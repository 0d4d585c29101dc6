//! Reading a whole stream: in order, from any place, over holes and strangers.

use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ports::{EventLog, EventReader, EventStore};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;

use crate::bench::{Deployment, run};

const WAIT: Duration = Duration::from_secs(5);

/// Reads until the log has no more.
async fn read_all(reader: &mut dyn EventReader) -> Vec<Recorded> {
    let mut events = Vec::new();
    loop {
        let batch = reader.next(100, WAIT).await.unwrap();
        events.extend(batch.events);
        if batch.pending == 0 {
            return events;
        }
    }
}

#[test]
fn a_reader_sees_everything_once_and_in_order() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let (first, second) = (new_job(), new_job());
        for job in [&first, &second] {
            store.append(new_append(job, 0, (0..150).map(|n| event("progressed", n)).collect())).await.unwrap();
        }
        assert_eq!(store.last_sequence("PLANS").await.unwrap(), 300);
        let mut reader = store.open("PLANS", 0).await.unwrap();
        let events = read_all(reader.as_mut()).await;
        let sequences: Vec<_> = events.iter().map(|event| event.position.sequence).collect();
        assert_eq!(sequences, (1..=300).collect::<Vec<_>>());
        assert_eq!((&events[0].aggregate, &events[299].aggregate), (&first, &second));

        let mut later = store.open("PLANS", 298).await.unwrap();
        assert_eq!(read_all(later.as_mut()).await.len(), 2);
    });
}

#[test]
fn a_reader_waits_for_the_first_event_and_never_for_a_full_batch() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let mut reader = store.open("PLANS", 0).await.unwrap();
        assert!(reader.next(10, Duration::from_millis(1)).await.unwrap().events.is_empty());
        let append = async { store.append(new_append(&new_job(), 0, vec![event("requested", 1)])).await };
        let (batch, appended) = tokio::join!(reader.next(10, WAIT), append);
        assert_eq!(batch.unwrap().events[0].position, appended.unwrap().position);
    });
}

#[test]
fn what_cannot_be_read_is_kept_and_skipped() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let job = new_job();
        let names = deployment.jetstream.names();
        let first = store.append(new_append(&job, 0, vec![event("requested", 1)])).await.unwrap().position.sequence;
        let raw = deployment.raw().await;
        raw.publish(names.event(&new_job(), "requested"), "no headers".into()).await.unwrap().await.unwrap();
        // An event of a later version of Ally: the reader hands it on, and whoever folds it decides.
        store.append(new_append(&job, first, vec![event("invented_later", 2)])).await.unwrap();

        let mut reader = store.open("PLANS", 0).await.unwrap();
        let read: Vec<_> =
            read_all(reader.as_mut()).await.into_iter().map(|event| event.event_type.to_string()).collect();
        assert_eq!(read, ["plan_job.requested.v1", "plan_job.invented_later.v1"]);
        assert_eq!(store.last_sequence("PLANS").await.unwrap(), 3);
    });
}

#[test]
fn a_reader_whose_consumer_is_gone_reads_on_where_it_was() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let job = new_job();
        let first = store.append(new_append(&job, 0, vec![event("requested", 1)])).await.unwrap().position.sequence;
        let mut reader = store.open("PLANS", 0).await.unwrap();
        assert_eq!(read_all(reader.as_mut()).await.len(), 1);

        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        let mut consumers = stream.consumer_names();
        while let Some(name) = futures::TryStreamExt::try_next(&mut consumers).await.unwrap() {
            stream.delete_consumer(&name).await.unwrap();
        }
        store.append(new_append(&job, first, vec![event("started", 2)])).await.unwrap();
        let batch = reader.next(10, WAIT).await.unwrap();
        assert_eq!(batch.events[0].event_type.name, "started");
    });
}

#[test]
fn a_stream_that_is_not_there_is_named() {
    run(async {
        let deployment = Deployment::start().await;
        let error = deployment.store().open("PLAN", 0).await.err().unwrap().to_string();
        assert!(error.contains("there is no stream \"PLAN\"; there are PLANS"), "{error}");
    });
}

/// A reader's consumer goes with its stream. What is made anew under the name begins its sequences anew, so that reading on
/// behind the old position would pass over events that nobody has seen.
#[test]
fn a_reader_does_not_read_on_in_a_stream_that_was_made_anew() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        deployment.request(2).await;
        let before = store.identity("PLANS").await.unwrap();
        assert_eq!(before, deployment.another_node().await.identity("PLANS").await.unwrap());
        let mut reader = store.open("PLANS", 0).await.unwrap();
        assert_eq!(read_all(reader.as_mut()).await.len(), 2);
        let plans = deployment.jetstream.names().stream(StreamName::Plans);
        deployment.raw().await.delete_stream(&plans).await.unwrap();
        deployment.jetstream.ensure_topology().await.unwrap();
        deployment.request(4).await;
        assert_ne!(store.identity("PLANS").await.unwrap(), before);
        let error = loop {
            match reader.next(10, WAIT).await {
                Ok(batch) => assert!(batch.events.is_empty(), "it read on: {:?}", batch.events),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("made anew"), "{error}");
        assert_eq!(read_all(store.open("PLANS", 0).await.unwrap().as_mut()).await.len(), 4);
    });
}
