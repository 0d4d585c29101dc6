//! Random lives with a plan: what is done, missed and felt, week after week, and what adaptation makes of it.

use time::{Date, Duration, Time};

use super::FuzzReport;
use crate::engine::adapt::{AdaptError, AdaptInput, Adaptation, adapt};
use crate::engine::amount::Amount;
use crate::engine::catalogue::Catalogue;
use crate::engine::plan::{Item, Plan, Session};
use crate::engine::profile::{BodyPart, Profile};
use crate::engine::request::PlanRequest;
use crate::engine::rule::Rule;
use crate::engine::rules::{Since, next_version};
use crate::engine::seed::{SplitMix64, mix3};
use crate::engine::workout::{ItemDone, Pain, PainReport, SetDone, TrainingLog, Workout};

/// How often a life asks for another version.
const ROUNDS: u64 = 4;

/// How somebody trains.
struct Habit {
    /// Sessions of a hundred that are done.
    diligence: u64,
    /// Sets of a hundred that reach the top.
    strength: u64,
    /// Sessions of a hundred with pain.
    soreness: u64,
}

/// Lives with a plan for some weeks and counts what adaptation makes of it.
pub fn live(
    case: u64,
    seed: u64,
    plan: &Plan,
    profile: &Profile,
    request: &PlanRequest,
    catalogue: &Catalogue,
    report: &mut FuzzReport,
) {
    let mut random = SplitMix64::new(mix3(seed, case, 0x11FE));
    let habit = Habit {
        diligence: random.pick(&[30, 75, 95]).unwrap_or(75),
        strength: random.pick(&[20, 60, 98]).unwrap_or(60),
        soreness: random.pick(&[0, 5, 25]).unwrap_or(5),
    };
    let (mut plan, mut log, mut today) = (plan.clone(), TrainingLog::default(), request.start);
    for _ in 0..ROUNDS {
        let until = today + Duration::days(i64::try_from(1 + random.below(12)).unwrap_or(1));
        train(&mut random, &habit, &plan, [today, until], &mut log);
        today = until;
        let input = AdaptInput::new(&plan, profile, &log, today);
        if &input.request != request && plan.weeks.iter().any(|week| !week.sessions.is_empty()) {
            broken(report, Rule::R25, case);
        }
        let made = adapt(&input, catalogue);
        if adapt(&input, catalogue) != made {
            broken(report, Rule::R25, case);
        }
        match made {
            Ok(Adaptation::Same(decisions)) => {
                report.unchanged += 1;
                decisions.iter().for_each(|decision| *report.decisions.entry(decision.action).or_default() += 1);
            }
            Ok(Adaptation::Next(next)) => {
                report.versions += 1;
                let since = Since { today, log: &log };
                for finding in next_version([&plan, &next], &since, profile, request, catalogue) {
                    if finding.hard {
                        broken(report, finding.rule, case);
                    }
                }
                if !next.validation.passed {
                    broken(report, Rule::R28, case);
                }
                let decisions = next.adapted.iter().flat_map(|adapted| &adapted.decisions);
                decisions.for_each(|decision| *report.decisions.entry(decision.action).or_default() += 1);
                plan = *next;
            }
            Err(AdaptError::ClearanceRequired { .. }) => {
                report.stopped += 1;
                return;
            }
            Err(AdaptError::Infeasible { rule, .. }) => {
                *report.stuck.entry(rule).or_default() += 1;
                return;
            }
        }
    }
}

fn broken(report: &mut FuzzReport, rule: Rule, case: u64) {
    *report.hard.entry(rule).or_default() += 1;
    report.first_broken.entry(rule).or_insert(case);
}

/// Logs the sessions from one day until before another.
fn train(random: &mut SplitMix64, habit: &Habit, plan: &Plan, [from, until]: [Date; 2], log: &mut TrainingLog) {
    for session in plan.weeks.iter().flat_map(|week| &week.sessions) {
        if session.date >= from && session.date < until && random.chance(habit.diligence) {
            log.log(workout(random, habit, session));
        }
    }
    if random.chance(habit.soreness) {
        log.report(PainReport { at: from.with_time(Time::MIDNIGHT).assume_utc(), pain: pain(random), note: None });
    }
}

fn workout(random: &mut SplitMix64, habit: &Habit, session: &Session) -> Workout {
    let items = session.blocks.iter().flat_map(|block| &block.items);
    let done: Vec<ItemDone> = items.filter_map(|item| done(random, habit, item)).collect();
    Workout {
        session_id: session.id.clone(),
        performed_at: session.date.with_time(Time::MIDNIGHT).assume_utc() + Duration::hours(18),
        items: done,
        session_rpe: random.chance(70).then(|| 4 + small(random, 7)),
        pain: if random.chance(habit.soreness) { pain(random) } else { Vec::new() },
        note: None,
    }
}

fn done(random: &mut SplitMix64, habit: &Habit, item: &Item) -> Option<ItemDone> {
    let loaded = random.chance(70);
    let mut sets = Vec::new();
    for planned in item.sets.iter().filter(|sets| !sets.ramp) {
        for _ in 0..planned.n {
            let strong = random.chance(habit.strength);
            let less = if strong { 0 } else { small(random, 6) };
            sets.push(SetDone {
                reps: planned.reps.map(|[_, high]| u16::from(high.saturating_sub(less))),
                seconds: planned.seconds.map(|seconds| seconds.saturating_sub(u16::from(less) * 5)),
                metres: planned.metres.map(|metres| u32::from(metres.saturating_sub(u16::from(less)))),
                load_kg: loaded.then(|| {
                    planned.load_kg.unwrap_or(Amount::from_milli(20_000 + 500 * u32::from(small(random, 200))))
                }),
                rir: planned.rir.map(|rir| if strong { rir } else { rir.saturating_sub(small(random, 4)) }),
                rpe: None,
            });
        }
    }
    (!sets.is_empty()).then(|| ItemDone { exercise: item.ex.clone(), sets })
}

fn pain(random: &mut SplitMix64) -> Vec<Pain> {
    let part = random.pick(BodyPart::ALL);
    part.map(|body_part| Pain { body_part, level: small(random, 9) }).into_iter().collect()
}

fn small(random: &mut SplitMix64, bound: u64) -> u8 {
    u8::try_from(random.below(bound)).unwrap_or(0)
}
