//! A segment that the log names and that is not there: whoever would have to read it stops and names it.

use ally_domain::ports::{Archive, EventLog, EventReader, EventStore, StoreError};
use ally_nats::names::StreamName;
use ally_nats::{Declared, Inventoried, Lost, NatsEventStore, SegmentName, SegmentState};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::archive::{Bench, WAIT, sequences, shelf, whole};
use crate::bench::run;

/// What stops a reader from the beginning of the log: the segment that it names. Nothing may have been handed out before.
async fn stops(store: &NatsEventStore) -> String {
    match store.open("PLANS", 0).await.unwrap().next(1, WAIT).await {
        Err(error @ StoreError::ArchiveMissing { .. }) => {
            let told = error.to_string();
            assert!(told.contains("ARCHIVE_URL"), "it says what to do: {told}");
            let StoreError::ArchiveMissing { segment, .. } = error else { unreachable!() };
            segment
        }
        other => panic!("it read on: {other:?}"),
    }
}

async fn states(store: &NatsEventStore) -> Vec<(String, SegmentState)> {
    let found = store.inventory().await.unwrap();
    found.into_iter().map(|Inventoried { name, state, .. }| (name.to_string(), state)).collect()
}

#[test]
fn a_deleted_segment_is_named_and_nothing_behind_the_hole_is_handed_out() {
    run(async {
        let bench = Bench::start(2).await;
        let jobs = bench.jobs(6, &["requested", "completed"]).await;
        let before = sequences(&whole(&bench.store, 0).await);
        let segments = bench.archive_all().await;
        assert_eq!(segments.len(), 3);
        let file = bench.segment_file(&segments[1].name);
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();

        assert_eq!(stops(&bench.store).await, segments[1].name);
        let expected = |gone: SegmentState| {
            let state = |n| if n == 1 { gone } else { SegmentState::Finished };
            segments.iter().enumerate().map(|(n, it)| (it.name.clone(), state(n))).collect::<Vec<_>>()
        };
        assert_eq!(states(&bench.store).await, expected(SegmentState::Missing));
        for job in &jobs {
            let lost = segments[1].histories.iter().any(|copy| copy.aggregate == *job);
            match bench.store.look_back(job).await {
                Ok(history) => assert!(!lost && history.events.len() == 3),
                Err(StoreError::ArchiveMissing { segment, .. }) => assert!(lost && segment == segments[1].name),
                Err(error) => panic!("{error}"),
            }
            assert_eq!(bench.store.load(job).await.unwrap().events.len(), 1, "what decides needs no archive");
        }
        // A view that stands behind the hole has all that was in it.
        let last = segments[1].last;
        let behind = whole(&bench.store, last).await;
        assert!(sequences(&behind).iter().all(|sequence| *sequence > last) && behind.len() >= 6);

        std::fs::write(&file, &kept[..kept.len() - 1]).unwrap();
        assert_eq!(states(&bench.store).await, expected(SegmentState::Damaged));
        std::fs::write(&file, kept).unwrap();
        assert_eq!(states(&bench.store).await, expected(SegmentState::Finished));
        assert_eq!(sequences(&whole(&bench.store, 0).await)[..before.len()], before);
    });
}

#[test]
fn an_empty_folder_in_place_of_the_archive_is_no_archive_without_jobs() {
    run(async {
        let bench = Bench::start(2).await;
        bench.jobs(4, &["requested", "completed"]).await;
        bench.jobs(1, &["requested", "started"]).await;
        let segments = bench.archive_all().await;
        let empty = TempDir::new().unwrap();
        let wrong = bench.deployment.store().with_archive(Some(shelf(&empty)));
        assert_eq!(stops(&wrong).await, segments[0].name);
        let missing: Vec<_> = segments.iter().map(|it| (it.name.clone(), SegmentState::Missing)).collect();
        assert_eq!(states(&wrong).await, missing);
    });
}

/// What the archiver says that adds nothing: the segment that it misses.
async fn refuses(bench: &Bench) -> String {
    match Archive::write(&bench.archive, bench.due(0)).await {
        Err(error @ StoreError::ArchiveMissing { .. }) => {
            let told = error.to_string();
            assert!(told.contains("is it the right folder?") && told.contains("ARCHIVE_URL"), "{told}");
            let StoreError::ArchiveMissing { segment, .. } = error else { unreachable!() };
            segment
        }
        other => panic!("it wrote: {other:?}"),
    }
}

