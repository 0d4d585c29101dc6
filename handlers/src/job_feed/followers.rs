//! Who follows which jobs on this node, each with a queue that is bounded.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_domain::envelope::Recorded;
use ally_domain::ids::{AthleteId, JobId};
use ally_domain::job::ENDS;
use tokio::sync::{mpsc, watch};

use crate::cursor::Cursor;

/// Events that may wait for one follower. One that does not read is cut off, and reads from the log what it missed.
const MAX_WAITING: usize = 1_024;
/// The event that begins a job.
const REQUESTED: &str = "requested";

/// Why a follower is told nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It read too slowly.
    Slow,
    /// The log is another one: what it knows is of no use.
    NewLog,
}

/// What a follower is told.
#[derive(Debug, Clone)]
pub enum Notice {
    /// An event of a job that it follows.
    Event(Arc<Recorded>),
    /// The last thing that it is told.
    End(End),
}

/// The followers of a node.
pub(super) struct Followers {
    registry: Mutex<Registry>,
    /// How far the log was read; nothing while it is not. Set with the registry in hand.
    place: watch::Sender<Option<Cursor>>,
    /// How many there are.
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Registry {
    last: u64,
    queues: HashMap<u64, Queue>,
    jobs: HashMap<String, HashSet<u64>>,
    athletes: HashMap<AthleteId, HashSet<u64>>,
}

struct Queue {
    notices: mpsc::UnboundedSender<Notice>,
    waiting: Arc<AtomicUsize>,
    jobs: HashSet<String>,
    athlete: Option<AthleteId>,
}

impl Queue {
    /// Whether there was room for it, and somebody reads.
    fn push(&self, event: &Arc<Recorded>) -> bool {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MAX_WAITING {
            let _ = self.notices.send(Notice::End(End::Slow));
            return false;
        }
        self.notices.send(Notice::Event(Arc::clone(event))).is_ok()
    }
}

impl Default for Followers {
    fn default() -> Self {
        Self { registry: Mutex::default(), place: watch::Sender::new(None), count: watch::Sender::new(0) }
    }
}

impl Followers {
    pub(super) fn len(&self) -> usize {
        *self.count.borrow()
    }

    pub(super) async fn wait_for_one(&self) {
        // The sender lives as long as this does.
        let _ = self.count.subscribe().wait_for(|count| *count > 0).await;
    }

    /// The log is read from here on.
    pub(super) fn begin(&self, place: Cursor) {
        let _registry = self.lock();
        self.place.send_replace(Some(place));
    }

    /// Ends the reading when nobody follows. Whoever comes afterwards waits until it has begun again.
    pub(super) fn end_if_none(&self) -> bool {
        let registry = self.lock();
        let is_none = registry.queues.is_empty();
        if is_none {
            self.place.send_replace(None);
        }
        is_none
    }

    /// Tells events in order to those who follow them; the log was read up to a place then.
    pub(super) fn tell(
        &self,
        events: impl Iterator<Item = Arc<Recorded>>,
        place: Cursor,
        athlete_of: fn(&Recorded) -> Option<AthleteId>,
    ) {
        let mut registry = self.lock();
        for event in events {
            registry.begin_job(&event, athlete_of);
            registry.tell(&event);
        }
        self.place.send_replace(Some(place));
        self.recount(&registry);
    }

    pub(super) fn end_all(&self, end: End) {
        let mut registry = self.lock();
        for (_, queue) in registry.queues.drain() {
            let _ = queue.notices.send(Notice::End(end));
        }
        registry.jobs.clear();
        registry.athletes.clear();
        self.place.send_replace(None);
        self.recount(&registry);
    }

