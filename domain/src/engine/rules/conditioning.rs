//! Heart and lungs: how much, how hard, and how fast it grows.

use super::Findings;
use super::view::{ItemView, View, WeekView};
use crate::engine::limits::{aerobic_min, most_hard_conditioning};

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

pub fn r21_aerobic_minutes(view: &View<'_>, found: &mut Findings<'_>) {
    let want = aerobic_min(view.profile.purpose);
    let best = view.weeks.iter().map(week_s).map(|(easy, hard)| (easy + 2 * hard) / 60).max().unwrap_or(0);
    if best < want {
        found.add("", format!("{want} aerobic minutes a week"), format!("{best}"));
    }
}
