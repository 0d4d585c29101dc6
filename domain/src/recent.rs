//! A bounded memory of what was seen last, by name. What it has forgotten must be found elsewhere.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Remembers at least the last `capacity` entries and never more than twice as many: two generations, and the older
/// one is dropped whole when the younger one is full.
#[derive(Debug)]
pub struct Recent<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, young: HashMap::new(), old: HashMap::new() }
    }

    /// What was kept under a key, unless it is forgotten.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// The same, and forgets it.
    pub fn take<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// Keeps a value, instead of the one that was kept under its key.
    pub fn keep(&mut self, key: K, value: V) {
        self.old.remove(&key);
        if self.young.len() >= self.capacity {
            // Emptied and not made anew: a map that grows from nothing sorts all that it holds several times.
            self.old.clear();
            std::mem::swap(&mut self.young, &mut self.old);
        }
        self.young.insert(key, value);
    }

    /// The same, unless a greater one is kept already: how far something has come.
    pub fn advance(&mut self, key: K, value: V)
    where
        V: Ord,
    {
        if self.get(&key).is_none_or(|known| *known < value) {
            self.keep(key, value);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
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

    #[test]
    fn what_is_kept_again_is_not_found_as_it_was() {
        let mut recent = Recent::new(2);
        recent.keep("a", 1);
        for n in ["b", "c"] {
            recent.keep(n, 0);
        }
        recent.keep("a", 2);
        assert_eq!((recent.take("a"), recent.take("a")), (Some(2), None));
    }

    #[test]
    fn what_has_come_far_does_not_go_back() {
        let mut recent = Recent::new(2);
        for sequence in [5, 3] {
            recent.advance("a", sequence);
        }
        assert_eq!(recent.get("a"), Some(&5));
        recent.advance("a", 6);
        assert_eq!(recent.get("a"), Some(&6));
    }
}
