//! A map whose copies are cheap and stay as they are: what was there before, shared, and the changes since.
//!
//! A room is copied for each append that is on its way, so that its members can be told of nothing that may not be stored.
//! Copying ten thousand members each time would cost more than the append.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// So many changes are kept beside the shared part; then they go into it.
const MAX_CHANGES: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Layers<K, V> {
    base: Arc<BTreeMap<K, V>>,
    /// What is different from the base: `None` is not there any more.
    changes: BTreeMap<K, Option<V>>,
    len: usize,
}

impl<K, V> Default for Layers<K, V> {
    fn default() -> Self {
        Self { base: Arc::default(), changes: BTreeMap::new(), len: 0 }
    }
}

impl<K: Ord + Clone, V: Clone> Layers<K, V> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        match self.changes.get(key) {
            Some(change) => change.as_ref(),
            None => self.base.get(key),
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.len += usize::from(self.get(&key).is_none());
        self.change(key, Some(value));
    }

    pub(super) fn remove(&mut self, key: &K) {
        if self.get(key).is_some() {
            self.len -= 1;
            self.change(key.clone(), None);
        }
    }

    /// Entries from the first key behind `after` on, in order.
    pub(super) fn range_behind(&self, after: Option<K>) -> impl Iterator<Item = (&K, &V)> {
        let bounds = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let mut base = self.base.range(bounds.clone()).peekable();
        let mut changes = self.changes.range(bounds).peekable();
        std::iter::from_fn(move || {
            loop {
                // A change stands before what it changes.
                let change = match (base.peek(), changes.peek()) {
                    (Some((old, _)), Some((new, _))) => new <= old,
                    (_, change) => change.is_some(),
                };
                if !change {
                    return base.next();
                }
                let (key, value) = changes.next()?;
                base.next_if(|(old, _)| *old == key);
                if let Some(value) = value {
                    return Some((key, value));
                }
            }
        })
    }

    fn change(&mut self, key: K, value: Option<V>) {
        self.changes.insert(key, value);
        if self.changes.len() < MAX_CHANGES {
            return;
        }
        let base = Arc::make_mut(&mut self.base);
        for (key, change) in std::mem::take(&mut self.changes) {
            match change {
                Some(value) => base.insert(key, value),
                None => base.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_and_its_copies_stay_as_they_are(steps in prop::collection::vec((0u8..90, prop::option::of(0u32..9)), 1..400)) {
            let (mut map, mut layers) = (BTreeMap::new(), Layers::default());
            let mut copies = Vec::new();
            for (n, (key, value)) in steps.into_iter().enumerate() {
                if n % 37 == 0 {
                    copies.push((map.clone(), layers.clone()));
                }
                match value {
                    Some(value) => { map.insert(key, value); layers.insert(key, value); }
                    None => { map.remove(&key); layers.remove(&key); }
                }
            }
            copies.push((map, layers));
            for (map, layers) in &copies {
                prop_assert_eq!(map.len(), layers.len());
                let all: Vec<_> = layers.range_behind(None).collect();
                prop_assert_eq!(map.iter().collect::<Vec<_>>(), all);
                for key in 0..90 {
                    prop_assert_eq!(map.get(&key), layers.get(&key));
                }
                let behind: Vec<_> = layers.range_behind(Some(40)).collect();
                prop_assert_eq!(map.range(41..).collect::<Vec<_>>(), behind);
            }
        }
    }
}
