//! Heart and lungs: easy bouts that grow by a tenth a week, and a few hard intervals for those who are ready.

use std::cmp::Reverse;

use time::{Date, Duration};

use super::brief::Brief;
use super::phases::WeekPlan;
use crate::engine::catalogue::{Exercise, Impact, Pattern};
use crate::engine::event::{self, event};
use crate::engine::limits::{BOUT_MEMORY_WEEKS, bout_min};
use crate::engine::minutes::CHANGE_S;
use crate::engine::plan::{Block, BlockKind, Focus, Item, Phase, Progress, ProgressRule, Reason, Session, Sets};
use crate::engine::profile::{Proficiency, Purpose};
use crate::engine::rule::Rule;
use crate::engine::seed::mix3;

/// A shorter bout is not worth changing for.
pub(super) const SHORTEST_S: u32 = 300;
/// Percent of the longest bout that lighter weeks have.
pub(super) const LIGHT_BOUT_PCT: u32 = 60;
/// Intervals: a minute hard, a minute easy.
const INTERVAL_S: u32 = 60;
/// More rounds are another kind of session.
const MOST_ROUNDS: u32 = 10;

/// What the bouts so far leave to the next ones.
#[derive(Debug, Default)]
pub struct Bouts {
    /// By date: the next one grows from the longest (R15).
    done: Vec<(Date, u32)>,
    /// The last loading week: the next one does not fall below it (R29).
    loaded: Option<Loaded>,
}

/// The conditioning of a loading week, in seconds.
#[derive(Debug, Clone, Copy)]
struct Loaded {
    week: u8,
    longest: u32,
    easy: u32,
    hard: u32,
}

impl Loaded {
    /// Whether a week has no fewer minutes than this one, whether a hard minute counts once or twice.
    const fn is_kept_by(self, easy: u32, hard: u32) -> bool {
        easy + hard >= self.easy + self.hard && easy + 2 * hard >= self.easy + 2 * self.hard
    }
}

impl Bouts {
    /// The longest bout in the thirty days before a date.
    fn longest_before(&self, date: Date) -> Option<u32> {
        let recent = self.done.iter().filter(|(at, _)| *at < date && date - *at <= Duration::days(30));
        recent.map(|(_, seconds)| *seconds).max()
    }

    /// The last loading week, as long as a bout remembers it.
    fn loaded_before(&self, week: &WeekPlan) -> Option<Loaded> {
        self.loaded.filter(|loaded| usize::from(week.index - loaded.week) <= BOUT_MEMORY_WEEKS)
    }
}

/// A session that conditioning may be added to, and the seconds that are left in it.
pub struct Open<'s> {
    pub session: &'s mut Session,
    /// What the day is for in every week; a session without strength only loosens up, and its day stays what it is.
    pub focus: Focus,
    pub room_s: u32,
}

/// An easy bout.
type Bout<'a> = (&'a Exercise, u32);

/// Intervals in one session: they take what room is left, and the rest from its easy bout.
#[derive(Debug, Clone, Copy)]
struct Hard<'a> {
    session: usize,
    exercise: &'a Exercise,
    rounds: u32,
    /// What is left of the session's easy bout.
    easy_s: u32,
}

/// Adds conditioning to a week's sessions, each within its room.
pub fn add(brief: &Brief<'_>, week: &WeekPlan, sessions: &mut [Open<'_>], bouts: &mut Bouts) {
    let mut planned = easy_bouts(brief, week, sessions, bouts);
    let hard = hard_work(brief, week, sessions, &planned, bouts);
    if let Some(hard) = hard
        && let Some((_, seconds)) = &mut planned[hard.session]
    {
        *seconds = hard.easy_s;
        hold_tenth(brief, week, sessions, &mut planned, bouts);
    }
    if week.is_loading() {
        let (easy, hard) = (total(&planned), hard.map_or(0, |hard| hard.rounds * INTERVAL_S));
        let longest = planned.iter().flatten().map(|(_, seconds)| *seconds).max().unwrap_or(0);
        bouts.loaded = Some(Loaded { week: week.index, longest, easy, hard });
    }
    for (n, open) in sessions.iter_mut().enumerate() {
        let mut items = Vec::new();
        if let Some((exercise, seconds)) = planned[n] {
            bouts.done.push((open.session.date, seconds));
            items.push(easy_item(brief, exercise, seconds));
        }
        if let Some(hard) = hard.filter(|hard| hard.session == n) {
            items.push(interval_item(hard.exercise, hard.rounds));
        }
        if !items.is_empty() {
            let blocks = &mut open.session.blocks;
            let before_cool_down = blocks.iter().position(|block| block.kind == BlockKind::CoolDown);
            blocks.insert(before_cool_down.unwrap_or(blocks.len()), Block { kind: BlockKind::Conditioning, items });
        }
    }
}

