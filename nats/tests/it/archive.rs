//! What left the stream for the archive is read as if it never had.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventData;
use ally_domain::ids::AggregateRef;
use ally_domain::job::{Archived, JobEvent, JobStatus};
use ally_domain::ports::{Archive, Due, EventLog, EventReader, EventStore, Segment};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;
use ally_nats::{NatsArchive, NatsEventStore, SegmentLimits, Shelf};
use futures::StreamExt;
use futures::future::join_all;
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::bench::{Deployment, run};

pub const WAIT: Duration = Duration::from_secs(5);

/// A deployment with an archive.
pub struct Bench {
    pub deployment: Arc<Deployment>,
    folder: TempDir,
    pub store: NatsEventStore,
    pub archive: NatsArchive,
    histories: usize,
}

impl Bench {
    pub async fn start(histories: usize) -> Self {
        Self::on(Arc::new(Deployment::start().await), histories)
    }

    /// The same log, with an archive elsewhere.
    pub fn with_another_folder(&self) -> Self {
        Self::on(Arc::clone(&self.deployment), self.histories)
    }

    fn on(deployment: Arc<Deployment>, histories: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let shelf = shelf(&folder);
        let limits = SegmentLimits { histories, ..SegmentLimits::default() };
        let store = deployment.store().with_archive(Some(shelf.clone()));
        let archive = NatsArchive::new(store.clone(), shelf, limits);
        Self { deployment, folder, store, archive, histories }
    }

    /// Appends the named events to each job in turn, so that their histories lie between each other.
    async fn tell(&self, jobs: &[AggregateRef], names: &[&str]) {
        for (n, name) in names.iter().enumerate() {
            for job in jobs {
                let expected = self.store.load(job).await.unwrap().last_sequence();
                self.store.append(new_append(job, expected, vec![event(name, n)])).await.unwrap();
            }
        }
    }

    pub async fn jobs(&self, count: usize, names: &[&str]) -> Vec<AggregateRef> {
        let jobs: Vec<_> = (0..count).map(|_| new_job()).collect();
        self.tell(&jobs, names).await;
        jobs
    }

    pub fn due(&self, after: u64) -> Due {
        #[allow(clippy::disallowed_methods, reason = "the server stores by the machine's clock")]
        let now = OffsetDateTime::now_utc();
        Due { ended_before: now + Duration::from_secs(60), after, up_to: u64::MAX }
    }

    /// Lets an event stand for each history of a segment.
    async fn stand_for(&self, segment: &Segment) {
        let standing = segment.histories.iter().map(|copy| async {
            let archived = JobEvent::from(Archived {
                athlete_id: "amy".parse().unwrap(),
                fingerprint: "f".into(),
                status: JobStatus::Completed,
                attempts: 1,
                plan_id: None,
                segment: segment.name.clone(),
                first: copy.first,
                last: copy.last,
                events: copy.events,
            });
            let append = new_append(&copy.aggregate, copy.last, vec![archived.encode().unwrap()]);
            self.store.append(append).await.unwrap();
        });
        join_all(standing).await;
    }

    async fn remove(&self, segment: &Segment) {
        join_all(segment.histories.iter().map(|copy| async { self.archive.remove(copy).await.unwrap() })).await;
    }

    /// Moves all that is due, in as many segments as it takes.
    pub async fn archive_all(&self) -> Vec<Segment> {
        let (mut segments, mut after) = (Vec::new(), 0);
        loop {
            let written = self.archive.write(self.due(after)).await.unwrap();
            let Some(segment) = written.segment else { return segments };
            after = written.up_to;
            self.stand_for(&segment).await;
            self.remove(&segment).await;
            self.archive.finish(&segment).await.unwrap();
            segments.push(segment);
        }
    }

