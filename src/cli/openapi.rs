//! `ally openapi`: the document that clients are generated from.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::terminal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let document = ally_api::openapi_json();
    match &args.out {
        None => terminal::line(document.trim_end()),
        Some(path) => {
            std::fs::write(path, document).with_context(|| format!("{} could not be written", path.display()))?
        }
    }
    Ok(ExitCode::SUCCESS)
}
