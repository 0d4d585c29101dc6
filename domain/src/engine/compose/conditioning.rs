//! Heart and lungs: easy bouts that grow by a tenth a week, and a few hard intervals for those who are ready.

use time::{Date, Duration};

use super::brief::Brief;
use super::phases::WeekPlan;
use crate::engine::catalogue::{Exercise, Impact, Pattern};
use crate::engine::limits::bout_min;
use crate::engine::minutes::{CHANGE_S, session_s};
use crate::engine::plan::{Block, BlockKind, Focus, Item, Phase, Progress, ProgressRule, Reason, Session, Sets};
use crate::engine::profile::{Proficiency, Purpose};
use crate::engine::rule::Rule;
use crate::engine::seed::mix3;

/// A shorter bout is not worth changing for.
const SHORTEST_S: u32 = 300;
/// Intervals: a minute hard, a minute easy.
const INTERVAL_S: u32 = 60;

/// The longest bouts so far, by date: the next one grows from them (R15).
#[derive(Debug, Default)]
pub struct Bouts(Vec<(Date, u32)>);

impl Bouts {
    /// The longest bout in the thirty days before a date.
    fn longest_before(&self, date: Date) -> Option<u32> {
        let recent = self.0.iter().filter(|(at, _)| *at < date && date - *at <= Duration::days(30));
        recent.map(|(_, seconds)| *seconds).max()
    }
}

/// Adds conditioning to a week's sessions, each within its room in minutes.
pub fn add(brief: &Brief<'_>, week: &WeekPlan, sessions: &mut [(Session, u16)], bouts: &mut Bouts) {
    let mut planned = easy_bouts(brief, week, sessions, bouts);
    let seconds: Vec<u32> = planned.iter().map(|bout| bout.map_or(0, |(_, seconds)| seconds)).collect();
    let hard =
        hard_session(brief, week, &seconds).map(|at| (at, rounds(&seconds, at))).filter(|(_, rounds)| *rounds > 0);
    for (n, (session, _)) in sessions.iter_mut().enumerate() {
        let mut items = Vec::new();
        let hard_rounds = hard.filter(|(at, _)| *at == n).map(|(_, rounds)| rounds);
        if let (Some(rounds), Some((_, seconds))) = (hard_rounds, &mut planned[n]) {
            *seconds -= rounds * 2 * INTERVAL_S + CHANGE_S;
        }
        if let Some((exercise, seconds)) = planned[n] {
            bouts.0.push((session.date, seconds));
            items.push(easy_item(brief, exercise, seconds));
        }
        if let (Some(rounds), Some(exercise)) = (hard_rounds, intervals(brief, turn(week, n))) {
            items.push(interval_item(exercise, rounds));
        }
        if !items.is_empty() {
            let before_cool_down = session.blocks.iter().position(|block| block.kind == BlockKind::CoolDown);
            let place = before_cool_down.unwrap_or(session.blocks.len());
            session.blocks.insert(place, Block { kind: BlockKind::Conditioning, items });
        }
    }
}

/// Sessions take turns, and so do the weeks.
fn turn(week: &WeekPlan, session: usize) -> u64 {
    u64::from(week.index) % 2 + session as u64 * 7
}

/// The easy bout of every session, in seconds: none longer than the week allows, and none a tenth longer than the
/// longest of its last thirty days.
fn easy_bouts<'a>(
    brief: &Brief<'a>,
    week: &WeekPlan,
    sessions: &[(Session, u16)],
    bouts: &Bouts,
) -> Vec<Option<(&'a Exercise, u32)>> {
    let Some((first, _)) = sessions.first() else { return Vec::new() };
    let allowed = bout_s(brief, week, bouts.longest_before(first.date));
    let mut known = Bouts(bouts.0.clone());
    let mut planned = Vec::with_capacity(sessions.len());
    for (n, (session, room_min)) in sessions.iter().enumerate() {
        let tenth_more = known.longest_before(session.date).map(|longest| longest * 110 / 100);
        // Where the plan begins it cannot know what the athlete does already.
        let tenth_more = tenth_more.filter(|_| week.index > 0 && brief.heeds(Rule::R15));
        let most = seconds_for(brief, session, *room_min, allowed.min(tenth_more.unwrap_or(allowed)));
        let bout =
            easy(brief, most, turn(week, n)).map(|exercise| (exercise, most.min(u32::from(exercise.longest_min) * 60)));
        let bout = bout.filter(|(_, seconds)| *seconds >= SHORTEST_S);
        known.0.extend(bout.map(|(_, seconds)| (session.date, seconds)));
        planned.push(bout);
    }
    planned
}

/// Seconds of this week's longest bout.
fn bout_s(brief: &Brief<'_>, week: &WeekPlan, longest: Option<u32>) -> u32 {
    let (first, most) = bout_min(brief.profile);
    let seconds = match longest {
        _ if !brief.heeds(Rule::R15) => {
            if week.run == 0 {
                first * 60
            } else {
                most * 60
            }
        }
        Some(longest) if week.is_loading() => (longest * 110 / 100).min(most * 60),
        Some(longest) => longest * 60 / 100,
        None if week.is_loading() => first * 60,
        None => first * 36,
    };
    seconds / 30 * 30
}

