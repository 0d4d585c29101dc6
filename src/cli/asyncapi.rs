//! `ally asyncapi`: the documents of what a service sends by itself.

use std::path::PathBuf;
use std::process::ExitCode;

use super::openapi::{Service, write};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose document.
    #[arg(long, value_enum, value_name = "SERVICE", default_value_t = Service::Gateway)]
    service: Service,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let document = match args.service {
        Service::Gateway => ally_api::asyncapi_json(),
        Service::Presence => ally_api::presence_asyncapi_json(),
    };
    write(&document, args.out.as_deref())
}
