//! Warm-ups and cool-downs: easy movement for what the session trains.

use super::brief::Brief;
use crate::engine::catalogue::{Exercise, Force, Muscle, Pattern};
use crate::engine::plan::{Block, BlockKind, Item, Reason, Sets};
use crate::engine::rule::Rule;
use crate::engine::seed::mix3;

/// Exercises of a warm-up; with their seconds they fill the five minutes that every session counts.
const WARM_UP_ITEMS: usize = 4;
const WARM_UP_SECONDS: u16 = 75;
const COOL_DOWN_SECONDS: u16 = 60;

/// The block that a session starts with.
pub fn warm_up(brief: &Brief<'_>, muscles: &[Muscle], turn: u64) -> Block {
    let items = movements(brief, muscles, turn, WARM_UP_ITEMS, Force::Move);
    block(BlockKind::WarmUp, items, WARM_UP_SECONDS, "warm_up")
}

/// The block that a session ends with; `None` when it has no room for one.
pub fn cool_down(brief: &Brief<'_>, muscles: &[Muscle], turn: u64, count: usize) -> Option<Block> {
    let items = movements(brief, muscles, turn ^ 0x5A5A, count, Force::Hold);
    (!items.is_empty()).then(|| block(BlockKind::CoolDown, items, COOL_DOWN_SECONDS, "cool_down"))
}

fn block(kind: BlockKind, exercises: Vec<&Exercise>, seconds: u16, about: &str) -> Block {
    let item = |exercise: &Exercise| Item {
        ex: exercise.id.clone(),
        sets: vec![Sets { n: 1, seconds: Some(seconds), ..Sets::default() }],
        progress: None,
        alts: Vec::new(),
        why: vec![Reason::new(Rule::R23, about)],
    };
    Block { kind, items: exercises.into_iter().map(item).collect() }
}

/// Mobility for these muscles: moving to warm up, holding to cool down. The seed orders what is equally good.
fn movements<'a>(brief: &Brief<'a>, muscles: &[Muscle], turn: u64, count: usize, way: Force) -> Vec<&'a Exercise> {
    let mut open: Vec<(u64, &Exercise)> = brief
        .eligible(Pattern::Mobility)
        .iter()
        .enumerate()
        .map(|(n, exercise)| {
            let fits = exercise.primary.iter().chain(&exercise.secondary).filter(|muscle| muscles.contains(muscle));
            let far = 4 - fits.count().min(3) as u64;
            let sore = u64::from(brief.is_sore(exercise)) * 4 + u64::from(exercise.force != way) * 2;
            ((far + sore) * 1_000 + mix3(brief.seed, turn, n as u64) % 1_000, *exercise)
        })
        .collect();
    open.sort_by_key(|(distance, _)| *distance);
    open.into_iter().take(count).map(|(_, exercise)| exercise).collect()
}