    pub fn segment_file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("t/PLANS/{name}.jsonl.zst"))
    }

    /// Copies a finished segment of another folder here.
    pub fn bring(&self, from: &Self, name: &str) {
        let file = self.segment_file(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::copy(from.segment_file(name), &file).unwrap();
        let finished = |bench: &Self| bench.folder.path().join(format!("t/PLANS/{name}.finished"));
        std::fs::copy(finished(from), finished(self)).unwrap();
    }

    /// The manifest's entries, as anybody reads them.
    pub async fn manifest(&self) -> Vec<serde_json::Value> {
        let (raw, names) = (self.deployment.raw().await, self.deployment.jetstream.names());
        let stream = raw.get_stream(names.stream(StreamName::Plans)).await.unwrap();
        let config = async_nats::jetstream::consumer::pull::Config {
            filter_subject: names.archive_segments(StreamName::Plans),
            ..Default::default()
        };
        let consumer = stream.create_consumer(config).await.unwrap();
        let count = usize::try_from(consumer.cached_info().num_pending).unwrap();
        let messages = consumer.fetch().max_messages(count).messages().await.unwrap();
        messages.map(|message| serde_json::from_slice(&message.unwrap().payload).unwrap()).collect().await
    }

    /// As an archiver left the stream that kept no manifest.
    pub async fn forget_manifest(&mut self) {
        let (raw, names) = (self.deployment.raw().await, self.deployment.jetstream.names());
        let stream = raw.get_stream(names.stream(StreamName::Plans)).await.unwrap();
        stream.purge().filter(names.archive_segments(StreamName::Plans)).await.unwrap();
        // An archiver that has just started remembers nothing of it either.
        let limits = SegmentLimits { histories: self.histories, ..SegmentLimits::default() };
        self.archive = NatsArchive::new(self.store.clone(), shelf(&self.folder), limits);
    }

    async fn hot_messages(&self) -> u64 {
        let raw = self.deployment.raw().await;
        let name = self.deployment.jetstream.names().stream(StreamName::Plans);
        raw.get_stream(name).await.unwrap().cached_info().state.messages
    }
}

pub fn shelf(folder: &TempDir) -> Shelf {
    Shelf::open(&format!("file://{}", folder.path().display()), "t").unwrap()
}

async fn read_all(reader: &mut dyn EventReader, max: usize) -> Vec<Recorded> {
    let mut events = Vec::new();
    loop {
        let batch = reader.next(max, WAIT).await.unwrap();
        events.extend(batch.events);
        if batch.pending == 0 {
            return events;
        }
    }
}

pub async fn whole(store: &NatsEventStore, after: u64) -> Vec<Recorded> {
    read_all(store.open("PLANS", after).await.unwrap().as_mut(), 7).await
}

pub fn sequences(events: &[Recorded]) -> Vec<u64> {
    events.iter().map(|event| event.position.sequence).collect()
}

/// All that an event is, as text.
fn told(events: &[Recorded]) -> Vec<String> {
    events.iter().map(|event| format!("{event:?}")).collect()
}

#[test]
fn the_log_reads_the_same_before_and_after() {
    run(async {
        let bench = Bench::start(3).await;
        let ended = bench.jobs(10, &["requested", "started", "progressed", "completed"]).await;
        let open = bench.jobs(2, &["requested", "started", "dead_lettered"]).await;
        let late = bench.jobs(5, &["requested", "cancelled"]).await;
        let before = whole(&bench.store, 0).await;
        assert_eq!(sequences(&before), (1..=56).collect::<Vec<_>>());

        let segments = bench.archive_all().await;
        assert!(segments.len() > 4, "ranges of several segments overlap: {segments:?}");
        assert_eq!(segments.iter().map(|segment| segment.histories.len()).sum::<usize>(), 15);
        assert_eq!(
            bench.hot_messages().await,
            6 + 15 + segments.len() as u64,
            "what is open, one event a job, and one entry of the manifest a segment"
        );

        let after = whole(&bench.store, 0).await;
        assert_eq!(told(&after[..56]), told(&before), "every event, byte for byte, in its place");
        assert_eq!(after.len(), 56 + 15);
        for from in [1, 13, 39, 40, 55, 56, 60] {
            let rest: Vec<_> = sequences(&after).into_iter().filter(|sequence| *sequence > from).collect();
            assert_eq!(sequences(&whole(&bench.store, from).await), rest, "behind {from}");
        }
        for job in ended.iter().chain(&late).chain(&open) {
            let history: Vec<_> = after.iter().filter(|event| event.aggregate == *job).cloned().collect();
            assert_eq!(told(&bench.store.look_back(job).await.unwrap().events), told(&history));
        }
        assert_eq!(bench.store.load(&ended[0]).await.unwrap().events.len(), 1, "decisions read one event");
        assert!(bench.archive_all().await.is_empty(), "nothing is due twice");
    });
}

