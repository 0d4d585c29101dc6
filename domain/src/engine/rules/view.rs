//! A plan with its exercises looked up and its sets counted once, for all rules to read.

use crate::engine::catalogue::{Catalogue, Exercise, Pattern};
use crate::engine::limits::HARD_RIR;
use crate::engine::plan::{BlockKind, Item, Phase, Plan, Session, Sets, Week};
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::engine::tally::{Tally, counts};

/// Everything that a rule may look at.
pub struct View<'a> {
    pub plan: &'a Plan,
    pub profile: &'a Profile,
    pub request: &'a PlanRequest,
    pub catalogue: &'a Catalogue,
    pub weeks: Vec<WeekView<'a>>,
}

/// A week and what it adds up to.
pub struct WeekView<'a> {
    pub at: usize,
    pub week: &'a Week,
    pub sessions: Vec<SessionView<'a>>,
    /// Working sets that count as volume.
    pub sets: u32,
    pub tally: Tally,
}

/// A session and what it adds up to.
pub struct SessionView<'a> {
    pub week_at: usize,
    pub at: usize,
    pub session: &'a Session,
    pub items: Vec<ItemView<'a>>,
    /// Working sets.
    pub tally: Tally,
    /// Working sets near enough to failure to be hard.
    pub hard: Tally,
}

/// An item with its exercise, if the catalogue knows it.
pub struct ItemView<'a> {
    pub place: [usize; 4],
    pub kind: BlockKind,
    pub item: &'a Item,
    pub exercise: Option<&'a Exercise>,
}

impl<'a> View<'a> {
    pub fn new(plan: &'a Plan, profile: &'a Profile, request: &'a PlanRequest, catalogue: &'a Catalogue) -> Self {
        let weeks = plan.weeks.iter().enumerate().map(|(at, week)| WeekView::new(at, week, catalogue)).collect();
        Self { plan, profile, request, catalogue, weeks }
    }

    pub fn sessions(&self) -> impl Iterator<Item = &SessionView<'a>> {
        self.weeks.iter().flat_map(|week| &week.sessions)
    }

    pub fn items(&self) -> impl Iterator<Item = &ItemView<'a>> {
        self.sessions().flat_map(|session| &session.items)
    }

    /// The loading week before week `at`, if there is one.
    pub fn loading_before(&self, at: usize) -> Option<&WeekView<'a>> {
        self.weeks[..at].iter().rev().find(|week| week.is_loading())
    }
}

impl<'a> WeekView<'a> {
    fn new(at: usize, week: &'a Week, catalogue: &'a Catalogue) -> Self {
        let sessions: Vec<SessionView<'a>> = week
            .sessions
            .iter()
            .enumerate()
            .map(|(number, session)| SessionView::new([at, number], session, catalogue))
            .collect();
        let mut tally = Tally::default();
        sessions.iter().for_each(|session| tally.merge(&session.tally));
        let sets = sessions.iter().flat_map(|session| &session.items).map(ItemView::volume).sum();
        Self { at, week, sessions, sets, tally }
    }

    pub fn is_loading(&self) -> bool {
        !self.week.deload && self.week.phase != Phase::Taper
    }

    pub fn place(&self) -> String {
        format!("weeks[{}]", self.at)
    }
}

impl<'a> SessionView<'a> {
    fn new([week_at, at]: [usize; 2], session: &'a Session, catalogue: &'a Catalogue) -> Self {
        let mut items = Vec::new();
        for (b, block) in session.blocks.iter().enumerate() {
            for (i, item) in block.items.iter().enumerate() {
                let exercise = catalogue.get(&item.ex);
                items.push(ItemView { place: [week_at, at, b, i], kind: block.kind, item, exercise });
            }
        }
        let (mut tally, mut hard) = (Tally::default(), Tally::default());
        for item in &items {
            let Some(exercise) = item.exercise else { continue };
            for sets in item.working() {
                tally.add(exercise, u16::from(sets.n));
                if sets.rir.is_some_and(|rir| rir <= HARD_RIR) {
                    hard.add(exercise, u16::from(sets.n));
                }
            }
        }
        Self { week_at, at, session, items, tally, hard }
    }

    pub fn place(&self) -> String {
        format!("weeks[{}].sessions[{}]", self.week_at, self.at)
    }

    /// Whether it trains strength at all.
    pub fn is_strength(&self) -> bool {
        self.items.iter().any(|item| item.volume() > 0)
    }

    /// Whether it has conditioning at such effort that it must be rare.
    pub fn has_hard_conditioning(&self) -> bool {
        self.items.iter().any(|item| item.aerobic_s().1 > 0)
    }
}

impl<'a> ItemView<'a> {
    pub fn place(&self) -> String {
        let [week, session, block, item] = self.place;
        format!("weeks[{week}].sessions[{session}].blocks[{block}].items[{item}]")
    }

    /// The sets that are the work itself.
    pub fn working(&self) -> impl Iterator<Item = &'a Sets> {
        self.item.sets.iter().filter(|sets| !sets.ramp)
    }

    /// Working sets that count as volume.
    pub fn volume(&self) -> u32 {
        let counted = self.exercise.is_some_and(counts);
        if counted { self.working().map(|sets| u32::from(sets.n)).sum() } else { 0 }
    }

    pub fn is(&self, pattern: Pattern) -> bool {
        self.exercise.is_some_and(|exercise| exercise.pattern == pattern)
    }

    /// Seconds of easy and of hard conditioning.
    pub fn aerobic_s(&self) -> (u32, u32) {
        if !self.is(Pattern::Conditioning) {
            return (0, 0);
        }
        self.working().fold((0, 0), |(easy, hard), sets| {
            let seconds = u32::from(sets.n) * sets.seconds.map_or(0, u32::from);
            let is_hard = sets.rpe.is_some_and(|rpe| rpe >= crate::engine::limits::HARD_RPE);
            if is_hard { (easy, hard + seconds) } else { (easy + seconds, hard) }
        })
    }

    /// Ground contacts.
    pub fn contacts(&self) -> u32 {
        let each = self.exercise.map_or(0, |exercise| u32::from(exercise.contacts_per_rep));
        self.working().map(|sets| u32::from(sets.n) * sets.reps.map_or(0, |[_, high]| u32::from(high)) * each).sum()
    }
}
