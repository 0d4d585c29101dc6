//! How full the store of the server is: measured now and then, and known at once where a publish was refused for want of room.
//!
//! From the two follows who may still write: new work stops first, then the workers pause, and what is left is for what
//! ends accepted work. Deliberately not here: how the server is asked (`connection`), and who obeys.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// From this share of the store on, in percent, people are warned.
pub const WARN_PERCENT: u64 = 80;
/// From this share on nothing new is accepted: what is left is for what was accepted before.
pub const ADMISSION_PERCENT: u64 = 90;
/// From this share on workers take up no message: what is left is for ends, dead letters, cancellations and the archive.
pub const PAUSE_PERCENT: u64 = 95;
/// How long workers pause after a refusal before one message is tried; it doubles up to the second.
const REFUSAL_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// What may still be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreLevel {
    /// Everything, and there is plenty of room.
    Free,
    /// Everything, and somebody should make room.
    Low,
    /// What was accepted before.
    Closed,
    /// What ends it, as far as the server takes it.
    Full,
}

/// The store in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreFigures {
    /// What the streams take on one server.
    pub used_bytes: u64,
    /// What they may take there; `None` where nobody says.
    pub limit_bytes: Option<u64>,
}

/// What is known about the store of the server. Clones share it.
#[derive(Debug, Clone)]
pub struct Capacity {
    known: Arc<watch::Sender<Known>>,
}

/// All that is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    figures: Option<StoreFigures>,
    refusal: Option<Refusal>,
    /// How long the server refused in all, but for the time since `refusal` began.
    refused_before: Duration,
}

/// The server refused for want of room, and has taken nothing since.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    since: Instant,
    next_try: Instant,
    pause: Duration,
}

/// How many messages a worker may have in hand now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// As many as it likes.
    Any,
    /// One, to see whether there is room.
    One,
    /// None before that moment, unless the store changes.
    NoneBefore(Instant),
}

impl StoreFigures {
    fn level(&self) -> StoreLevel {
        match self.percent() {
            Some(PAUSE_PERCENT..) => StoreLevel::Full,
            Some(ADMISSION_PERCENT..) => StoreLevel::Closed,
            Some(WARN_PERCENT..) => StoreLevel::Low,
            Some(_) | None => StoreLevel::Free,
        }
    }

    /// The share of the limit that is used, in percent; `None` where there is no limit.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        let limit = u128::from(self.limit_bytes.filter(|limit| *limit > 0)?);
        u64::try_from(u128::from(self.used_bytes) * 100 / limit).ok()
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self { known: Arc::new(watch::Sender::new(Known::default())) }
    }
}

impl Capacity {
    /// The newest figures; `None` before the first measurement.
    #[must_use]
    pub fn figures(&self) -> Option<StoreFigures> {
        self.known.borrow().figures
    }

    /// What may still be written.
    #[must_use]
    pub fn level(&self) -> StoreLevel {
        self.known.borrow().level()
    }

