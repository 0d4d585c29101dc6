//! The athletes of the demonstration: bodies of `POST /api/v1/onboarding`, read from files.

use std::path::Path;

use ally_domain::json;
use ally_domain::ports::Clock;
use anyhow::Context;
use serde_json::Value;
use time::Date;

use crate::app::SystemClock;
use crate::cli::Usage;
use crate::cli::dates::set_dates;

/// An athlete and what they answer.
pub struct Athlete {
    /// The file's name without its ending; also the token's subject.
    pub name: String,
    /// The body.
    pub answers: Value,
}

/// Reads every `*.json` of a folder, in the order of their names.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Athlete>> {
    let missing = || Usage(format!("{} is no folder with athletes; name one with --athletes", folder.display()));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(|_| missing())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(missing().into());
    }
    let today = SystemClock.now().date();
    files.iter().map(|file| athlete(file, today)).collect()
}

fn athlete(file: &Path, today: Date) -> anyhow::Result<Athlete> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut answers =
        json::read(text.as_bytes()).map_err(|error| Usage(format!("{} is not JSON: {error}", file.display())))?;
    set_dates(&mut answers, today)?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Athlete { name, answers })
}
