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
            if w > 1 && w < n && !(n == 8 && w > 4) { continue }
            for row in week_rows(&plan, w, &catalogue) {
                println!("{:14} {:12} {:3} {:12} {:34} {:40} {:6} {:6} {}", row.day, row.focus, row.minutes, row.block, row.exercise, row.sets, row.effort, row.rest, row.why);
            }
        }
        println!("{:#?} {:?} {:?}", plan.tradeoffs, plan.totals, plan.score);
        for finding in validate(&plan, &profile, &request, &catalogue).iter().filter(|f| f.hard) { println!("{finding:?}"); }
    }
}

#[test]
fn soft() {
    use std::collections::BTreeMap;
    let catalogue = Catalogue::embedded().unwrap();
    let (mut n, mut counts): (u32, BTreeMap<String, u32>) = Default::default();
    for case in 0..3000 {
        let (mut profile, request) = ally_domain::engine::fuzz::athlete(1, case);
        profile.injuries.clear(); profile.pregnant = false; profile.fixed_schedules.clear();
        if profile.weekly_goal_days < 3 || profile.minutes_per_session < 45 || profile.season == ally_domain::engine::profile::Season::Inseason { continue }
        let Ok(plan) = plan(&profile, &request, &catalogue) else { continue };
        n += 1;
        let mut seen = std::collections::BTreeSet::new();
        for f in validate(&plan, &profile, &request, &catalogue) {
            let what = f.got.split(' ').next().unwrap_or("").to_owned();
            let key = if f.rule.code() == "R14" { format!("R14 {} {}", f.want, if f.got.contains("to") {"x"} else {"none"}) } else if f.rule.code()=="R21" {"R21".into()} else { format!("{} {what}", f.rule) };
            seen.insert(key); seen.insert(format!("ALL {}", f.rule));
            if f.hard { println!("case {case} {f:?}"); }
        }
        for s in seen { *counts.entry(s).or_default() += 1; }
    }
    println!("{n} plans");
    for (k, c) in counts { println!("{k:40} {:.1}%", f64::from(c) * 100.0 / f64::from(n)); }
}