#[test]
fn an_archiver_with_another_folder_adds_nothing_to_it() {
    run(async {
        let bench = Bench::start(100).await;
        let other = bench.with_another_folder();
        bench.jobs(2, &["requested", "completed"]).await;
        let first = bench.archive_all().await.remove(0);
        let jobs = bench.jobs(2, &["requested", "completed"]).await;
        assert_eq!(refuses(&other).await, first.name);
        for job in &jobs {
            assert_eq!(bench.store.load(job).await.unwrap().events.len(), 2, "nothing has left the log");
        }
        assert_eq!(states(&bench.store).await, [(first.name.clone(), SegmentState::Finished)]);
        let second = bench.archive_all().await.remove(0);
        assert_eq!(second.histories.len(), 2, "the one with the right folder goes on");
    });
}

/// Two that write their first segments at the same moment, each to its own folder, find each other afterwards.
#[test]
fn two_archivers_with_different_folders_learn_of_each_other_from_the_log() {
    run(async {
        let bench = Bench::start(100).await;
        let other = bench.with_another_folder();
        bench.jobs(2, &["requested", "completed"]).await;
        let first = bench.archive_all().await.remove(0);
        // A reader of the other folder that has read all of it, and follows.
        let mut follower = other.store.open("PLANS", first.last).await.unwrap();
        read_to_end(follower.as_mut()).await;
        bench.jobs(2, &["requested", "completed"]).await;
        read_to_end(follower.as_mut()).await;
        // As if the first one's entry had come a moment later.
        other.bring(&bench, &first.name);
        let second = other.archive_all().await.remove(0);
        std::fs::remove_file(other.segment_file(&first.name)).unwrap();

        let states_of = |own: &str| {
            let state = |name: &str| if name == own { SegmentState::Finished } else { SegmentState::Missing };
            [&first, &second].map(|it| (it.name.clone(), state(&it.name))).to_vec()
        };
        for (bench, own, others) in [(&bench, &first, &second), (&other, &second, &first)] {
            assert_eq!(states(&bench.store).await, states_of(&own.name));
            assert_eq!(stops(&bench.store).await, others.name);
        }
        assert_eq!(read_to_end(follower.as_mut()).await, 2, "what has read everything reads on");
        bench.jobs(1, &["requested", "completed"]).await;
        assert_eq!((refuses(&bench).await, refuses(&other).await), (second.name, first.name));
    });
}

fn lost(note: &str) -> Lost {
    Lost { actor: "operator:kim".to_owned(), note: note.to_owned(), at: OffsetDateTime::UNIX_EPOCH }
}

#[test]
fn a_segment_that_was_declared_lost_is_read_on_without_and_read_again_when_it_comes_back() {
    run(async {
        let bench = Bench::start(2).await;
        bench.jobs(6, &["requested", "completed"]).await;
        let before = sequences(&whole(&bench.store, 0).await);
        let segments = bench.archive_all().await;
        let gone = &segments[1];
        let name: SegmentName = gone.name.parse().unwrap();
        let file = bench.segment_file(&gone.name);
        let declare = async |note: &str| bench.store.declare_lost(&name, lost(note)).await.unwrap();
        assert_eq!(declare("why").await, Declared::Whole, "it is there");
        let unknown: SegmentName =
            gone.name.replace(&gone.name[gone.name.len() - 16..], "0123456789abcdef").parse().unwrap();
        assert_eq!(bench.store.declare_lost(&unknown, lost("why")).await.unwrap(), Declared::Unknown);
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(stops(&bench.store).await, gone.name);

        assert_eq!(declare("the disk burnt").await, Declared::Lost);
        assert_eq!(declare("once more").await, Declared::Already(lost("the disk burnt")), "twice is once");
        let read = sequences(&whole(&bench.store, 0).await);
        let held: Vec<_> =
            gone.histories.iter().flat_map(|it| it.history.events.iter()).map(|it| it.position.sequence).collect();
        assert!(held.iter().all(|sequence| !read.contains(sequence)), "{held:?} in {read:?}");
        assert!(before.iter().all(|sequence| read.contains(sequence) || held.contains(sequence)), "all else is read");
        assert_eq!(states(&bench.store).await[1], (gone.name.clone(), SegmentState::Lost));
        for copy in &gone.histories {
            let left = bench.store.look_back(&copy.aggregate).await.unwrap().events;
            assert_eq!(left.len(), 1, "what stands for the lost ones");
        }
        bench.jobs(2, &["requested", "completed"]).await;
        assert_eq!(bench.archive_all().await.len(), 1, "the archiver goes on");

        // A torn copy is as lost as none; the whole one is read as ever.
        std::fs::write(&file, &kept[..kept.len() - 1]).unwrap();
        assert_eq!(states(&bench.store).await[1], (gone.name.clone(), SegmentState::Lost));
        assert_eq!(sequences(&whole(&bench.store, 0).await)[..read.len()], read);
        std::fs::write(&file, kept).unwrap();
        assert_eq!(states(&bench.store).await[1], (gone.name.clone(), SegmentState::Finished));
        assert_eq!(sequences(&whole(&bench.store, 0).await)[..before.len()], before);
    });
}

