//! Heart and lungs: how much, how hard, and how fast it grows.

use super::Findings;
use super::view::{ItemView, View, WeekView};
use crate::engine::catalogue::Exercise;
use crate::engine::event::{is_run, named_event};
use crate::engine::limits::{BOUT_KEPT_PCT, BOUT_MEMORY_WEEKS, aerobic_min, event_bout_min, most_hard_conditioning};
use crate::engine::rule::Rule;
use crate::engine::strains::may_run;

/// A bout may be a tenth longer than the longest of so many days.
const BOUT_MEMORY_DAYS: i64 = 30;

/// Seconds of easy and hard conditioning of a week.
pub fn week_s(week: &WeekView<'_>) -> (u32, u32) {
    let items = week.sessions.iter().flat_map(|session| &session.items);
    items.map(ItemView::aerobic_s).fold((0, 0), |(e, h), (easy, hard)| (e + easy, h + hard))
}

pub fn r15_gentle_bouts(view: &View<'_>, found: &mut Findings<'_>) {
    let bouts: Vec<_> = view
        .sessions()
        .flat_map(|session| {
            let aerobic = session.items.iter().filter(|item| item.aerobic_s() != (0, 0));
            aerobic.flat_map(move |item| {
                item.working().map(move |sets| (session, item, sets.seconds.map_or(0, u32::from)))
            })
        })
        .collect();
    for (session, item, seconds) in &bouts {
        let date = session.session.date;
        let recent = bouts.iter().filter(|(other, ..)| {
            other.session.date < date && (date - other.session.date).whole_days() <= BOUT_MEMORY_DAYS
        });
        let Some(longest) = recent.map(|(_, _, seconds)| *seconds).max() else { continue };
        // The first sessions of a plan start from what the athlete does anyway, which the plan cannot know.
        let first_week = view.sessions().next().is_some_and(|first| first.week_at == session.week_at);
        if *seconds * 100 > longest * 110 && !first_week {
            found.add(item.place(), format!("at most {} s", longest * 110 / 100), format!("{seconds} s"));
        }
    }
}

pub fn r19_mostly_easy(view: &View<'_>, found: &mut Findings<'_>) {
    let most = most_hard_conditioning(view.profile.proficiency);
    for week in &view.weeks {
        let sessions = week.sessions.iter().filter(|session| session.has_hard_conditioning()).count();
        if sessions > most {
            found.add(week.place(), format!("at most {most} hard sessions"), sessions.to_string());
        }
        let (easy, hard) = week_s(week);
        if hard * 3 > easy {
            found.add(week.place(), "three quarters easy", format!("{} min easy, {} min hard", easy / 60, hard / 60));
        }
    }
}

/// Whether a bout counts as the longest.
type Counts = fn(&ItemView<'_>) -> bool;

/// Which bouts count as the longest: all, or for who trains for a run and may run the runs alone, and what has stood in for
/// one since it hurt: it stays when the pain is gone.
fn counted(view: &View<'_>) -> Counts {
    let runs: Counts = |item| {
        let stands_in = || item.item.why.iter().any(|why| why.rule() == Some(Rule::R5));
        item.exercise.is_some_and(Exercise::is_run) || stands_in()
    };
    if is_run(view.profile) && may_run(view.profile) { runs } else { |_| true }
}

/// Seconds of a week's longest bout that counts, hard or easy, and of all its conditioning.
fn bouts_s(week: &WeekView<'_>, counted: Counts) -> (u32, u32) {
    let aerobic = week.sessions.iter().flat_map(|session| &session.items).filter(|item| item.aerobic_s() != (0, 0));
    let aerobic = aerobic.filter(|item| counted(item));
    let longest = aerobic.flat_map(ItemView::working).map(|sets| sets.seconds.map_or(0, u32::from)).max();
    let (easy, hard) = week_s(week);
    (longest.unwrap_or(0), easy + hard)
}

/// The loading week that another one must not fall below: the last one, unless it is so long ago that bouts begin anew.
pub fn loaded_before<'v, 'a>(view: &'v View<'a>, week: &WeekView<'_>) -> Option<&'v WeekView<'a>> {
    view.loading_before(week.at).filter(|before| week.at - before.at <= BOUT_MEMORY_WEEKS)
}

pub fn r29_bouts_hold(view: &View<'_>, found: &mut Findings<'_>) {
    let counted = counted(view);
    for week in view.weeks.iter().filter(|week| week.is_loading()) {
        let Some(before) = loaded_before(view, week) else { continue };
        let ((longest, all), (was_longest, was_all)) = (bouts_s(week, counted), bouts_s(before, counted));
        for (what, now, was) in [("longest bout", longest, was_longest), ("aerobic time", all, was_all)] {
            if now * 100 < was * BOUT_KEPT_PCT {
                let least = (was * BOUT_KEPT_PCT).div_ceil(100);
                found.add(
                    week.place(),
                    format!("{least} s of {what} after week {}", before.at + 1),
                    format!("{now} s"),
                );
            }
        }
    }
}

pub fn r29b_event_bout(view: &View<'_>, found: &mut Findings<'_>) {
    let Some(event) = named_event(view.profile) else { return };
    let (want, counted) = (event_bout_min(event), counted(view));
    let best = view.weeks.iter().map(|week| bouts_s(week, counted).0 / 60).max().unwrap_or(0);
    if best < want {
        found.add("", format!("a longest bout of {want} min before the event"), format!("{best} min"));
    }
}

pub fn r21_aerobic_minutes(view: &View<'_>, found: &mut Findings<'_>) {
    let want = aerobic_min(view.profile.purpose);
    let best = view.weeks.iter().map(week_s).map(|(easy, hard)| (easy + 2 * hard) / 60).max().unwrap_or(0);
    if best < want {
        found.add("", format!("{want} aerobic minutes a week"), format!("{best}"));
    }
}
