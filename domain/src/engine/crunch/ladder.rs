//! The steps by which a session gets shorter, in order of what they cost the athlete.

use std::collections::BTreeSet;

use super::GivenUp;
use super::shorten::{alternate, longest_rest, paired, shortest_rest};
use crate::engine::catalogue::{Catalogue, ExerciseId};
use crate::engine::limits::HARD_RPE;
use crate::engine::minutes::session_s;
use crate::engine::plan::{Block, BlockKind, Item, Session};
use crate::engine::profile::Profile;
use crate::engine::rule::Rule;

/// Sets below which an exercise goes only when others have gone as low.
const FLOOR_SETS: u8 = 2;
/// A bout is shortened by so much at a time, and not below the shortest that is worth changing for.
const BOUT_STEP_S: u16 = 60;
const SHORTEST_BOUT_S: u16 = 300;

const STRENGTH: [BlockKind; 2] = [BlockKind::Main, BlockKind::Superset];
const ACCESSORY: [BlockKind; 2] = [BlockKind::Accessory, BlockKind::AccessorySuperset];

/// A session on its way down, and what it gave up so far.
pub(super) struct Ladder<'a> {
    pub session: Session,
    pub given_up: Vec<GivenUp>,
    target_s: u32,
    profile: &'a Profile,
    catalogue: &'a Catalogue,
    /// What the session is for: it loses sets and minutes, and stays.
    essential: BTreeSet<ExerciseId>,
}

impl<'a> Ladder<'a> {
    pub(super) fn new(
        (session, given_up): (Session, Vec<GivenUp>),
        target_s: u32,
        profile: &'a Profile,
        catalogue: &'a Catalogue,
    ) -> Self {
        let essential = essential(&session);
        Self { session, given_up, target_s, profile, catalogue, essential }
    }

    /// Takes steps until the session fits or none is left. Which step comes next never depends on the target.
    pub(super) fn climb_down(&mut self) {
        self.alternate(&[BlockKind::Accessory]);
        self.shorten_rests(&ACCESSORY);
        self.drop_intervals();
        self.shorten_bouts();
        self.drop_items(&[BlockKind::CoolDown], Rule::R23);
        self.alternate(&[BlockKind::Main]);
        self.shorten_rests(&STRENGTH);
        self.trim_sets(&ACCESSORY, FLOOR_SETS);
        self.trim_sets(&STRENGTH, FLOOR_SETS);
        self.drop_items(&[BlockKind::Conditioning], Rule::R21);
        self.trim_sets(&ACCESSORY, 1);
        self.drop_items(&ACCESSORY, Rule::R7);
        self.trim_sets(&[BlockKind::Power], 1);
        self.drop_items(&[BlockKind::Power], Rule::R20);
        self.trim_sets(&STRENGTH, 1);
    }

    fn fits(&self) -> bool {
        session_s(&self.session) <= self.target_s
    }

    /// Makes a change if the session is still too long and the change makes it shorter.
    fn step(&mut self, given_up: Vec<GivenUp>, change: impl FnOnce(&mut Session)) {
        if self.fits() {
            return;
        }
        let mut shorter = self.session.clone();
        change(&mut shorter);
        shorter.blocks.retain(|block| !block.items.is_empty());
        if session_s(&shorter) >= session_s(&self.session) {
            return;
        }
        self.session = shorter;
        for one in given_up {
            // Many small steps of one kind are told as one.
            let same = |other: &&mut GivenUp| other.what == one.what && other.exercise == one.exercise;
            match self.given_up.iter_mut().find(same) {
                Some(earlier) => earlier.to = one.to,
                None => self.given_up.push(one),
            }
        }
    }