fn seconds_for(brief: &Brief<'_>, session: &Session, room_min: u16, allowed: u32) -> u32 {
    let most = match (session.focus, brief.profile.purpose) {
        (Focus::Recovery, _) => 20 * 60,
        (Focus::Conditioning, _) => allowed,
        (_, Purpose::MuscleBuilding) => 15 * 60,
        (_, Purpose::SportPerformance | Purpose::Rehabilitation) => 20 * 60,
        _ => allowed,
    };
    let left = (u32::from(room_min) * 60).saturating_sub(session_s(session) + CHANGE_S);
    let seconds = left.min(most).min(allowed) / 30 * 30;
    if seconds < SHORTEST_S { 0 } else { seconds }
}

/// The session with intervals, if the week has one: the longest bout, once the athlete has had an easy week.
fn hard_session(brief: &Brief<'_>, week: &WeekPlan, planned: &[u32]) -> Option<usize> {
    let ready = brief.profile.proficiency != Proficiency::Beginner && !brief.youth && !brief.gentle;
    let wants = !matches!(brief.profile.purpose, Purpose::MuscleBuilding | Purpose::Rehabilitation);
    if !(ready && wants && week.is_loading() && week.run > 0 && week.phase != Phase::Maintenance) {
        return None;
    }
    (0..planned.len()).max_by_key(|n| (planned[*n], std::cmp::Reverse(*n)))
}

/// Rounds that keep three quarters of the week's time easy (R19).
fn rounds(planned: &[u32], at: usize) -> u32 {
    let total: u32 = planned.iter().sum();
    let spare = planned[at].saturating_sub(SHORTEST_S + CHANGE_S);
    (3..=10u32)
        .rev()
        .find(|rounds| {
            let cost = rounds * 2 * INTERVAL_S;
            cost <= spare && rounds * INTERVAL_S * 3 <= total - cost - CHANGE_S
        })
        .unwrap_or(0)
}

fn easy<'a>(brief: &Brief<'a>, seconds: u32, turn: u64) -> Option<&'a Exercise> {
    let open = brief.eligible(Pattern::Conditioning).iter();
    open.filter(|exercise| exercise.level == Proficiency::Beginner)
        .max_by_key(|exercise| {
            let long_enough = u32::from(exercise.longest_min) * 60 >= seconds;
            let sore = brief.is_sore(exercise);
            (
                long_enough,
                u32::from(exercise.longest_min).min(30),
                !sore,
                runs(brief, exercise),
                mix3(brief.seed, turn, exercise_number(exercise)),
            )
        })
        .copied()
}

fn intervals<'a>(brief: &Brief<'a>, turn: u64) -> Option<&'a Exercise> {
    let open = brief.eligible(Pattern::Conditioning).iter().filter(|exercise| exercise.intervals);
    open.max_by_key(|exercise| {
        (
            !brief.is_sore(exercise),
            exercise.longest_min >= 12,
            runs(brief, exercise),
            mix3(brief.seed, turn, exercise_number(exercise)),
        )
    })
    .copied()
}

/// Sports are run, mostly: who may land trains on the feet.
fn runs(brief: &Brief<'_>, exercise: &Exercise) -> bool {
    brief.profile.purpose == Purpose::SportPerformance && exercise.impact == Impact::Low
}

fn exercise_number(exercise: &Exercise) -> u64 {
    exercise.id.as_str().bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn easy_item(brief: &Brief<'_>, exercise: &Exercise, seconds: u32) -> Item {
    let rpe = match (brief.heeds(Rule::R19), brief.gentle) {
        (false, _) => 8,
        (true, true) => 3,
        (true, false) => 4,
    };
    Item {
        ex: exercise.id.clone(),
        sets: vec![Sets { n: 1, seconds: u16::try_from(seconds).ok(), rpe: Some(rpe), ..Sets::default() }],
        progress: Some(Progress { rule: ProgressRule::AddSeconds, step_pct: 10 }),
        alts: Vec::new(),
        why: vec![Reason::new(Rule::R21, "easy")],
    }
}

fn interval_item(exercise: &Exercise, rounds: u32) -> Item {
    let sets = Sets {
        n: u8::try_from(rounds).unwrap_or(u8::MAX),
        seconds: u16::try_from(INTERVAL_S).ok(),
        rpe: Some(8),
        rest_s: u16::try_from(INTERVAL_S).unwrap_or(0),
        ..Sets::default()
    };
    Item {
        ex: exercise.id.clone(),
        sets: vec![sets],
        progress: Some(Progress { rule: ProgressRule::Hold, step_pct: 0 }),
        alts: Vec::new(),
        why: vec![Reason::new(Rule::R19, "hard")],
    }
}