    fn recount(&self, registry: &Registry) {
        let count = registry.queues.len();
        self.count.send_if_modified(|known| std::mem::replace(known, count) != count);
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        // Entries are kept whole or not at all.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// A job that begins is followed by those who follow its athlete.
    fn begin_job(&mut self, event: &Recorded, athlete_of: fn(&Recorded) -> Option<AthleteId>) {
        if self.athletes.is_empty() || event.event_type.name != REQUESTED {
            return;
        }
        let Some(followers) = athlete_of(event).and_then(|athlete| self.athletes.get(&athlete)).cloned() else {
            return;
        };
        for follower in followers {
            self.add(follower, event.aggregate.id.as_str());
        }
    }

    fn tell(&mut self, event: &Arc<Recorded>) {
        let job = event.aggregate.id.as_str();
        let Some(followers) = self.jobs.get(job) else { return };
        let is_cut = |id: &&u64| self.queues.get(id).is_none_or(|queue| !queue.push(event));
        let cut: Vec<u64> = followers.iter().filter(is_cut).copied().collect();
        for id in cut {
            self.remove(id);
        }
        if ENDS.contains(&event.event_type.name.as_str()) {
            // Nothing more comes of it.
            for id in self.jobs.remove(job).into_iter().flatten() {
                if let Some(queue) = self.queues.get_mut(&id) {
                    queue.jobs.remove(job);
                }
            }
        }
    }

    fn add(&mut self, follower: u64, job: &str) {
        let Some(queue) = self.queues.get_mut(&follower) else { return };
        if queue.jobs.insert(job.to_owned()) {
            self.jobs.entry(job.to_owned()).or_default().insert(follower);
        }
    }

    fn remove(&mut self, follower: u64) {
        let Some(queue) = self.queues.remove(&follower) else { return };
        for job in &queue.jobs {
            leave(&mut self.jobs, job, follower);
        }
        if let Some(athlete) = &queue.athlete {
            leave(&mut self.athletes, athlete, follower);
        }
    }
}

fn leave<K: std::hash::Hash + Eq>(followed: &mut HashMap<K, HashSet<u64>>, what: &K, follower: u64) {
    if let Some(followers) = followed.get_mut(what) {
        followers.remove(&follower);
        if followers.is_empty() {
            followed.remove(what);
        }
    }
}

/// Somebody who follows jobs. Dropped, it follows none.
pub struct JobFollower {
    id: u64,
    notices: mpsc::UnboundedReceiver<Notice>,
    waiting: Arc<AtomicUsize>,
    followers: Arc<Followers>,
}

impl JobFollower {
    pub(super) fn new(followers: Arc<Followers>, athlete: Option<AthleteId>) -> Self {
        let (sender, notices) = mpsc::unbounded_channel();
        let waiting = Arc::<AtomicUsize>::default();
        let mut registry = followers.lock();
        registry.last += 1;
        let id = registry.last;
        if let Some(athlete) = &athlete {
            registry.athletes.entry(athlete.clone()).or_default().insert(id);
        }
        let queue = Queue { notices: sender, waiting: Arc::clone(&waiting), jobs: HashSet::new(), athlete };
        registry.queues.insert(id, queue);
        followers.recount(&registry);
        drop(registry);
        Self { id, notices, waiting, followers }
    }

    /// Follows a job from now on.
    pub fn add(&self, job: &JobId) {
        self.followers.lock().add(self.id, job.as_str());
    }

    /// Follows jobs from a place on: every event of them behind it is told, and what is told before is known at the place. `None` while
    /// the log is not read, or once it was cut off.
    pub fn add_all<'a>(&self, jobs: impl IntoIterator<Item = &'a JobId>) -> Option<Cursor> {
        let mut registry = self.followers.lock();
        if !registry.queues.contains_key(&self.id) {
            return None;
        }
        for job in jobs {
            registry.add(self.id, job.as_str());
        }
        *self.followers.place.borrow()
    }

    /// Up to where the log was read, once it is.
    pub async fn reading(&self) -> Cursor {
        let mut place = self.followers.place.subscribe();
        // The sender lives as long as the followers do.
        place.wait_for(Option::is_some).await.ok().and_then(|place| *place).unwrap_or_default()
    }

    /// Waits until the log was read up to a sequence.
    pub async fn reached(&self, sequence: u64) {
        let mut place = self.followers.place.subscribe();
        let _ = place.wait_for(|place| place.is_some_and(|place| place.sequence >= sequence)).await;
    }

    /// What waits, without waiting for more.
    pub fn take_waiting(&mut self) -> Vec<Notice> {
        let mut taken = Vec::new();
        while let Ok(notice) = self.notices.try_recv() {
            self.waiting.fetch_sub(usize::from(matches!(notice, Notice::Event(_))), Ordering::Relaxed);
            taken.push(notice);
        }
        taken
    }

    /// What comes next; `None` once it was told why nothing does.
    pub async fn next(&mut self) -> Option<Notice> {
        let notice = self.notices.recv().await;
        if matches!(notice, Some(Notice::Event(_))) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        notice
    }
}

impl Drop for JobFollower {
    fn drop(&mut self) {
        let mut registry = self.followers.lock();
        registry.remove(self.id);
        self.followers.recount(&registry);
    }
}
