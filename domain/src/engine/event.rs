//! Whether an athlete trains for an endurance event: sport, and a word for the event among their own words, with or without
//! a day that counts. The words choose between plans that are all sound; they never forbid or allow anything.

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

/// Those of the shorter ones that are ridden.
const RIDDEN: [&str; 5] = ["cycling", "cyclist", "radrennen", "radfahren", "ciclismo"];

/// The endurance event that somebody trains for, if they do.
#[must_use]
pub fn event(profile: &Profile) -> Option<Event> {
    named_event(profile).filter(|_| profile.purpose == Purpose::SportPerformance)
}

/// The endurance event that somebody names, whatever they train for.
#[must_use]
pub fn named_event(profile: &Profile) -> Option<Event> {
    let words = words(profile);
    if words.iter().any(|word| is_long(word)) {
        return Some(Event::Long);
    }
    words.iter().any(|word| SHORT.contains(&word.as_str())).then_some(Event::Short)
}

/// Whether the event is run: then its long bout is a run.
#[must_use]
pub fn is_run(profile: &Profile) -> bool {
    let named = |word: &String| is_long(word) || (SHORT.contains(&word.as_str()) && !RIDDEN.contains(&word.as_str()));
    event(profile).is_some() && words(profile).iter().any(named)
}

fn is_long(word: &str) -> bool {
    LONG.iter().any(|event| word.starts_with(event) || word.ends_with(event))
}

fn words(profile: &Profile) -> Vec<String> {
    let details = profile.purpose_details.as_deref().unwrap_or_default().to_lowercase();
    let words = details.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Event, event, is_run, named_event};
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
    fn an_event_needs_no_day_that_counts_but_sport() {
        let (profile, _) = athlete(1, 1);
        let words = Some("a marathon".to_owned());
        let sport =
            Profile { purpose: Purpose::SportPerformance, purpose_details: words, competition_date: None, ..profile };
        assert_eq!(event(&sport), Some(Event::Long));
        let fitness = Profile { purpose: Purpose::GeneralFitness, ..sport };
        assert_eq!((event(&fitness), named_event(&fitness)), (None, Some(Event::Long)));
    }

    #[test]
    fn a_race_on_wheels_is_not_run() {
        let run = |words: &str| {
            let (profile, _) = athlete(1, 1);
            let purpose_details = Some(words.to_owned());
            is_run(&Profile { purpose: Purpose::SportPerformance, purpose_details, ..profile })
        };
        assert!(run("a half marathon") && run("10k") && run("Volkslauf"));
        assert!(!run("cycling 100 miles") && !run("ein Radrennen") && !run("football"));
    }
}
