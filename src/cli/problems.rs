//! `ally problems`: a page of each kind of problem.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::openapi::write;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that the pages are written to.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = &args.out;
    std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    for (name, text) in ally_api::problem_pages() {
        write(&text, Some(&folder.join(name)))?;
    }
    Ok(ExitCode::SUCCESS)
}