    /// Lets exercises of a block take turns where they share no main muscle.
    fn alternate(&mut self, kinds: &[BlockKind]) {
        for at in self.places(kinds) {
            let Some(block) = self.session.blocks.get(at) else { continue };
            let blocks = alternate(block, self.catalogue);
            let names: Vec<_> = blocks.iter().filter(|block| paired(block.kind)).map(names).collect();
            let given_up =
                given_up(Rule::R22, block.items.first(), "straight sets", "each by itself", names.join("; "));
            self.step(vec![given_up], |session| {
                session.blocks.splice(at..=at, blocks);
            });
        }
    }

    /// Rests down to the shortest of the exercise's band; of exercises in turn all at once, as the longest counts.
    fn shorten_rests(&mut self, kinds: &[BlockKind]) {
        for block in self.places(kinds).into_iter().rev() {
            let Some(kind) = self.session.blocks.get(block).map(|block| block.kind) else { continue };
            let items: Vec<_> = self.items(&[kind]).into_iter().filter(|(at, _)| at.block == block).collect();
            let together = if paired(kind) { items.len().max(1) } else { 1 };
            items.chunks(together).for_each(|items| self.shorten_rest(items));
        }
    }

    fn shorten_rest(&mut self, items: &[(Place, Item)]) {
        let shorter = items.iter().filter_map(|(at, item)| {
            let shortest = shortest_rest(self.profile, self.catalogue.get(&item.ex)?, item)?;
            Some((*at, item, shortest))
        });
        let shorter: Vec<_> = shorter.collect();
        let seconds = |seconds: u16| format!("{seconds} s");
        let given_up = shorter.iter().map(|(_, item, shortest)| {
            given_up(Rule::R9, Some(item), "rest", &seconds(longest_rest(item)), seconds(*shortest))
        });
        self.step(given_up.collect(), |session| {
            for (at, _, shortest) in &shorter {
                let working = at.of(session).into_iter().flat_map(|item| &mut item.sets).filter(|sets| !sets.ramp);
                working.for_each(|sets| sets.rest_s = sets.rest_s.min(*shortest));
            }
        });
    }

    /// Hard minutes go before easy ones: three quarters of the week stay easy (R19).
    fn drop_intervals(&mut self) {
        for (at, item) in self.items(&[BlockKind::Conditioning]).into_iter().rev() {
            if item.sets.iter().any(|sets| sets.rpe.is_some_and(|rpe| rpe >= HARD_RPE)) {
                self.drop_item(at, &item, Rule::R21);
            }
        }
    }

    fn shorten_bouts(&mut self) {
        for (at, item) in self.items(&[BlockKind::Conditioning]) {
            let Some(longest) = item.sets.iter().filter_map(|sets| sets.seconds).max() else { continue };
            let mut seconds = longest;
            while seconds > SHORTEST_BOUT_S && !self.fits() {
                seconds = seconds.saturating_sub(BOUT_STEP_S).max(SHORTEST_BOUT_S);
                let minutes = |seconds: u16| format!("{} min", seconds.div_ceil(60));
                let given_up = given_up(Rule::R21, Some(&item), "minutes", &minutes(longest), minutes(seconds));
                self.step(vec![given_up], |session| {
                    let sets = at.of(session).into_iter().flat_map(|item| &mut item.sets);
                    sets.for_each(|sets| sets.seconds = sets.seconds.map(|now| now.min(seconds)));
                });
            }
        }
    }

    /// One set at a time from whichever exercise has most of them, the later of two, down to a floor.
    fn trim_sets(&mut self, kinds: &[BlockKind], floor: u8) {
        while !self.fits() {
            let items = self.items(kinds).into_iter().filter(|(_, item)| working(item) > floor);
            let Some((at, item)) = items.max_by_key(|(_, item)| working(item)) else { return };
            let n = working(&item);
            let given_up = given_up(Rule::R7, Some(&item), "sets", &n.to_string(), (n - 1).to_string());
            let before = session_s(&self.session);
            self.step(vec![given_up], |session| {
                let Some(item) = at.of(session) else { return };
                item.sets.iter_mut().rev().find(|sets| !sets.ramp).into_iter().for_each(|sets| sets.n -= 1);
                item.sets.retain(|sets| sets.n > 0);
            });
            // A set that takes no time at all is no plan's of ours; without this it would never end.
            if session_s(&self.session) == before {
                return;
            }
        }
    }

