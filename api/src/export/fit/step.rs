//! The steps of a workout: sets, rests, and repeats of both.

use ally_domain::engine::Catalogue;
use ally_domain::engine::plan::{Block, BlockKind, Item, Session, Sets};
use ally_domain::engine::render::{effort_text, name, sets_text};
use rustyfit::profile::mesgdef::WorkoutStep;
use rustyfit::profile::typedef::{Intensity, MessageIndex, WktStepDuration, WktStepTarget};

use super::category;
use super::shortened;

/// Effort from which an interval is one.
const HARD_RPE: u8 = 7;

/// The steps of a session, in order.
pub(super) fn of_session(session: &Session, catalogue: &Catalogue) -> Vec<WorkoutStep> {
    let mut steps = Steps { steps: Vec::new(), catalogue };
    for block in &session.blocks {
        match block.kind {
            BlockKind::Superset | BlockKind::AccessorySuperset => steps.alternating(block),
            _ => block.items.iter().for_each(|item| steps.straight(block.kind, item)),
        }
    }
    steps.steps
}

struct Steps<'a> {
    steps: Vec<WorkoutStep>,
    catalogue: &'a Catalogue,
}

impl Steps<'_> {
    /// One exercise's sets, one run after the other.
    fn straight(&mut self, kind: BlockKind, item: &Item) {
        for sets in &item.sets {
            let first = self.steps.len();
            self.set(kind, item, sets);
            self.rest(sets.rest_s);
            self.repeat(first, sets.n);
        }
    }

    /// Exercises in turn: a set of each, then the longest rest of the round.
    fn alternating(&mut self, block: &Block) {
        let runs: Vec<_> = block.items.iter().map(|item| (item, expanded(item))).collect();
        let rounds = runs.iter().map(|(_, sets)| sets.len()).max().unwrap_or(0);
        let mut round = 0;
        while round < rounds {
            let now: Vec<_> = runs.iter().filter_map(|(item, sets)| Some((*item, *sets.get(round)?))).collect();
            let same = |other: usize| runs.iter().all(|(_, sets)| sets.get(other) == sets.get(round));
            let alike = (round..rounds).take_while(|other| same(*other)).count();
            let first = self.steps.len();
            now.iter().for_each(|(item, sets)| self.set(block.kind, item, sets));
            self.rest(now.iter().map(|(_, sets)| sets.rest_s).max().unwrap_or(0));
            self.repeat(first, u8::try_from(alike).unwrap_or(u8::MAX));
            round += alike.max(1);
        }
    }

    fn set(&mut self, kind: BlockKind, item: &Item, sets: &Sets) {
        let (duration_type, duration_value) = match (sets.reps, sets.seconds, sets.metres) {
            (Some([_, high]), ..) => (WktStepDuration::REPS, u32::from(high)),
            (_, Some(seconds), _) => (WktStepDuration::TIME, u32::from(seconds) * 1_000),
            (_, _, Some(metres)) => (WktStepDuration::DISTANCE, u32::from(metres) * 100),
            _ => (WktStepDuration::OPEN, 0),
        };
        let exercise = self.catalogue.get(&item.ex);
        let category = exercise.map(category::of);
        // A step is one set: how often it is done, the repeat says.
        let mut notes = vec![sets_text(&Sets { n: 1, ..sets.clone() }).replace("1 × ", "")];
        if exercise.is_some_and(|exercise| exercise.unilateral) {
            notes.push("each side".to_owned());
        }
        match effort_text(sets) {
            effort if effort.is_empty() => {}
            effort if sets.rir.is_some() => notes.push(format!("{effort} in reserve")),
            effort => notes.push(effort),
        }
        self.push(WorkoutStep {
            wkt_step_name: shortened(&name(&item.ex, self.catalogue)),
            duration_type,
            duration_value,
            intensity: intensity(kind, sets),
            notes: shortened(&notes.join(", ")),
            exercise_category: category.unwrap_or(rustyfit::profile::typedef::ExerciseCategory::UNKNOWN),
            exercise_name: category.and_then(|category| category::name_in(category, &item.ex)).unwrap_or(u16::MAX),
            ..WorkoutStep::new()
        });
    }

    fn rest(&mut self, seconds: u16) {
        if seconds > 0 {
            self.push(WorkoutStep {
                wkt_step_name: "Rest".into(),
                duration_type: WktStepDuration::TIME,
                duration_value: u32::from(seconds) * 1_000,
                intensity: Intensity::REST,
                ..WorkoutStep::new()
            });
        }
    }

    /// Goes back to a step until it was done so often in all.
    fn repeat(&mut self, first: usize, times: u8) {
        if times > 1 {
            let message_index = self.next();
            self.steps.push(WorkoutStep {
                message_index,
                duration_type: WktStepDuration::REPEAT_UNTIL_STEPS_CMPLT,
                duration_value: u32::try_from(first).unwrap_or(u32::MAX),
                target_value: u32::from(times),
                ..WorkoutStep::new()
            });
        }
    }

    fn push(&mut self, step: WorkoutStep) {
        let message_index = self.next();
        self.steps.push(WorkoutStep { message_index, target_type: WktStepTarget::OPEN, target_value: 0, ..step });
    }

    fn next(&self) -> MessageIndex {
        MessageIndex(u16::try_from(self.steps.len()).unwrap_or(u16::MAX))
    }
}

/// Every single set of an item.
fn expanded(item: &Item) -> Vec<&Sets> {
    item.sets.iter().flat_map(|sets| std::iter::repeat_n(sets, sets.n.into())).collect()
}

fn intensity(kind: BlockKind, sets: &Sets) -> Intensity {
    match kind {
        BlockKind::WarmUp => Intensity::WARMUP,
        BlockKind::CoolDown => Intensity::COOLDOWN,
        _ if sets.ramp => Intensity::WARMUP,
        _ if sets.rpe.is_some_and(|rpe| rpe >= HARD_RPE) => Intensity::INTERVAL,
        _ => Intensity::ACTIVE,
    }
}
