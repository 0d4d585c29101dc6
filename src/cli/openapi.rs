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
    /// In which version of OpenAPI: 3.0 is for generators that read nothing newer.
    #[arg(long, value_enum, value_name = "VERSION", default_value_t = Version::V3_1)]
    version: Version,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The services that have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Service {
    /// The gateway.
    Gateway,
    /// The port of presence.
    Presence,
}

/// The versions of OpenAPI, which say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Version {
    #[value(name = "3.0")]
    V3_0,
    #[value(name = "3.1")]
    V3_1,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let document = match (args.service, args.version) {
        (Service::Gateway, Version::V3_0) => ally_api::openapi_3_0_json(),
        (Service::Gateway, Version::V3_1) => ally_api::openapi_json(),
        (Service::Presence, Version::V3_0) => ally_api::presence_openapi_3_0_json(),
        (Service::Presence, Version::V3_1) => ally_api::presence_openapi_json(),
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
