//! From sets by item to a session: blocks in order, with warm-up and cool-down.

use time::Date;

use super::brief::Brief;
use super::load_weeks::WeekLoad;
use super::prescribe::{one_set, progress, ramp};
use super::template::{DayTemplate, Slotted};
use super::warm_up::{cool_down, warm_up};
use crate::dates::plus_days;
use crate::engine::calendar::{date_of, legs_rest};
use crate::engine::catalogue::{Measure, Muscle};
use crate::engine::limits::FIRST_ECCENTRIC;
use crate::engine::plan::{Block, BlockKind, Focus, Item, Phase, Reason, Session, Sets};
use crate::engine::profile::Day;
use crate::engine::rule::Rule;

/// Mobility exercises of a session that only loosens up.
const LOOSEN: usize = 4;

/// The session of a day in a week; `None` on and after a competition until its week is over.
pub fn session(
    brief: &Brief<'_>,
    day: &DayTemplate<'_>,
    load: &WeekLoad,
    (counts, new): (&[u8], &[bool]),
) -> Option<Session> {
    let date = date_of(brief.request.start, load.plan.index, day.at.day);
    if is_after_competition(brief, load.plan.index, date) {
        return None;
    }
    let close = only_loosens(brief, date);
    let blocks = if close { Vec::new() } else { strength(brief, day, load, (counts, new)) };
    let loosening = blocks.is_empty();
    let focus = match day.at.focus {
        focus if !loosening => focus,
        Focus::Conditioning if !close => Focus::Conditioning,
        _ => Focus::Recovery,
    };
    let muscles: Vec<Muscle> = if loosening { Vec::new() } else { trained(day, counts) };
    let turn = day.at.day as u64;
    let mut all = Vec::with_capacity(blocks.len() + 3);
    if brief.heeds(Rule::R23) {
        all.push(warm_up(brief, &muscles, turn));
    }
    all.extend(blocks);
    let stretches =
        if loosening && day.at.focus != Focus::Conditioning && day.at.room_min >= 20 { LOOSEN } else { day.cool_down };
    all.extend(cool_down(brief, &muscles, turn, if loosening { stretches.max(2) } else { stretches }));
    Some(Session {
        id: format!("w{}d{}", load.plan.index + 1, day.at.day as u8 + 1),
        date,
        focus,
        est_min: 0,
        blocks: all,
    })
}

/// Whether a day has strength work in a week: the competition takes it from the days right before and after.
pub fn has_strength(brief: &Brief<'_>, day: Day, week: u8) -> bool {
    let date = date_of(brief.request.start, week, day);
    !is_after_competition(brief, week, date) && !only_loosens(brief, date)
}

/// On the day of a competition and after it, until its week is over, nothing is planned.
fn is_after_competition(brief: &Brief<'_>, week: u8, date: Date) -> bool {
    let week_end = date_of(brief.request.start, week, Day::Sunday);
    let competed = |competition| competition <= date && week_end < plus_days(competition, 7);
    brief.heeds(Rule::R18) && brief.profile.competition_date.is_some_and(competed)
}

fn only_loosens(brief: &Brief<'_>, date: Date) -> bool {
    legs_rest(date, brief.profile.competition_date) && brief.heeds(Rule::R17) && brief.heeds(Rule::R18)
}

fn trained(day: &DayTemplate<'_>, counts: &[u8]) -> Vec<Muscle> {
    let used = day.items.iter().zip(counts).filter(|(_, n)| **n > 0);
    used.flat_map(|(item, _)| item.choice.exercise.primary.iter().copied()).collect()
}

fn strength(brief: &Brief<'_>, day: &DayTemplate<'_>, load: &WeekLoad, (counts, new): (&[u8], &[bool])) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for group in &day.groups {
        let items: Vec<Item> = group
            .iter()
            .filter(|index| counts[**index] > 0)
            .map(|index| item(brief, &day.items[*index], load, (counts[*index], new[*index])))
            .collect();
        let Some(rank) = group.first().map(|index| day.items[*index].rank) else { continue };
        let kind = kind(rank, items.len() > 1);
        match blocks.last_mut() {
            _ if items.is_empty() => {}
            Some(last) if last.kind == kind && items.len() == 1 => last.items.extend(items),
            _ => blocks.push(Block { kind, items }),
        }
    }
    blocks
}

pub const fn kind(rank: u8, alternating: bool) -> BlockKind {
    match (rank, alternating) {
        (1, _) => BlockKind::Power,
        (2, true) => BlockKind::Superset,
        (2, false) => BlockKind::Main,
        (_, true) => BlockKind::AccessorySuperset,
        (_, false) => BlockKind::Accessory,
    }
}

fn item(brief: &Brief<'_>, slotted: &Slotted<'_>, load: &WeekLoad, (n, new): (u8, bool)) -> Item {
    let exercise = slotted.choice.exercise;
    let mut working = Sets { n, ..one_set(brief, exercise, slotted.place, &load.style) };
    if new {
        working.reps = working.reps.map(|_| [FIRST_ECCENTRIC.1 - 1, FIRST_ECCENTRIC.1]);
    }
    if !brief.heeds(Rule::R1) && exercise.measure != Measure::Reps {
        working.reps = Some([1, 1]);
    }
    let mut sets = if brief.heeds(Rule::R23) { ramp(&working) } else { Vec::new() };
    sets.push(working);
    let mut why = slotted.choice.why.clone();
    why.extend(brief.is_dosed(exercise).then(|| Reason::new(Rule::R30, if new { "first" } else { "dose" })));
    why.extend(phase_reason(load.plan.phase));
    if !brief.heeds(Rule::R27) {
        why.clear();
    }
    Item {
        ex: exercise.id.clone(),
        sets,
        progress: Some(progress(brief, exercise, &load.plan)),
        alts: slotted.choice.alternatives.clone(),
        why,
    }
}

pub fn phase_reason(phase: Phase) -> Option<Reason> {
    match phase {
        Phase::Deload => Some(Reason::new(Rule::R16, "deload")),
        Phase::Taper => Some(Reason::new(Rule::R18, "taper")),
        Phase::Maintenance => Some(Reason::new(Rule::R17, "maintenance")),
        Phase::Accumulation | Phase::Intensification => None,
    }
}
