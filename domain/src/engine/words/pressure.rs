//! A blood pressure in figures: `170/100`, `165 over 105`, and as the French write it, `17/10`.

use std::ops::RangeInclusive;

/// Millimetres of mercury of a high upper figure, and those that a lower one then has.
const UPPER: (RangeInclusive<u16>, RangeInclusive<u16>) = (140..=260, 60..=160);
/// The same for a high lower figure.
const LOWER: (RangeInclusive<u16>, RangeInclusive<u16>) = (100..=260, 90..=160);
/// Up to here a figure is in centimetres of mercury.
const MOST_CM: u16 = 26;
const CONTEXT: [&str; 11] = [
    "bp",
    "pressure",
    "reading",
    "readings",
    "blutdruck",
    "rr",
    "messung",
    "gemessen",
    "tension",
    "systolic",
    "systolisch",
];
/// Words between the two figures.
const BETWEEN: [&str; 4] = ["over", "zu", "sur", "auf"];
/// Figures of training.
const UNLESS: [&str; 10] = ["kg", "lb", "lbs", "bench", "squat", "deadlift", "press", "pressing", "watt", "reps"];

/// Whether a clause has the figures of a high blood pressure.
pub(super) fn is_high(words: &[String]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u16>().ok());
    let pair = |at: usize| {
        let between = words.get(at + 1).is_some_and(|word| BETWEEN.contains(&word.as_str()));
        number(at).zip(number(if between { at + 2 } else { at + 1 }))
    };
    has(&CONTEXT) && !has(&UNLESS) && (0..words.len()).filter_map(pair).any(are_high)
}

fn are_high((upper, lower): (u16, u16)) -> bool {
    let mm = |figure: u16| if upper <= MOST_CM { figure.saturating_mul(10) } else { figure };
    let fits = |(uppers, lowers): &(RangeInclusive<u16>, RangeInclusive<u16>)| {
        uppers.contains(&mm(upper)) && lowers.contains(&mm(lower))
    };
    lower < upper && (fits(&UPPER) || fits(&LOWER))
}

#[cfg(test)]
mod tests {
    use super::is_high;

    #[test]
    fn figures_of_a_high_blood_pressure_are_found_beside_its_name() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for high in ["bp 170 100", "reading was 150 over 80", "blutdruck 135 zu 95", "rr 180 110", "tension a 17 10"] {
            assert!(is_high(&words(high)), "{high}");
        }
        for not in
            ["bp 120 80", "tension 12 8", "170 100 squat", "bench 170 100 pressure", "bp 300 100", "tension 3 10"]
        {
            assert!(!is_high(&words(not)), "{not}");
        }
    }
}