    /// Exercises from the last to the first, except what the session is for.
    fn drop_items(&mut self, kinds: &[BlockKind], rule: Rule) {
        for (at, item) in self.items(kinds).into_iter().rev() {
            self.drop_item(at, &item, rule);
        }
    }

    fn drop_item(&mut self, at: Place, item: &Item, rule: Rule) {
        if self.essential.contains(&item.ex) {
            return;
        }
        let given_up = given_up(rule, Some(item), "exercise", "in the session", "left out".to_owned());
        self.step(vec![given_up], |session| {
            if let Some(block) = session.blocks.get_mut(at.block) {
                block.items.remove(at.item);
                if block.items.len() == 1 {
                    block.kind = alone(block.kind);
                }
            }
        });
    }

    fn places(&self, kinds: &[BlockKind]) -> Vec<usize> {
        let blocks = self.session.blocks.iter().enumerate().rev();
        blocks.filter(|(_, block)| kinds.contains(&block.kind)).map(|(at, _)| at).collect()
    }

    fn items(&self, kinds: &[BlockKind]) -> Vec<(Place, Item)> {
        let blocks = self.session.blocks.iter().enumerate().filter(|(_, block)| kinds.contains(&block.kind));
        let place = |block: usize, item: usize| Place { block, item };
        blocks
            .flat_map(|(b, block)| block.items.iter().enumerate().map(move |(i, item)| (place(b, i), item.clone())))
            .collect()
    }
}

/// Where an item stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    block: usize,
    item: usize,
}

impl Place {
    fn of(self, session: &mut Session) -> Option<&mut Item> {
        session.blocks.get_mut(self.block)?.items.get_mut(self.item)
    }
}

/// What a session is for: its compounds; without any its first easy bout, its first exercise, or a stretch.
fn essential(session: &Session) -> BTreeSet<ExerciseId> {
    let of = |kinds: &[BlockKind]| -> Vec<&Item> {
        let blocks = session.blocks.iter().filter(|block| kinds.contains(&block.kind));
        blocks.flat_map(|block| &block.items).collect()
    };
    let easy = |item: &&&Item| item.sets.iter().all(|sets| sets.rpe.is_none_or(|rpe| rpe < HARD_RPE));
    let compounds = of(&STRENGTH);
    if !compounds.is_empty() {
        return compounds.into_iter().map(|item| item.ex.clone()).collect();
    }
    let bouts = of(&[BlockKind::Conditioning]);
    let bout = bouts.iter().find(easy).or(bouts.first()).copied();
    let others = [&ACCESSORY[..], &[BlockKind::Power], &[BlockKind::CoolDown]];
    let other = || others.iter().find_map(|kinds| of(kinds).first().copied());
    bout.or_else(other).into_iter().map(|item| item.ex.clone()).collect()
}

/// The block of one exercise, when the other of a pair is gone.
pub(super) const fn alone(kind: BlockKind) -> BlockKind {
    match kind {
        BlockKind::Superset => BlockKind::Main,
        BlockKind::AccessorySuperset => BlockKind::Accessory,
        other => other,
    }
}

fn working(item: &Item) -> u8 {
    item.sets.iter().filter(|sets| !sets.ramp).map(|sets| sets.n).sum()
}

fn names(block: &Block) -> String {
    let names: Vec<_> = block.items.iter().map(|item| item.ex.as_str()).collect();
    format!("{} in turn", names.join(" with "))
}

fn given_up(rule: Rule, item: Option<&Item>, what: &'static str, from: &str, to: String) -> GivenUp {
    GivenUp { rule, exercise: item.map(|item| item.ex.clone()), what, from: from.to_owned(), to }
}
