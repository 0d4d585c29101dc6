//! The room that a weekday leaves for training: availability minus fixed schedules.

use time::Time;

use super::profile::{Availability, Day, FixedSchedule, Profile};

/// Nobody is sent to train before or after these hours.
const OPENS_MIN: u16 = 6 * 60;
const CLOSES_MIN: u16 = 22 * 60;
/// A gap shorter than this is no room.
pub const MIN_SESSION_MIN: u16 = 15;

/// Minutes for a session on that day, at most what the athlete wants to spend; `None` when the day is not free.
/// Of several gaps between fixed schedules the longest counts: a session is not split.
#[must_use]
pub fn room_min(profile: &Profile, day: Day) -> Option<u16> {
    let available = match &profile.availability_days {
        Availability::Count(_) => true,
        Availability::Days(days) => days.contains(&day),
    };
    let room = longest_gap_min(&profile.fixed_schedules, day).min(profile.minutes_per_session);
    (available && room >= MIN_SESSION_MIN).then_some(room)
}

/// The longest stretch of a day without a fixed schedule, in minutes, between 06:00 and 22:00.
#[must_use]
pub fn longest_gap_min(schedules: &[FixedSchedule], day: Day) -> u16 {
    let gaps = gaps(schedules, day, OPENS_MIN, CLOSES_MIN).into_iter();
    gaps.map(|(from, to)| to - from).max().unwrap_or(0)
}

/// The time nearest to the wished one at which a session of so many minutes hits no fixed schedule of its day, between
/// 06:00 and 22:00 or wider where the wish itself is; the earlier of two as near. The wished time when no gap is long enough.
#[must_use]
pub fn start_time(schedules: &[FixedSchedule], day: Day, minutes: u16, wished: Time) -> Time {
    let wish = minute(wished);
    let (opens, closes) = (OPENS_MIN.min(wish), CLOSES_MIN.max(wish.saturating_add(minutes)));
    let fitting = gaps(schedules, day, opens, closes).into_iter().filter(|(from, to)| to - from >= minutes);
    let nearest = fitting.map(|(from, to)| wish.clamp(from, to - minutes)).min_by_key(|start| start.abs_diff(wish));
    let at = |start: u16| Time::from_hms(u8::try_from(start / 60).ok()?, u8::try_from(start % 60).ok()?, 0).ok();
    nearest.and_then(at).unwrap_or(wished)
}

/// The stretches of a day without a fixed schedule, in minutes of the day, within bounds.
fn gaps(schedules: &[FixedSchedule], day: Day, opens: u16, closes: u16) -> Vec<(u16, u16)> {
    let mut taken: Vec<(u16, u16)> = schedules
        .iter()
        .filter(|fixed| fixed.day == day)
        .map(|fixed| (minute(fixed.start), minute(fixed.end)))
        .collect();
    taken.sort_unstable();
    let mut free_from = opens;
    let mut gaps = Vec::with_capacity(taken.len() + 1);
    for (start, end) in taken {
        gaps.push((free_from, start.min(closes)));
        free_from = free_from.max(end);
    }
    gaps.push((free_from, closes));
    gaps.retain(|(from, to)| from < to);
    gaps
}

fn minute(time: Time) -> u16 {
    u16::from(time.hour()) * 60 + u16::from(time.minute())
}

/// The days with room, Monday first, with their minutes.
#[must_use]
pub fn free_days(profile: &Profile) -> Vec<(Day, u16)> {
    Day::ALL.iter().filter_map(|day| room_min(profile, *day).map(|room| (*day, room))).collect()
}

/// How many sessions a week the answers allow, before any rule of training.
#[must_use]
pub fn most_sessions(profile: &Profile) -> usize {
    let days = profile.availability_days.days_a_week().min(free_days(profile).len());
    days.min(usize::from(profile.weekly_goal_days))
}

#[cfg(test)]
mod tests {
    use time::macros::time;

    use super::*;

    fn taken(start: Time, end: Time) -> FixedSchedule {
        FixedSchedule { day: Day::Monday, start, end }
    }

    #[test]
    fn a_session_starts_as_near_to_the_wish_as_its_day_allows() {
        let day = [taken(time!(9:00), time!(17:30)), taken(time!(18:00), time!(20:00))];
        let start = |minutes, wished| start_time(&day, Day::Monday, minutes, wished);
        assert_eq!(start(30, time!(18:00)), time!(17:30));
        assert_eq!(start(60, time!(18:00)), time!(20:00));
        assert_eq!(start(180, time!(18:00)), time!(6:00));
        assert_eq!(start(60, time!(8:30)), time!(8:00));
        assert_eq!(start(60, time!(5:00)), time!(5:00));
        assert_eq!(start(240, time!(18:00)), time!(18:00), "no gap is long enough");
        assert_eq!(start_time(&day, Day::Tuesday, 60, time!(18:00)), time!(18:00));
        assert_eq!(longest_gap_min(&day, Day::Monday), 180);
    }
}
