//! A plan on one screen: a week, a few lines a session; why it fits; what it falls short of.

use std::fmt::Write;

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::outline;
use ally_domain::engine::plan::Plan;

use super::terminal;

/// Renders week `n` of a plan, counted from 1, in lines of at most `width` columns.
pub fn render(plan: &Plan, n: u8, catalogue: &Catalogue, width: u16) -> String {
    let mut text = String::new();
    let phase = plan.weeks.iter().find(|week| week.n == n).map_or("", |week| week.phase.as_str());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  week {n} of {}, {phase}", plan.weeks.len());
    let sessions = outline::week(plan, n, catalogue);
    let rows = sessions.iter().map(|it| [it.day.clone(), format!("{}, {} min", it.focus, it.minutes), it.work.clone()]);
    let _ = writeln!(text, "{}", terminal::columns(rows, width));
    let reasons = outline::reasons(plan).join("; ");
    let short = outline::shortfalls(plan);
    let mut notes = vec![["why it fits".to_owned(), reasons]];
    notes.extend(short.into_iter().enumerate().map(|(n, shortfall)| {
        let head = if n == 0 { "falls short" } else { "" };
        [head.to_owned(), shortfall]
    }));
    let _ = writeln!(text, "{}", terminal::columns(notes, width));
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ally_domain::engine::catalogue::Catalogue;
    use ally_domain::engine::plan::Plan;
    use ally_domain::engine::request::PlanRequest;
    use ally_domain::engine::{ComposeInput, compose};
    use ally_domain::ports::Clock;

    use super::render;
    use crate::app::SystemClock;
    use crate::cli::plan::read_profile;

    /// Widths of a small terminal, of a usual one and of a wide one.
    const WIDTHS: [u16; 3] = [80, 100, 160];

    /// The plan of one of the demonstration's athletes.
    fn plan(name: &str, catalogue: &Catalogue) -> Plan {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/athletes/{name}.json"));
        let profile = read_profile(&file).unwrap();
        let start = PlanRequest::monday_after(SystemClock.now().date());
        let request = PlanRequest { start, weeks: 4, seed: 0 };
        let plan_id = "local".parse().unwrap();
        let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
        compose(&input, catalogue).unwrap()
    }

    #[test]
    fn a_week_fits_on_a_screen_of_any_width_and_breaks_no_word() {
        let catalogue = Catalogue::embedded().unwrap();
        for name in ["advanced-full-gym", "beginner-bands-sore-knee", "intermediate-team-sport"] {
            let plan = plan(name, &catalogue);
            let whole = render(&plan, 1, &catalogue, 4_000);
            let words: std::collections::BTreeSet<&str> = whole.split_whitespace().collect();
            for width in WIDTHS {
                let text = render(&plan, 1, &catalogue, width);
                let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
                assert!(widest <= usize::from(width), "{widest} columns of {width}:\n{text}");
                assert!(text.lines().count() <= 34, "{} lines at {width}:\n{text}", text.lines().count());
                let broken: Vec<_> = text.split_whitespace().filter(|word| !words.contains(word)).collect();
                assert!(broken.is_empty(), "{broken:?} are no words, at {width} columns:\n{text}");
            }
        }
    }

    #[test]
    fn a_week_says_what_is_done_why_it_fits_and_where_it_falls_short() {
        let catalogue = Catalogue::embedded().unwrap();
        let text = render(&plan("beginner-bands-sore-knee", &catalogue), 1, &catalogue, 100);
        for part in
            ["Tue ", "Fri ", "warm-up", "in reserve:", "cool-down", "why it fits", "knee", "bands", "falls short"]
        {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
