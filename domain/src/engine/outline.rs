//! A week of a plan in a few lines: what a session is about, why the plan fits its athlete, and where it falls short.
//!
//! Deliberately not here: every set of every exercise (`render`), and how wide a line may be (the reader's business).

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::Catalogue;
use super::plan::{Block, BlockKind, Item, Phase, Plan, Session, Sets};
use super::render::{name, sets_text};
use super::rule::Rule;

/// A session in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOutline {
    /// `Mon 30 Nov`.
    pub day: String,
    /// `upper`.
    pub focus: String,
    /// Minutes by the estimate of R22.
    pub minutes: u16,
    /// `warm-up · 2 × 6-10, 3 in reserve: Barbell row, Pull-up · 4 accessories, 8 sets · Brisk walk 15 min, easy · cool-down`.
    pub work: String,
}

/// The sessions of week `n`, counted from 1; none when the plan has no such week.
#[must_use]
pub fn week(plan: &Plan, n: u8, catalogue: &Catalogue) -> Vec<SessionOutline> {
    let week = plan.weeks.iter().find(|week| week.n == n);
    week.into_iter().flat_map(|week| &week.sessions).map(|session| outline(session, catalogue)).collect()
}

fn outline(session: &Session, catalogue: &Catalogue) -> SessionOutline {
    let (weekday, month) = (session.date.weekday().to_string(), session.date.month().to_string());
    let short = |text: &str| text.chars().take(3).collect::<String>();
    SessionOutline {
        day: format!("{} {} {}", short(&weekday), session.date.day(), short(&month)),
        focus: session.focus.as_str().replace('_', " "),
        minutes: session.est_min,
        work: parts(session, catalogue).join(" · "),
    }
}

fn parts(session: &Session, catalogue: &Catalogue) -> Vec<String> {
    let of = |kinds: &[BlockKind]| -> Vec<&Item> {
        let is_one = |block: &&Block| kinds.contains(&block.kind);
        session.blocks.iter().filter(is_one).flat_map(|block| &block.items).collect()
    };
    let mut parts = Vec::new();
    if !of(&[BlockKind::WarmUp]).is_empty() {
        parts.push("warm-up".to_owned());
    }
    parts.extend(by_sets(&of(&[BlockKind::Power, BlockKind::Main, BlockKind::Superset]), catalogue));
    parts.extend(accessories(&of(&[BlockKind::Accessory, BlockKind::AccessorySuperset])));
    parts.extend(of(&[BlockKind::Conditioning]).iter().map(|item| conditioning(item, catalogue)));
    if !of(&[BlockKind::CoolDown]).is_empty() {
        parts.push("cool-down".to_owned());
    }
    parts
}

/// The exercises that share their sets and effort, in one part each, in the order in which they come.
fn by_sets(items: &[&Item], catalogue: &Catalogue) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for item in items {
        let (sets, exercise) = (working_sets(item), name(&item.ex, catalogue));
        match groups.iter_mut().find(|(of, _)| *of == sets) {
            Some((_, exercises)) => exercises.push(exercise),
            None => groups.push((sets, vec![exercise])),
        }
    }
    groups.into_iter().map(|(sets, exercises)| format!("{sets}: {}", exercises.join(", "))).collect()
}

fn working(item: &Item) -> impl Iterator<Item = &Sets> {
    item.sets.iter().filter(|sets| !sets.ramp)
}

/// `2 × 6-10, 3 in reserve`: what to lift is in the whole plan, since a percentage is only where to begin.
fn working_sets(item: &Item) -> String {
    let without_load = |sets: &Sets| sets_text(&Sets { pct1rm: None, load_kg: None, ..sets.clone() });
    let sets: Vec<_> = working(item).map(without_load).collect();
    let reserve = working(item).find_map(|sets| sets.rir).map(|rir| format!(", {rir} in reserve"));
    sets.join(" + ") + &reserve.unwrap_or_default()
}

fn accessories(items: &[&Item]) -> Option<String> {
    let sets: u32 = items.iter().flat_map(|item| working(item)).map(|sets| u32::from(sets.n)).sum();
    (!items.is_empty()).then(|| format!("{}, {}", count(items.len(), "accessory", "accessories"), plural(sets, "set")))
}