#[test]
fn a_removal_that_was_cut_off_is_finished_by_the_next() {
    run(async {
        let bench = Bench::start(100).await;
        let jobs = bench.jobs(1, &["requested", "started", "completed"]).await;
        let segment = bench.archive.write(bench.due(0)).await.unwrap().segment.unwrap();
        bench.stand_for(&segment).await;
        let raw = bench.deployment.raw().await;
        let stream = raw.get_stream(bench.deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        stream.delete_message(segment.histories[0].first).await.unwrap();
        // The manifest's entry stands at 4.
        assert_eq!(sequences(&whole(&bench.store, 0).await), [1, 2, 3, 5]);
        assert_eq!(bench.store.look_back(&jobs[0]).await.unwrap().events.len(), 4);

        for _ in 0..2 {
            bench.remove(&segment).await;
            assert_eq!(bench.hot_messages().await, 2, "what stands for the job, and the manifest's entry");
        }
        assert_eq!(sequences(&whole(&bench.store, 0).await), [1, 2, 3, 5]);
    });
}

#[test]
fn a_job_that_lasted_while_much_else_happened_goes_whole_too() {
    run(async {
        let bench = Bench::start(100).await;
        let (long, short, busy) = (bench.jobs(1, &["requested", "started"]).await, new_job(), new_job());
        let mut last = 0;
        for n in 0..13 {
            let much = vec![event("progressed", n); 400];
            last = bench.store.append(new_append(&busy, last, much)).await.unwrap().position.sequence;
        }
        bench.tell(std::slice::from_ref(&short), &["requested", "completed"]).await;
        bench.tell(&long, &["completed"]).await;
        let segments = bench.archive_all().await;
        let copied: Vec<_> = segments[0].histories.iter().map(|copy| (copy.aggregate.clone(), copy.events)).collect();
        let mut both = vec![(long[0].clone(), 3), (short, 2)];
        both.sort();
        assert_eq!((segments.len(), copied), (1, both));
    });
}

#[test]
fn what_is_in_both_places_is_read_once() {
    run(async {
        let bench = Bench::start(100).await;
        let jobs = bench.jobs(4, &["requested", "completed"]).await;
        let written = bench.archive.write(bench.due(0)).await.unwrap();
        let segment = written.segment.unwrap();
        let unfinished = bench.archive.unfinished().await.unwrap();
        assert_eq!((unfinished.len(), &unfinished[0].name), (1, &segment.name));
        assert_eq!(sequences(&whole(&bench.store, 0).await), (1..=8).collect::<Vec<_>>());
        bench.stand_for(&segment).await;
        // The manifest's entry stands at 9.
        let all: Vec<_> = (1..=13).filter(|sequence| *sequence != 9).collect();
        assert_eq!(sequences(&whole(&bench.store, 0).await), all);
        // Half removed: the run ended here.
        bench.archive.remove(&segment.histories[0]).await.unwrap();
        bench.archive.remove(&segment.histories[2]).await.unwrap();
        for from in 0..12 {
            let rest: Vec<_> = all.iter().copied().filter(|sequence| *sequence > from).collect();
            assert_eq!(sequences(&whole(&bench.store, from).await), rest);
        }
        for job in &jobs {
            assert_eq!(bench.store.look_back(job).await.unwrap().events.len(), 3);
        }
        // A second copy of the same, under another name, as runs side by side would leave.
        let rivals = NatsArchive::new(
            bench.store.clone(),
            shelf(&bench.folder),
            SegmentLimits { histories: 1, ..SegmentLimits::default() },
        );
        let again = rivals.write(bench.due(0)).await.unwrap();
        assert!(again.segment.is_none(), "what has a stand-in is not copied again");
        bench.remove(&segment).await;
        bench.archive.finish(&segment).await.unwrap();
        assert!(bench.archive.unfinished().await.unwrap().is_empty());
        assert_eq!(sequences(&whole(&bench.store, 0).await), all);
    });
}

/// More than a reader fetches ahead: the rest leaves the stream before it is fetched.
#[test]
fn a_reader_under_way_misses_nothing_that_leaves_meanwhile() {
    const JOBS: usize = 2_000;
    run(async {
        let bench = Bench::start(700).await;
        let jobs = (0..JOBS).map(|_| new_job());
        let life =
            || ["requested", "started", "completed"].iter().enumerate().map(|(n, name)| event(name, n)).collect();
        let appends = jobs.map(|job| bench.store.append(new_append(&job, 0, life())));
        for appended in join_all(appends).await {
            appended.unwrap();
        }
        let mut reader = bench.store.open("PLANS", 0).await.unwrap();
        let mut read = reader.next(5, WAIT).await.unwrap().events;
        assert_eq!(bench.archive_all().await.len(), 3);
        while read.len() < JOBS * 4 {
            let more = reader.next(500, WAIT).await.unwrap().events;
            assert!(!more.is_empty(), "the rest does not come");
            read.extend(more);
        }
        assert_eq!(sequences(&read)[..JOBS * 3], (1..=JOBS as u64 * 3).collect::<Vec<_>>());
        assert!(read.is_sorted_by(|one, next| one.position.sequence < next.position.sequence), "each once");
    });
}

#[test]
fn a_follower_goes_on_behind_the_archive() {
    run(async {
        let bench = Bench::start(100).await;
        bench.jobs(2, &["requested", "completed"]).await;
        bench.archive_all().await;
        let mut reader = bench.store.open("PLANS", 0).await.unwrap();
        assert_eq!(read_all(reader.as_mut(), 100).await.len(), 6);
        assert!(reader.next(10, Duration::from_millis(1)).await.unwrap().events.is_empty());
        let (_, batch) = tokio::join!(bench.jobs(1, &["requested"]), reader.next(10, WAIT));
        assert_eq!(sequences(&batch.unwrap().events), [8]);
    });
}

#[test]
fn without_its_archive_the_log_is_refused_rather_than_read_in_part() {
    run(async {
        let bench = Bench::start(100).await;
        let jobs = bench.jobs(2, &["requested", "completed"]).await;
        let blind = bench.deployment.store();
        // One that reads along has read everything before it leaves.
        let mut follower = blind.open("PLANS", 0).await.unwrap();
        assert_eq!(read_all(follower.as_mut(), 100).await.len(), 4);
        let segment = bench.archive_all().await.remove(0);
        assert_eq!(sequences(&read_all(follower.as_mut(), 100).await), [6, 7]);

        let error = blind.open("PLANS", 0).await.unwrap().next(10, WAIT).await.unwrap_err().to_string();
        assert!(error.contains("ARCHIVE_URL") && error.contains(&segment.name), "{error}");
        assert_eq!(sequences(&whole(&blind, 4).await), [6, 7], "a view that stands behind them needs no archive");
        let error = blind.look_back(&jobs[0]).await.unwrap_err().to_string();
        assert!(error.contains("ARCHIVE_URL"), "{error}");
        assert_eq!(blind.load(&jobs[0]).await.unwrap().events.len(), 1, "what decides needs no archive");
    });
}

#[test]
fn a_damaged_segment_stops_whoever_reads_it() {
    run(async {
        let bench = Bench::start(100).await;
        let jobs = bench.jobs(2, &["requested", "completed"]).await;
        let segment = bench.archive_all().await.remove(0);
        let file = bench.segment_file(&segment.name);
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let name = segment.name.parse().unwrap();
        for error in [
            bench.store.open("PLANS", 0).await.unwrap().next(10, WAIT).await.unwrap_err(),
            bench.store.look_back(&jobs[0]).await.unwrap_err(),
            bench.archive.read(&name).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains(&segment.name), "{error}");
        }
        std::fs::remove_file(&file).unwrap();
        let error = bench.store.look_back(&jobs[0]).await.unwrap_err().to_string();
        assert!(error.contains("is missing") && error.contains(&segment.name), "{error}");
    });
}

#[test]
fn only_what_ended_before_the_time_and_the_place_is_due() {
    run(async {
        let bench = Bench::start(100).await;
        let first = bench.jobs(300, &["requested", "failed"]).await;
        bench.jobs(3, &["requested", "started"]).await;
        let last = bench.store.load(&first[299]).await.unwrap().last_sequence();
        assert_eq!(bench.archive.find(bench.due(0)).await.unwrap().jobs, 300);
        assert_eq!(bench.archive.find(Due { up_to: last - 10, ..bench.due(0) }).await.unwrap().jobs, 290);
        assert_eq!(bench.archive.find(Due { after: last - 10, ..bench.due(0) }).await.unwrap().jobs, 10);
        let oldest = bench.archive.find(bench.due(0)).await.unwrap().oldest.unwrap();
        assert_eq!(bench.archive.find(Due { ended_before: oldest, ..bench.due(0) }).await.unwrap().jobs, 0);
        let written = bench.archive.write(Due { up_to: last - 10, ..bench.due(0) }).await.unwrap();
        assert_eq!(written.segment.unwrap().histories.len(), 100, "as many as a segment takes");
    });
}
