//! How much one athlete and one client may send.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ally_domain::ids::AthleteId;
use ally_telemetry::names::{self, label, limit};
use ally_telemetry::series;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use poem::Request;
use poem::web::RemoteAddr;

use super::quotas::{Counted, Standing};
use super::{Limits, Rate};
use crate::problem::{Kind, Problem};

/// After so many requests those that have been quiet long enough are forgotten, so that memory follows the callers of
/// the last minutes and not of all time.
const FORGET_EVERY: u32 = 4_096;
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The shares of everybody. Cheap to clone; clones count together.
#[derive(Clone)]
pub(crate) struct Shares {
    athletes: Option<Arc<Share<AthleteId>>>,
    clients: Option<Arc<Share<IpAddr>>>,
    trust_forwarded_for: bool,
}

struct Share<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    rate: Rate,
    taken: AtomicU32,
}

/// Where a request comes from, left in its extensions by the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The client's address: the peer's, or what the trusted proxy says.
    pub(crate) fn of(request: &Request, trust_forwarded_for: bool) -> Option<Self> {
        let forwarded = || {
            // The last entry is the one that the nearest proxy wrote; those before it are the caller's word.
            let last = request.headers().get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
            last.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = || match request.remote_addr() {
            RemoteAddr(addr) => addr.as_socket_addr().map(|addr| addr.ip().to_canonical()),
        };
        trust_forwarded_for.then(forwarded).flatten().or_else(peer).map(Self)
    }
}

impl Shares {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            athletes: Share::new(limits.per_athlete),
            clients: Share::new(limits.per_client),
            trust_forwarded_for: limits.trust_forwarded_for,
        }
    }

    /// Takes one request from an athlete's share.
    pub(crate) fn take_for(&self, athlete: &AthleteId, request: &Request) -> Result<(), Problem> {
        self.athletes.as_ref().map_or(Ok(()), |share| share.take(athlete, "athlete", limit::ATHLETE, request))
    }

    /// Takes one request from a client's share and says who it is.
    pub(crate) fn take_for_client(&self, request: &Request) -> Result<Option<ClientAddress>, Problem> {
        let client = ClientAddress::of(request, self.trust_forwarded_for);
        if let (Some(share), Some(ClientAddress(address))) = (&self.clients, client) {
            share.take(&address, "client address", limit::CLIENT, request)?;
        }
        Ok(client)
    }

    /// Takes what a part of a request costs that is a request of its own, from both shares: the athlete's first, so that what is
    /// refused of one athlete costs the others behind the same address nothing.
    pub(crate) fn take_more(&self, athlete: &AthleteId, request: &Request) -> Result<(), Problem> {
        self.take_for(athlete, request)?;
        self.take_for_client(request).map(|_| ())
    }

    /// How long an athlete's share takes to give room for so many requests, beyond the first of them.
    pub(crate) fn time_for(&self, requests: usize) -> Duration {
        let per_minute = self.athletes.as_ref().map_or(0, |share| share.rate.per_minute);
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        if per_minute == 0 { Duration::ZERO } else { Duration::from_secs(60).saturating_mul(requests) / per_minute }
    }
}

/// Counts a request that a limit refused; the limits are those of `names::limit`.
pub(crate) fn limited(limit: &'static str) {
    metrics::counter!(names::REQUESTS_LIMITED_TOTAL, label::LIMIT => limit).increment(1);
}

/// Shows at zero what limits refuse.
pub(crate) fn begin_series() {
    series::begin(names::REQUESTS_LIMITED_TOTAL, &[(label::LIMIT, &limit::ALL)]);
}

impl<K: Hash + Eq + Clone> Share<K> {
    fn new(rate: Rate) -> Option<Arc<Self>> {
        let per_minute = NonZeroU32::new(rate.per_minute)?;
        let quota = Quota::per_minute(per_minute).allow_burst(NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN));
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Some(Arc::new(Self { limiter, clock: DefaultClock::default(), rate, taken: AtomicU32::new(0) }))
    }

    fn take(&self, key: &K, whose: &str, limit: &'static str, request: &Request) -> Result<(), Problem> {
        if self.taken.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            self.limiter.retain_recent();
        }
        let taken = self.limiter.check_key(key);
        let left = taken.as_ref().map_or(0, StateSnapshot::remaining_burst_capacity);
        Counted::add(request, Standing::new(limit, self.rate, left));
        taken.map(|_| ()).map_err(|until| {
            limited(limit);
            let wait = until.wait_time_from(self.clock.now());
            Problem::new(Kind::RateLimited, format!("this {whose} has used up its share; come back after Retry-After"))
                .retry_after(wait)
        })
    }
}