/// `Brisk walk 15 min, easy`.
fn conditioning(item: &Item, catalogue: &Catalogue) -> String {
    let work: Vec<_> = working(item).map(|sets| sets_text(sets).trim_start_matches("1 × ").to_owned()).collect();
    let effort = working(item).find_map(|sets| sets.rpe).map(|rpe| if rpe >= 7 { ", hard" } else { ", easy" });
    format!("{} {}{}", name(&item.ex, catalogue), work.join(" + "), effort.unwrap_or_default())
}

/// Why the plan fits its athlete, a sentence each: from the reasons that its exercises carry.
#[must_use]
pub fn reasons(plan: &Plan) -> Vec<String> {
    let sessions: Vec<&Session> = plan.weeks.iter().flat_map(|week| &week.sessions).collect();
    let (Some(shortest), Some(longest)) =
        (sessions.iter().map(|session| session.est_min).min(), sessions.iter().map(|session| session.est_min).max())
    else {
        return Vec::new();
    };
    let days: BTreeSet<u8> = sessions.iter().map(|session| session.date.weekday().number_days_from_monday()).collect();
    let minutes = if shortest == longest { longest.to_string() } else { format!("{shortest} to {longest}") };
    let mut reasons = vec![format!("trains on {}, {minutes} minutes a session", days_text(&days))];
    let about = About::of(&sessions);
    reasons.extend(about.injuries());
    reasons.extend(about.list(Rule::R14, "every week covers"));
    reasons.extend(about.list(Rule::R3, "uses"));
    reasons.extend(phases(plan));
    reasons
}

/// What the plan falls short of, a sentence each.
#[must_use]
pub fn shortfalls(plan: &Plan) -> Vec<String> {
    let of = |tradeoff: &super::plan::Tradeoff| {
        format!("{} instead of {} ({}): {}", tradeoff.got, tradeoff.want, tradeoff.rule, tradeoff.why)
    };
    plan.tradeoffs.iter().map(of).collect()
}

/// What the reasons of a plan's exercises are about, by rule, with how many exercises name it.
struct About(BTreeMap<Rule, BTreeMap<String, BTreeSet<String>>>);

impl About {
    fn of(sessions: &[&Session]) -> Self {
        let mut by_rule: BTreeMap<Rule, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        let items = sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
        for (item, reason) in items.flat_map(|item| item.why.iter().map(move |reason| (item, reason))) {
            let Some(rule) = reason.rule().filter(|_| !reason.about().is_empty()) else { continue };
            let exercises = by_rule.entry(rule).or_default().entry(reason.about().replace('_', " ")).or_default();
            exercises.insert(item.ex.as_str().to_owned());
        }
        Self(by_rule)
    }

    fn list(&self, rule: Rule, intro: &str) -> Option<String> {
        let about = self.0.get(&rule)?;
        Some(format!("{intro} {}", about.keys().map(String::as_str).collect::<Vec<_>>().join(", ")))
    }

    fn injuries(&self) -> Vec<String> {
        let Some(about) = self.0.get(&Rule::R5) else { return Vec::new() };
        let sentence = |(part, exercises): (&String, &BTreeSet<String>)| {
            let exercises = exercises.len();
            match part.strip_prefix("care ") {
                Some(part) => format!(
                    "{part}: {} lighter, longer and farther from failure",
                    count(exercises, "exercise", "exercises")
                ),
                None => format!("{part}: {} for what would strain it", stand_in(exercises)),
            }
        };
        about.iter().map(sentence).collect()
    }
}

fn phases(plan: &Plan) -> Vec<String> {
    let weeks = |phase: Phase| -> Vec<String> {
        plan.weeks.iter().filter(|week| week.phase == phase).map(|week| week.n.to_string()).collect()
    };
    let sentence = |phase: Phase, what: &str| {
        let weeks = weeks(phase);
        let word = if weeks.len() == 1 { "week" } else { "weeks" };
        (!weeks.is_empty()).then(|| format!("{what} in {word} {}", weeks.join(", ")))
    };
    [sentence(Phase::Deload, "lighter, to recover,"), sentence(Phase::Taper, "tapers for the competition")]
        .into_iter()
        .flatten()
        .collect()
}

fn days_text(days: &BTreeSet<u8>) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    days.iter().filter_map(|day| DAYS.get(usize::from(*day)).copied()).collect::<Vec<_>>().join(", ")
}

fn stand_in(exercises: usize) -> String {
    if exercises == 1 { "1 exercise stands in".to_owned() } else { format!("{exercises} exercises stand in") }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn plural(n: u32, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
