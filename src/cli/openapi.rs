//! `ally openapi`: the documents that clients are generated from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::terminal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose document.
    #[arg(long, value_enum, value_name = "SERVICE", default_value_t = Service::Gateway)]
    service: Service,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The services that have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Service {
    /// The gateway.
    Gateway,
    /// The port of presence.
    Presence,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let document = match args.service {
        Service::Gateway => ally_api::openapi_json(),
        Service::Presence => ally_api::presence_openapi_json(),
    };
    write(&document, args.out.as_deref())
}

/// Writes a document to a file, or else to standard output.
pub(super) fn write(document: &str, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    match file {
        None => terminal::line(document.trim_end()),
        Some(path) => {
            std::fs::write(path, document).with_context(|| format!("{} could not be written", path.display()))?
        }
    }
    Ok(ExitCode::SUCCESS)
}
