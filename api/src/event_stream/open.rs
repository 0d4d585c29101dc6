//! How many streams and sockets are open, by user and by address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ally_domain::ids::AthleteId;

/// What is open, by user and by address.
#[derive(Debug, Default)]
pub(crate) struct Open {
    users: Counts<AthleteId>,
    addresses: Counts<IpAddr>,
}

/// How many are open of each.
#[derive(Debug)]
pub(super) struct Counts<K>(Mutex<HashMap<K, usize>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq + Clone> Counts<K> {
    /// Takes a place; false when as many are taken as may be. 0 is no limit.
    pub(crate) fn take(&self, key: &K, limit: usize) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = counts.entry(key.clone()).or_default();
        let fits = limit == 0 || *open < limit;
        *open += usize::from(fits);
        if *open == 0 {
            counts.remove(key);
        }
        fits
    }

    pub(crate) fn give_back(&self, key: &K) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = counts.get_mut(key) {
            *open -= 1;
            if *open == 0 {
                counts.remove(key);
            }
        }
    }
}

/// A place among what is open of an address, and, once it is known, of a user. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    open: Arc<Open>,
    address: Option<IpAddr>,
    user: Option<AthleteId>,
}

impl Admission {
    /// A place of an address; none when as many are taken as may be.
    pub(crate) fn of_address(open: &Arc<Open>, address: Option<IpAddr>, limit: usize) -> Option<Self> {
        let address = address.map(network_of);
        let fits = address.is_none_or(|address| open.addresses.take(&address, limit));
        fits.then(|| Self { open: Arc::clone(open), address, user: None })
    }

    /// Counts it as a user's as well; false when as many of theirs are taken as may be.
    pub(crate) fn take_for(&mut self, user: &AthleteId, limit: usize) -> bool {
        if self.user.as_ref() == Some(user) {
            return true;
        }
        if !self.open.users.take(user, limit) {
            return false;
        }
        if let Some(before) = self.user.replace(user.clone()) {
            self.open.users.give_back(&before);
        }
        true
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(address) = &self.address {
            self.open.addresses.give_back(address);
        }
        if let Some(user) = &self.user {
            self.open.users.give_back(user);
        }
    }
}

/// One client has a whole /64 of IPv6 addresses to itself.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}
