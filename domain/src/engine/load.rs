//! Repetitions and loads: how many repetitions a share of the one-repetition maximum allows.

/// Percent of the one-repetition maximum by repetitions to failure, from 1.
/// Fixed points 100/93/87/85/80/75/67 at 1/3/5/6/8/10/12 repetitions; straight lines between them, rounded down.
const PERCENT: [u8; 12] = [100, 96, 93, 90, 87, 85, 82, 80, 77, 75, 71, 67];

/// Points above the table that still count as within individual spread.
pub const SPREAD_PCT: u8 = 3;

/// The load, in percent of the maximum, with which so many repetitions are just possible.
/// Beyond twelve it falls by one a repetition, down to 40: few studies, and the reserve decides there anyway.
#[must_use]
pub fn percent_for(reps: u8) -> u8 {
    match reps {
        0 => 100,
        1..=12 => PERCENT[usize::from(reps - 1)],
        _ => 67u8.saturating_sub(reps - 12).max(40),
    }
}

/// The heaviest load that a set of so many repetitions with this reserve may carry.
#[must_use]
pub fn heaviest_pct(reps: u8, rir: u8) -> u8 {
    percent_for(reps.saturating_add(rir)).saturating_add(SPREAD_PCT).min(100)
}

#[cfg(test)]
mod tests {
    use super::percent_for;

    #[test]
    fn the_table_has_its_fixed_points() {
        let fixed = [(1, 100), (3, 93), (5, 87), (6, 85), (8, 80), (10, 75), (12, 67)];
        for (reps, percent) in fixed {
            assert_eq!(percent_for(reps), percent);
        }
        assert!((1..30).all(|reps| percent_for(reps) >= percent_for(reps + 1)));
    }
}
