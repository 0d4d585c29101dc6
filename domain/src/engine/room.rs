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
    let mut taken: Vec<(u16, u16)> = schedules
        .iter()
        .filter(|fixed| fixed.day == day)
        .map(|fixed| (minute(fixed.start), minute(fixed.end)))
        .collect();
    taken.sort_unstable();
    let mut free_from = OPENS_MIN;
    let mut longest = 0;
    for (start, end) in taken {
        longest = longest.max(start.min(CLOSES_MIN).saturating_sub(free_from));
        free_from = free_from.max(end);
    }
    longest.max(CLOSES_MIN.saturating_sub(free_from))
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