/// What an archiver left that kept no manifest is declared lost the same way.
#[test]
fn a_segment_of_before_the_manifest_can_be_declared_lost() {
    run(async {
        let mut bench = Bench::start(2).await;
        bench.jobs(4, &["requested", "completed"]).await;
        let segments = bench.archive_all().await;
        bench.forget_manifest().await;
        std::fs::remove_file(bench.segment_file(&segments[0].name)).unwrap();
        std::fs::remove_file(bench.segment_file(&segments[1].name)).unwrap();
        let declared = bench.store.declare_lost(&segments[0].name.parse().unwrap(), lost("old")).await.unwrap();
        assert_eq!(declared, Declared::Lost);
        assert_eq!(stops(&bench.store).await, segments[1].name, "the other one is still asked for");
        let declared = bench.store.declare_lost(&segments[1].name.parse().unwrap(), lost("old")).await.unwrap();
        assert_eq!(declared, Declared::Lost);
        assert_eq!(whole(&bench.store, 0).await.len(), 4, "an event for each job");
    });
}

/// Reads until nothing more comes in time, and counts: one answer may hold only a part of what is there.
async fn read_to_end(reader: &mut dyn EventReader) -> usize {
    let mut read = 0;
    loop {
        let events = reader.next(100, WAIT).await.unwrap().events.len();
        if events == 0 {
            return read;
        }
        read += events;
    }
}

#[test]
fn an_archive_from_before_the_manifest_is_read_and_its_holes_are_named_too() {
    run(async {
        let mut bench = Bench::start(2).await;
        bench.jobs(4, &["requested", "completed"]).await;
        let segments = bench.archive_all().await;
        bench.forget_manifest().await;
        assert_eq!(whole(&bench.store, 0).await.len(), 4 * 3);
        let finished: Vec<_> = segments.iter().map(|it| (it.name.clone(), SegmentState::Finished)).collect();
        assert_eq!(states(&bench.store).await, finished);

        let kept = std::fs::read(bench.segment_file(&segments[1].name)).unwrap();
        std::fs::remove_file(bench.segment_file(&segments[1].name)).unwrap();
        assert_eq!(stops(&bench.store).await, segments[1].name);
        assert_eq!(states(&bench.store).await[1], (segments[1].name.clone(), SegmentState::Missing));
        // What is archived from now on is in the manifest, and the older hole is not forgotten for it.
        bench.jobs(2, &["requested", "completed"]).await;
        assert_eq!(refuses(&bench).await, segments[1].name);
        std::fs::write(bench.segment_file(&segments[1].name), kept).unwrap();
        let later = bench.archive_all().await.remove(0);
        std::fs::remove_file(bench.segment_file(&segments[1].name)).unwrap();
        assert_eq!(stops(&bench.store).await, segments[1].name);
        let found = states(&bench.store).await;
        assert_eq!((found.len(), found[1].1), (3, SegmentState::Missing));
        assert_eq!(found[2], (later.name, SegmentState::Finished));
    });
}

#[test]
fn the_manifest_names_each_segment_once_however_often_it_is_told() {
    run(async {
        let bench = Bench::start(100).await;
        bench.jobs(2, &["requested", "completed"]).await;
        let written = ally_domain::ports::Archive::write(&bench.archive, bench.due(0)).await.unwrap();
        let segment = written.segment.unwrap();
        assert_eq!(bench.manifest().await.len(), 1, "told before anything leaves the log");
        for _ in 0..2 {
            let begun = ally_domain::ports::Archive::unfinished(&bench.archive).await.unwrap();
            assert_eq!(begun.len(), 1);
        }
        let entries = bench.manifest().await;
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (&entries[0]["segment"], &entries[0]["last"]),
            (&segment.name.as_str().into(), &segment.last.into())
        );
        let size = std::fs::metadata(bench.segment_file(&segment.name)).unwrap().len();
        assert_eq!(entries[0]["bytes"], size);
        assert!(segment.name.ends_with(&entries[0]["sha256"].as_str().unwrap()[..16]));
        assert_eq!(bench.deployment.jetstream.names().archive_segments(StreamName::Plans).matches('*').count(), 1);
    });
}
