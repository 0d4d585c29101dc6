//! The three example athletes get plans that visibly fit them.

use super::athletes::{example, plan, weeks};
use ally_domain::engine::render::week_rows;
use ally_domain::engine::{Catalogue, validate};

#[test]
fn show() {
    let catalogue = Catalogue::embedded().unwrap();
    for (name, n) in [("beginner-bands-sore-knee", 4), ("intermediate-team-sport", 8), ("advanced-full-gym", 4)] {
        let (profile, request) = (example(name), weeks(n));
        let plan = plan(&profile, &request, &catalogue).unwrap();
        println!("=== {name} {} bytes", serde_json::to_string(&plan).unwrap().len());
        for w in 1..=n {
            println!("--- week {w} {:?}", plan.weeks[w as usize - 1].phase);
            if w > 1 && w < n && !(n == 8 && w > 4) {
                continue;
            }
            for row in week_rows(&plan, w, &catalogue) {
                println!(
                    "{:14} {:12} {:3} {:12} {:34} {:40} {:6} {:6} {}",
                    row.day, row.focus, row.minutes, row.block, row.exercise, row.sets, row.effort, row.rest, row.why
                );
            }
        }
        println!("{:#?} {:?} {:?}", plan.tradeoffs, plan.totals, plan.score);
        for finding in validate(&plan, &profile, &request, &catalogue).iter().filter(|f| f.hard) {
            println!("{finding:?}");
        }
    }
    let (profile, request) = ally_domain::engine::fuzz::athlete(1, 24);
    let plan = plan(&profile, &request, &catalogue).unwrap();
    println!("{profile:?}");
    for finding in validate(&plan, &profile, &request, &catalogue).iter().filter(|f| f.hard) {
        println!("{finding:?}");
    }
}
