//! The golden files: the bytes of every event that was ever written. An event's shape may only change with its version,
//! because the log keeps the old ones for ever.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ally_domain::athlete::AthleteEvent;
use ally_domain::channel::ChannelEvent;
use ally_domain::dead_letter::DeadLetterEvent;
use ally_domain::event_data::{EventData, EventType};
use ally_domain::job::JobEvent;
use ally_domain::plan::PlanEvent;
use ally_domain::room::RoomEvent;
use ally_domain::webhook::{DeliveryEvent, EndpointEvent};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Reads the golden file of every type and writes it back: the bytes must be the same.
fn holds<E: EventData>(seen: &mut BTreeSet<String>) {
    for (name, version) in E::TYPES {
        let event_type = EventType::new(E::NOUN, name, *version);
        let file = folder().join(format!("{event_type}.json"));
        let golden = std::fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{event_type} has no golden file: write {}", file.display()));
        let event = E::decode(&event_type, golden.trim_end()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(event.event_type(), event_type);
        let written = event.encode().unwrap();
        assert_eq!(
            written.data.get(),
            golden.trim_end(),
            "{event_type} is written in another shape: raise its version"
        );
        seen.insert(event_type.to_string());
    }
}

#[test]
fn every_event_is_written_as_its_golden_file_says() {
    let mut seen = BTreeSet::new();
    holds::<AthleteEvent>(&mut seen);
    holds::<JobEvent>(&mut seen);
    holds::<PlanEvent>(&mut seen);
    holds::<RoomEvent>(&mut seen);
    holds::<ChannelEvent>(&mut seen);
    holds::<EndpointEvent>(&mut seen);
    holds::<DeliveryEvent>(&mut seen);
    // The stream of dead letters holds the end of a letter as it is written here; a parked one is read from headers.
    holds::<DeadLetterEvent>(&mut seen);
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".json").to_owned())
        .collect();
    // A golden file without a newest type is an old version: it stays, and the upcasters read it.
    let unknown: Vec<_> = files.difference(&seen).filter(|name| EventType::parse(name).is_none()).collect();
    assert!(unknown.is_empty(), "these files name no event type: {unknown:?}");
}

#[test]
fn an_event_of_a_newer_version_is_unknown_and_no_crash() {
    let newer = EventType::new("plan_job", "requested", 99);
    assert!(matches!(JobEvent::decode(&newer, "{}"), Err(ally_domain::event_data::EncodingError::Unknown { .. })));
    let foreign = EventType::new("athlete", "requested", 1);
    assert!(JobEvent::decode(&foreign, "{}").is_err());
}
