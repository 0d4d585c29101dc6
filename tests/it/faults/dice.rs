//! Chance that can be repeated: the same seed gives the same faults in the same order.

use std::time::Duration;

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn between(&mut self, low_ms: usize, high_ms: usize) -> Duration {
        Duration::from_millis((low_ms + self.below(high_ms - low_ms)) as u64)
    }

    /// So many different ones.
    pub fn pick_distinct<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left = from.to_vec();
        (0..count).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

#[test]
fn a_seed_repeats_itself_and_another_does_not() {
    let throw = |seed| {
        let mut dice = Dice::new(seed);
        (0..8).map(|_| dice.next()).collect::<Vec<_>>()
    };
    assert_eq!(throw(1), throw(1));
    assert_ne!(throw(1), throw(2));
    let picked = Dice::new(7).pick_distinct(&[1, 2, 3], 3);
    assert_eq!(picked.iter().sum::<i32>(), 6, "each once: {picked:?}");
}
