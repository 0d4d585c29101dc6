//! What takes less time without doing less: exercises in turn, and rests at the short end of their band.

use crate::engine::catalogue::{Catalogue, Exercise, Pattern};
use crate::engine::compose::RAMP_FROM_PCT;
use crate::engine::plan::{Block, BlockKind, Item, Sets};
use crate::engine::profile::Profile;
use crate::engine::zone::within_band;

/// Nobody is sent to the next set sooner. Our choice.
const SHORTEST_REST_S: u16 = 30;
/// Rests are told in steps that a clock shows.
const REST_STEP_S: u16 = 5;

/// Whether a block's exercises take turns.
pub(super) const fn paired(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::Superset | BlockKind::AccessorySuperset)
}

/// The blocks that a block of straight sets becomes: pairs that share no main muscle, and what is left over. Heavy
/// lifts stay alone.
pub(super) fn alternate(block: &Block, catalogue: &Catalogue) -> Vec<Block> {
    let pair = if block.kind == BlockKind::Main { BlockKind::Superset } else { BlockKind::AccessorySuperset };
    let mut open: Vec<Item> = block.items.clone();
    let mut blocks: Vec<Block> = Vec::new();
    while !open.is_empty() {
        let first = open.remove(0);
        match open.iter().position(|other| may_alternate(&first, other, catalogue)) {
            Some(at) => blocks.push(Block { kind: pair, items: vec![first, open.remove(at)] }),
            None => match blocks.last_mut() {
                Some(last) if last.kind == block.kind => last.items.push(first),
                _ => blocks.push(Block { kind: block.kind, items: vec![first] }),
            },
        }
    }
    blocks
}

fn may_alternate(a: &Item, b: &Item, catalogue: &Catalogue) -> bool {
    let (Some(one), Some(other)) = (catalogue.get(&a.ex), catalogue.get(&b.ex)) else { return false };
    let heavy = |item: &Item| item.sets.iter().any(|sets| sets.pct1rm.is_some_and(|pct| pct >= RAMP_FROM_PCT));
    let shared = one.primary.iter().any(|muscle| other.primary.contains(muscle));
    one.mechanic == other.mechanic && !heavy(a) && !heavy(b) && !shared
}

/// The longest rest between working sets.
pub(super) fn longest_rest(item: &Item) -> u16 {
    working(item).map(|sets| sets.rest_s).max().unwrap_or(0)
}

/// The shortest rest that keeps every working set within a band (R9); `None` when that is no shorter than it is.
pub(super) fn shortest_rest(profile: &Profile, exercise: &Exercise, item: &Item) -> Option<u16> {
    if matches!(exercise.pattern, Pattern::Conditioning | Pattern::Mobility) {
        return None;
    }
    let fits = |rest_s: &u16| {
        working(item).all(|sets| {
            let shorter = Sets { rest_s: (*rest_s).min(sets.rest_s), ..sets.clone() };
            within_band(profile, exercise, &shorter)
        })
    };
    (SHORTEST_REST_S..longest_rest(item)).step_by(REST_STEP_S.into()).find(fits)
}

fn working(item: &Item) -> impl Iterator<Item = &Sets> {
    item.sets.iter().filter(|sets| !sets.ramp)
}
