//! How long a session takes, by the estimate of R22: five minutes, 45 seconds an exercise, and the sets.

use super::plan::{Block, BlockKind, Session, Sets};

/// Every session's start: its general warm-up.
pub const WARM_UP_S: u32 = 300;
/// Setting up and reading, for each exercise.
pub const CHANGE_S: u32 = 45;
/// One repetition.
pub const REP_S: u32 = 4;

/// Seconds of work in one set; repetitions count at the top of their range and a metre takes a second.
#[must_use]
pub fn work_s(sets: &Sets) -> u32 {
    let reps = sets.reps.map_or(0, |[_, high]| u32::from(high) * REP_S);
    reps + sets.seconds.map_or(0, u32::from) + sets.metres.map_or(0, u32::from)
}

/// Seconds that one exercise's sets take when done straight.
#[must_use]
pub fn straight_s(sets: &[Sets]) -> u32 {
    sets.iter().map(|sets| u32::from(sets.n) * (work_s(sets) + u32::from(sets.rest_s))).sum()
}

/// Seconds that exercises take when they alternate: all the work, and the longest rest once a round.
#[must_use]
pub fn alternating_s(items: &[&[Sets]]) -> u32 {
    let rounds = items.iter().map(|sets| count(sets)).max().unwrap_or(0);
    (0..rounds)
        .map(|round| {
            let now = || items.iter().filter_map(|sets| at(sets, round));
            now().map(work_s).sum::<u32>() + now().map(|sets| u32::from(sets.rest_s)).max().unwrap_or(0)
        })
        .sum()
}

fn count(sets: &[Sets]) -> u32 {
    sets.iter().map(|sets| u32::from(sets.n)).sum()
}

fn at(sets: &[Sets], round: u32) -> Option<&Sets> {
    let mut before = 0;
    sets.iter().find(|sets| {
        before += u32::from(sets.n);
        round < before
    })
}

fn block_s(block: &Block) -> u32 {
    let change = CHANGE_S * u32::try_from(block.items.len()).unwrap_or(u32::MAX / CHANGE_S);
    match block.kind {
        BlockKind::WarmUp => 0,
        BlockKind::Superset | BlockKind::AccessorySuperset => {
            change + alternating_s(&block.items.iter().map(|item| item.sets.as_slice()).collect::<Vec<_>>())
        }
        _ => change + block.items.iter().map(|item| straight_s(&item.sets)).sum::<u32>(),
    }
}

/// Seconds of a session. The warm-up block is the five minutes that every session counts.
#[must_use]
pub fn session_s(session: &Session) -> u32 {
    WARM_UP_S + session.blocks.iter().map(block_s).sum::<u32>()
}

/// Seconds as whole minutes, to the nearest.
#[must_use]
pub fn to_minutes(seconds: u32) -> u16 {
    u16::try_from((seconds + 30) / 60).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five_reps() -> Vec<Sets> {
        vec![Sets { n: 4, reps: Some([5, 5]), rest_s: 180, ..Sets::default() }]
    }

    #[test]
    fn four_by_four_by_five_takes_61_minutes() {
        let straight = 4 * (CHANGE_S + straight_s(&five_reps()));
        assert_eq!(to_minutes(WARM_UP_S + straight), 61);
    }

    #[test]
    fn alternating_shares_the_rest() {
        let (a, b) = (five_reps(), five_reps());
        assert_eq!(alternating_s(&[&a, &b]), 4 * (20 + 20 + 180));
    }
}
