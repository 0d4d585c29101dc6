//! Whether an athlete trains for an endurance event: sport, with a day that counts, and a word for the event among their own
//! words. The words choose between plans that are all sound; they never forbid or allow anything.

use super::profile::{Profile, Purpose};

/// An endurance event, by how long it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// About an hour or less.
    Short,
    /// Longer.
    Long,
}

/// Names of events of more than an hour; a word may begin or end with one, as `Halbmarathon` does.
const LONG: [&str; 8] = ["marathon", "maraton", "maratón", "ironman", "triathlon", "triatlon", "triatlón", "duathlon"];
/// Whole words that name a shorter one, or the sport. `run` alone is no event: players run too.
const SHORT: [&str; 20] = [
    "runner",
    "race",
    "5k",
    "10k",
    "5km",
    "10km",
    "km",
    "jogging",
    "cycling",
    "cyclist",
    "lauf",
    "läufer",
    "läuferin",
    "rennen",
    "radrennen",
    "radfahren",
    "volkslauf",
    "carrera",
    "courir",
    "ciclismo",
];

/// The endurance event that somebody trains for, if they do.
#[must_use]
pub fn event(profile: &Profile) -> Option<Event> {
    if profile.purpose != Purpose::SportPerformance || profile.competition_date.is_none() {
        return None;
    }
    let details = profile.purpose_details.as_deref()?.to_lowercase();
    let words = || details.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if words().any(|word| LONG.iter().any(|event| word.starts_with(event) || word.ends_with(event))) {
        return Some(Event::Long);
    }
    words().any(|word| SHORT.contains(&word)).then_some(Event::Short)
}

#[cfg(test)]
mod tests {
    use super::{Event, event};
    use crate::engine::fuzz::athlete;
    use crate::engine::profile::{Profile, Purpose};

    fn trains_for(words: &str) -> Option<Event> {
        let (profile, request) = athlete(1, 1);
        event(&Profile {
            purpose: Purpose::SportPerformance,
            competition_date: Some(request.start),
            purpose_details: Some(words.to_owned()),
            ..profile
        })
    }

    #[test]
    fn an_event_is_named_by_a_word() {
        for words in
            ["a half marathon", "Halbmarathon im Herbst", "mi primera maratón", "half-marathon", "Ironman 70.3"]
        {
            assert_eq!(trains_for(words), Some(Event::Long), "{words}");
        }
        for words in ["my first 10k", "Volkslauf", "una carrera", "a faster 10 km"] {
            assert_eq!(trains_for(words), Some(Event::Short), "{words}");
        }
        for words in ["football", "handball in the second league", "truncated", "", "run faster on the pitch"] {
            assert_eq!(trains_for(words), None, "{words}");
        }
    }

    #[test]
    fn without_a_day_that_counts_there_is_no_event() {
        let (profile, _) = athlete(1, 1);
        let words = Some("a marathon".to_owned());
        let sport =
            Profile { purpose: Purpose::SportPerformance, purpose_details: words, competition_date: None, ..profile };
        assert_eq!(event(&sport), None);
    }
}
