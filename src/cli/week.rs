//! A week of a plan, as a table in the terminal.

use ally_domain::engine::catalogue::Catalogue;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::render;

use super::terminal::{self, line};

/// Shows one week, counted from 1, and what the plan had to trade off.
pub fn show(plan: &Plan, week: u8) -> anyhow::Result<()> {
    let catalogue = Catalogue::embedded()?;
    let mut table = terminal::table(["day", "focus", "min", "part", "exercise", "sets", "effort", "rest", "why"]);
    for row in render::week_rows(plan, week, &catalogue) {
        table.add_row([
            row.day,
            row.focus,
            row.minutes,
            row.block,
            row.exercise,
            row.sets,
            row.effort,
            row.rest,
            row.why,
        ]);
    }
    line(&table.to_string());
    for tradeoff in &plan.tradeoffs {
        line(&format!("  tradeoff {}: {} instead of {}", tradeoff.rule, tradeoff.got, tradeoff.want));
    }
    Ok(())
}
