//! A session without what the athlete cannot do today: one of the item's own alternatives stands in, or nothing does. What loads a
//! sore place, or asks for more than moderate effort where that is too much, is eased as in a next version of the plan.

use super::GivenUp;
use crate::engine::bears::Bears;
use crate::engine::catalogue::{Catalogue, Exercise};
use crate::engine::ease::{ease_sore, moderate};
use crate::engine::plan::{BlockKind, Item, Session};
use crate::engine::profile::Profile;
use crate::engine::render::sets_text;
use crate::engine::rule::Rule;

/// Takes out of a session what the body of today does not bear, and says what. A session of which only warming up and cooling
/// down are left is none.
pub(super) fn bearable(session: &Session, body: &Profile, catalogue: &Catalogue) -> Option<(Session, Vec<GivenUp>)> {
    let bears = Bears::on_a_day(body);
    let (mut session, mut given_up) = (session.clone(), Vec::new());
    let fits = |exercise: &Exercise| bears.bears(exercise);
    for block in &mut session.blocks {
        for item in &mut block.items {
            item.alts.retain(|alt| catalogue.get(alt).is_some_and(fits));
            let Some(exercise) = catalogue.get(&item.ex).filter(|exercise| !fits(exercise)) else { continue };
            let rule = if bears.is_owned(exercise) { Rule::R5 } else { Rule::R3 };
            let to = stand_in(item, exercise, catalogue);
            let words = to.map_or("left out".to_owned(), |to| format!("{} stands in", to.id));
            let from = "in the session".to_owned();
            given_up.push(GivenUp { rule, exercise: Some(item.ex.clone()), what: "exercise", from, to: words });
            match to {
                Some(to) => replace(item, to),
                None => item.sets.clear(),
            }
        }
        block.items.retain(|item| !item.sets.is_empty());
        for item in &mut block.items {
            given_up.extend(ease(item, body, catalogue));
        }
        if block.items.len() == 1 {
            block.kind = super::ladder::alone(block.kind);
        }
    }
    session.blocks.retain(|block| !block.items.is_empty());
    let works = |kind| !matches!(kind, BlockKind::WarmUp | BlockKind::CoolDown);
    let is_left = given_up.is_empty() || session.blocks.iter().any(|block| works(block.kind));
    is_left.then_some((session, given_up))
}

/// Makes an exercise easier where the body asks for it, and says how it was and is.
fn ease(item: &mut Item, body: &Profile, catalogue: &Catalogue) -> Option<GivenUp> {
    let planned = effort(item);
    let sore = ease_sore(item, body, catalogue).map(|sore| sore.body_part.as_str().replace('_', " "));
    let is_moderated = moderate(item, body, catalogue);
    let (rule, why) = match sore {
        Some(place) => (Rule::R5, format!("with care for the {place}")),
        None if is_moderated => (Rule::R11, "since effort stays moderate".to_owned()),
        None => return None,
    };
    // What is measured in metres and has no known load is asked for with less of it, which no figure tells.
    let now =
        Some(effort(item)).filter(|now| *now != planned).unwrap_or_else(|| "the same with less weight".to_owned());
    let to = format!("{now}, {why}");
    Some(GivenUp { rule, exercise: Some(item.ex.clone()), what: "effort", from: planned, to })
}

/// The working sets in words: `3 × 12-15 @ 40 kg, 3 in reserve`.
fn effort(item: &Item) -> String {
    let working = item.sets.iter().filter(|sets| !sets.ramp);
    let words = working.map(|sets| match sets.rir {
        Some(rir) => format!("{}, {rir} in reserve", sets_text(sets)),
        None => sets_text(sets),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// The first alternative that is measured alike. Those that the body does not bear are gone already.
fn stand_in<'c>(item: &Item, exercise: &Exercise, catalogue: &'c Catalogue) -> Option<&'c Exercise> {
    item.alts.iter().filter_map(|alt| catalogue.get(alt)).find(|alt| alt.measure == exercise.measure)
}

/// As many sets, and no load that was meant for another exercise.
fn replace(item: &mut Item, to: &Exercise) {
    item.ex = to.id.clone();
    item.alts.retain(|alt| *alt != to.id);
    item.sets.retain(|sets| !sets.ramp);
    item.sets.iter_mut().for_each(|sets| (sets.pct1rm, sets.load_kg) = (None, None));
}
