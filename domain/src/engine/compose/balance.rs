//! Pushes and pulls in proportion (R14): what is too much on one side is taken away, set by set.

use super::allocate::SetCounts;
use super::template::DayTemplate;
use crate::engine::tally::{Side, is_balanced, side};

/// Sets of pushes and of pulls.
pub fn sides(days: &[DayTemplate<'_>], sets: &SetCounts) -> (u32, u32) {
    let mut sum = (0, 0);
    for (item, n) in days.iter().zip(sets).flat_map(|(day, counts)| day.items.iter().zip(counts)) {
        match side(item.choice.exercise) {
            Some(Side::Push) => sum.0 += u32::from(*n),
            Some(Side::Pull) => sum.1 += u32::from(*n),
            None => {}
        }
    }
    sum
}

/// Takes sets from the heavier side until both are in proportion or every exercise is down to one set.
pub fn level(days: &[DayTemplate<'_>], sets: &mut SetCounts) {
    loop {
        let (push, pull) = sides(days, sets);
        if is_balanced(push, pull) {
            return;
        }
        let heavier = if pull * 10 > push * 15 { Side::Pull } else { Side::Push };
        let fullest = days
            .iter()
            .enumerate()
            .flat_map(|(day, template)| {
                template.items.iter().enumerate().map(move |(item, slotted)| (day, item, slotted))
            })
            .filter(|(day, item, slotted)| side(slotted.choice.exercise) == Some(heavier) && sets[*day][*item] > 1)
            .max_by_key(|(day, item, _)| (sets[*day][*item], *item, *day));
        let Some((day, item, _)) = fullest else { return };
        sets[day][item] -= 1;
    }
}