    /// What a person should know, in a sentence; `None` while there is plenty of room.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let known = *self.known.borrow();
        let consequence = match known.level() {
            StoreLevel::Free => return None,
            StoreLevel::Low => format!("at {ADMISSION_PERCENT} % nothing new is accepted"),
            StoreLevel::Closed => format!("nothing new is accepted, and at {PAUSE_PERCENT} % the workers pause"),
            StoreLevel::Full => "nothing new is accepted and the workers pause until there is room".to_owned(),
        };
        let share = match known.figures {
            Some(figures @ StoreFigures { used_bytes, limit_bytes: Some(limit) }) => {
                format!("{} % full ({used_bytes} of {limit} bytes)", figures.percent().unwrap_or_default())
            }
            _ => "full".to_owned(),
        };
        let refused = if known.refusal.is_some() { ", and it refused a message" } else { "" };
        Some(format!(
            "the store of NATS is {share}{refused}: {consequence}; raise max_file_store or archive finished jobs"
        ))
    }

    /// Whether the server's last word was that there is no room.
    pub(crate) fn is_refusing(&self) -> bool {
        self.known.borrow().refusal.is_some()
    }

    /// Takes in a measurement.
    pub fn measured(&self, figures: StoreFigures) {
        self.change(|known| known.figures = Some(figures));
    }

    /// A publish was refused for want of room.
    pub(crate) fn refused(&self) {
        self.refused_at(Instant::now());
    }

    fn refused_at(&self, now: Instant) {
        self.change(|known| {
            let again = known.refusal.filter(|refusal| refusal.next_try > now);
            let (since, pause) = match (known.refusal, again) {
                // Whoever else is refused meanwhile tells nothing new.
                (Some(_), Some(_)) => return,
                (Some(last), None) => (last.since, (last.pause * 2).min(REFUSAL_PAUSE.1)),
                (None, _) => (now, REFUSAL_PAUSE.0),
            };
            known.refusal = Some(Refusal { since, next_try: now + pause, pause });
        });
    }

    /// Whether nothing new should be accepted, by the figures. A refusal alone closes nothing: whether there is room again
    /// is only told by trying.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.known.borrow().measured_level() >= StoreLevel::Closed
    }

    /// A publish was taken.
    pub(crate) fn stored(&self) {
        if self.is_refusing() {
            self.stored_at(Instant::now());
        }
    }

    fn stored_at(&self, now: Instant) {
        self.change(|known| {
            if let Some(refusal) = known.refusal.take() {
                known.refused_before += now.saturating_duration_since(refusal.since);
            }
        });
    }

    /// How long the server has refused in all, up to now. It only grows: the difference of two answers is the time in which
    /// work that was done could not be stored.
    pub(crate) fn refused_for(&self) -> Duration {
        self.refused_for_at(Instant::now())
    }

    fn refused_for_at(&self, now: Instant) -> Duration {
        let known = *self.known.borrow();
        let present = known.refusal.map(|refusal| now.saturating_duration_since(refusal.since));
        known.refused_before + present.unwrap_or_default()
    }

    pub(crate) fn take(&self) -> Take {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Take {
        let known = *self.known.borrow();
        match known.refusal {
            Some(refusal) if refusal.next_try > now => Take::NoneBefore(refusal.next_try),
            _ if known.measured_level() == StoreLevel::Full => Take::NoneBefore(now + REFUSAL_PAUSE.1),
            Some(_) => Take::One,
            None => Take::Any,
        }
    }

    /// Tells of every change of what may be written.
    pub(crate) fn changes(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    /// Only a change of what may be written wakes those who wait for one.
    fn change(&self, change: impl FnOnce(&mut Known)) {
        self.known.send_if_modified(|known| {
            let before = (known.level(), known.refusal.map(|refusal| refusal.next_try));
            change(known);
            before != (known.level(), known.refusal.map(|refusal| refusal.next_try))
        });
    }
}

impl Known {
    fn measured_level(&self) -> StoreLevel {
        self.figures.map_or(StoreLevel::Free, |figures| figures.level())
    }

    fn level(&self) -> StoreLevel {
        if self.refusal.is_some() { StoreLevel::Full } else { self.measured_level() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(used_bytes: u64) -> Capacity {
        let capacity = Capacity::default();
        capacity.measured(StoreFigures { used_bytes, limit_bytes: Some(1_000) });
        capacity
    }

    #[test]
    fn each_share_has_its_level_and_its_warning() {
        let levels = [799, 800, 899, 900, 949, 950, 1_200].map(|used| at(used).level());
        use StoreLevel::{Closed, Free, Full, Low};
        assert_eq!(levels, [Free, Low, Low, Closed, Closed, Full, Full]);
        assert_eq!(at(799).warning(), None);
        assert!(at(850).warning().unwrap().contains("85 % full (850 of 1000 bytes): at 90 % nothing new"));
        let unknown = Capacity::default();
        unknown.measured(StoreFigures { used_bytes: u64::MAX, limit_bytes: None });
        assert_eq!((unknown.level(), unknown.warning()), (Free, None));
    }

    #[test]
    fn after_a_refusal_one_message_is_tried_now_and_then_until_one_is_taken() {
        let (capacity, mut now) = (Capacity::default(), Instant::now());
        assert_eq!(capacity.take(), Take::Any);
        for pause in [1, 2, 4, 8, 15, 15].map(Duration::from_secs) {
            capacity.refused_at(now);
            capacity.refused_at(now);
            assert_eq!(capacity.take_at(now), Take::NoneBefore(now + pause), "{pause:?}");
            assert_eq!(capacity.level(), StoreLevel::Full);
            now += pause;
            assert_eq!(capacity.take_at(now), Take::One);
        }
        capacity.stored();
        assert_eq!((capacity.take(), capacity.level()), (Take::Any, StoreLevel::Free));
    }

    #[test]
    fn the_time_of_refusals_adds_up_and_is_kept_when_they_are_over() {
        let (capacity, begin) = (Capacity::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        capacity.refused_at(at(10));
        capacity.refused_at(at(12));
        assert_eq!(capacity.refused_for_at(at(15)), Duration::from_secs(5));
        capacity.stored_at(at(16));
        assert_eq!(capacity.refused_for_at(at(60)), Duration::from_secs(6));
        capacity.refused_at(at(100));
        assert_eq!(capacity.refused_for_at(at(104)), Duration::from_secs(10));
    }

    #[test]
    fn no_message_is_tried_where_the_figures_say_that_there_is_no_room() {
        let capacity = at(960);
        assert!(matches!(capacity.take(), Take::NoneBefore(_)));
        capacity.measured(StoreFigures { used_bytes: 100, limit_bytes: Some(1_000) });
        assert_eq!(capacity.take(), Take::Any);
    }
}