fn total(planned: &[Option<Bout<'_>>]) -> u32 {
    planned.iter().flatten().map(|(_, seconds)| seconds).sum()
}

/// Intervals have taken from an easy bout: what comes behind it in the week was measured by it, and may be a tenth longer than
/// what is left.
fn hold_tenth(
    brief: &Brief<'_>,
    week: &WeekPlan,
    sessions: &[Open<'_>],
    planned: &mut [Option<Bout<'_>>],
    bouts: &Bouts,
) {
    if week.index == 0 || !brief.heeds(Rule::R15) {
        return;
    }
    let mut known = Bouts { done: bouts.done.clone(), loaded: None };
    for (open, bout) in sessions.iter().zip(planned) {
        let Some((_, seconds)) = bout else { continue };
        if let Some(longest) = known.longest_before(open.session.date) {
            *seconds = (*seconds).min(longest * 110 / 100 / 30 * 30);
        }
        known.done.push((open.session.date, *seconds));
    }
}

/// Sessions take turns, and so do the weeks.
const fn turn(week: usize, session: usize) -> u64 {
    week as u64 % 2 + session as u64 * 7
}

/// The easy bout of every session: none longer than the week allows, and none a tenth longer than the longest of its last
/// thirty days. Somebody who trains for an endurance event has one long bout a week, and the others are shorter.
fn easy_bouts<'a>(brief: &Brief<'a>, week: &WeekPlan, sessions: &[Open<'_>], bouts: &Bouts) -> Vec<Option<Bout<'a>>> {
    let Some(first) = sessions.first() else { return Vec::new() };
    let allowed = bout_s(brief, week, bouts.longest_before(first.session.date));
    let long_day = event(brief.profile).and_then(|_| long_day(sessions));
    let long_day = long_day.map(|day| {
        // What earlier bouts allow on its own day counts: after a long break the others must not be measured by an older one.
        let remembered = bouts.longest_before(sessions[day].session.date).filter(|_| week.index > 0);
        let most = allowed.min(remembered.map_or(allowed, |longest| longest * 110 / 100));
        (day, capped(brief, seconds_for(brief, &sessions[day], most), turn(week.index.into(), day)))
    });
    // Where nothing is remembered any more on its day, a shorter bout before it in the week would hold the long one down, and
    // that one the shorter bouts of the next week.
    let begins_anew = |(day, _): (usize, u32)| bouts.longest_before(sessions[day].session.date).is_none();
    let waits_until = long_day.filter(|long| week.index > 0 && begins_anew(*long)).map(|(day, _)| day);
    let mut known = Bouts { done: bouts.done.clone(), loaded: None };
    let mut planned = Vec::with_capacity(sessions.len());
    for (n, open) in sessions.iter().enumerate() {
        if waits_until.is_some_and(|day| n < day) {
            planned.push(None);
            continue;
        }
        let tenth_more = known.longest_before(open.session.date).map(|longest| longest * 110 / 100);
        // Where the plan begins it cannot know what the athlete does already.
        let tenth_more = tenth_more.filter(|_| week.index > 0 && brief.heeds(Rule::R15));
        let shorter = long_day.filter(|(day, _)| *day != n).map_or(allowed, |(_, long)| allowed.min(long * 2 / 3));
        let most = seconds_for(brief, open, shorter.min(tenth_more.unwrap_or(shorter)));
        let bout = easy(brief, most, turn(week.index.into(), n))
            .map(|exercise| (exercise, most.min(u32::from(exercise.longest_min) * 60)));
        let bout = bout.filter(|(_, seconds)| *seconds >= SHORTEST_S);
        known.done.extend(bout.map(|(_, seconds)| (open.session.date, seconds)));
        planned.push(bout);
    }
    planned
}

/// Seconds that the exercise of a bout allows.
fn capped(brief: &Brief<'_>, seconds: u32, turn: u64) -> u32 {
    easy(brief, seconds, turn).map_or(0, |exercise| seconds.min(u32::from(exercise.longest_min) * 60))
}

/// The session of the week's long bout: the roomiest of the easy days, the last of equals.
fn long_day(sessions: &[Open<'_>]) -> Option<usize> {
    let easy = |n: &usize| sessions[*n].focus == Focus::Conditioning;
    (0..sessions.len()).filter(easy).max_by_key(|n| sessions[*n].room_s)
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
        Some(longest) => longest * LIGHT_BOUT_PCT / 100,
        None if week.is_loading() => first * 60,
        None => first * 60 * LIGHT_BOUT_PCT / 100,
    };
    seconds / 30 * 30
}

fn seconds_for(brief: &Brief<'_>, open: &Open<'_>, allowed: u32) -> u32 {
    let most = match (open.focus, brief.profile.purpose) {
        (Focus::Recovery, _) => 20 * 60,
        (Focus::Conditioning, _) => allowed,
        (_, Purpose::MuscleBuilding) => 15 * 60,
        (_, Purpose::SportPerformance | Purpose::Rehabilitation) => 20 * 60,
        _ => allowed,
    };
    let left = open.room_s.saturating_sub(CHANGE_S);
    let seconds = left.min(most).min(allowed) / 30 * 30;
    if seconds < SHORTEST_S { 0 } else { seconds }
}

/// The week's intervals, if it has any: as many rounds as fit beside a bout that grows, once the athlete has had an easy
/// week. With them the week has no fewer minutes than the loading week before, and no shorter longest bout (R29). Where room
/// grows scarce the rounds become fewer, and the bout grows more slowly.
fn hard_work<'a>(
    brief: &Brief<'a>,
    week: &WeekPlan,
    sessions: &[Open<'_>],
    planned: &[Option<Bout<'a>>],
    bouts: &Bouts,
) -> Option<Hard<'a>> {
    let ready = brief.profile.proficiency != Proficiency::Beginner && !brief.youth && !brief.gentle;
    let wants = !matches!(brief.profile.purpose, Purpose::MuscleBuilding | Purpose::Rehabilitation);
    if !(ready && wants && week.is_loading() && week.phase != Phase::Maintenance) {
        return None;
    }
    let before = bouts.loaded_before(week)?;
    let mut order: Vec<usize> = (0..planned.len()).filter(|n| planned[*n].is_some()).collect();
    // Easy days first: strength days are hard already.
    order.sort_by_key(|n| (sessions[*n].focus != Focus::Conditioning, Reverse(planned[*n].map(|(_, s)| s)), *n));
    let of_rounds = |rounds: u32, longest: u32| {
        let fitting =
            order.iter().filter_map(|n| place_rounds(brief, [week.index.into(), *n], sessions, planned, rounds));
        let mut held = fitting.filter(|(hard, now)| {
            let kept = now.longest >= longest && before.is_kept_by(now.easy, now.hard);
            now.hard * 3 <= now.easy && hard.easy_s >= SHORTEST_S && (kept || !brief.heeds(Rule::R29))
        });
        held.next().map(|(hard, _)| hard)
    };
    let grown = planned.iter().flatten().map(|(_, seconds)| *seconds).max()?;
    let beside = (3..=MOST_ROUNDS).rev().find_map(|rounds| of_rounds(rounds, grown));
    if beside.is_some() || before.is_kept_by(total(planned), 0) {
        return beside;
    }
    (3..=MOST_ROUNDS).find_map(|rounds| of_rounds(rounds, before.longest))
}

/// So many rounds in a session, and what the week then has.
fn place_rounds<'a>(
    brief: &Brief<'a>,
    [week, session]: [usize; 2],
    sessions: &[Open<'_>],
    planned: &[Option<Bout<'a>>],
    rounds: u32,
) -> Option<(Hard<'a>, Loaded)> {
    let exercise = intervals(brief, turn(week, session))?;
    let (_, easy_s) = planned[session]?;
    let left = sessions[session].room_s.saturating_sub(rounds * 2 * INTERVAL_S + 2 * CHANGE_S) / 30 * 30;
    let easy_s = easy_s.min(left);
    let others = || planned.iter().enumerate().filter(|(other, _)| *other != session).filter_map(|(_, bout)| *bout);
    let now = Loaded {
        week: u8::try_from(week).unwrap_or(u8::MAX),
        longest: others().map(|(_, seconds)| seconds).max().unwrap_or(0).max(easy_s),
        easy: others().map(|(_, seconds)| seconds).sum::<u32>() + easy_s,
        hard: rounds * INTERVAL_S,
    };
    Some((Hard { session, exercise, rounds, easy_s }, now))
}

/// The exercise of an easy bout: a run before a race that is run, whatever lets it be as long as it may, then what is not sore,
/// and what runs where a sport is run; the seed decides between equals.
fn easy<'a>(brief: &Brief<'a>, seconds: u32, turn: u64) -> Option<&'a Exercise> {
    let open = brief.eligible(Pattern::Conditioning).iter();
    open.filter(|exercise| exercise.level == Proficiency::Beginner)
        .max_by_key(|exercise| {
            let longest = u32::from(exercise.longest_min);
            (
                event::is_run(brief.profile) && exercise.is_run(),
                (longest * 60).min(seconds),
                longest.min(30),
                !brief.is_sore(exercise),
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
    brief.profile.purpose == Purpose::SportPerformance && exercise.impact == Impact::Moderate
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
