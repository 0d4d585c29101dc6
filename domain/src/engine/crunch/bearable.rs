//! A session without what the athlete cannot do today: one of the item's own alternatives stands in, or nothing does.

use super::GivenUp;
use crate::engine::bears::Bears;
use crate::engine::catalogue::{Catalogue, Exercise};
use crate::engine::plan::{BlockKind, Item, Session};
use crate::engine::profile::Profile;
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
        if block.items.len() == 1 {
            block.kind = super::ladder::alone(block.kind);
        }
    }
    session.blocks.retain(|block| !block.items.is_empty());
    let works = |kind| !matches!(kind, BlockKind::WarmUp | BlockKind::CoolDown);
    let is_left = given_up.is_empty() || session.blocks.iter().any(|block| works(block.kind));
    is_left.then_some((session, given_up))
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
