//! A bounded memory of the rows that were written last, so that the next event of a job needs no read.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Remembers at least the last `capacity` entries and never more than twice as many: two generations, and the older
/// one is dropped whole when the younger one is full.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, young: HashMap::new(), old: HashMap::new() }
    }

    pub(crate) fn take<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    pub(crate) fn keep(&mut self, key: K, value: V) {
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn remembers_the_last_ones_and_stays_bounded() {
        let mut recent = Recent::new(10);
        for n in 0..1_000 {
            recent.keep(n, n);
            assert!(recent.young.len() + recent.old.len() <= 20);
        }
        for n in 990..1_000 {
            assert_eq!(recent.take(&n), Some(n));
        }
        assert_eq!(recent.take(&1), None);
    }
}
