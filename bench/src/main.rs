//! `ally-bench`: measures Ally from outside, over HTTP, as its callers see it.
//!
//! `run` and `compare` start servers of their own and put load on them; `load` is the generator, which they start as a
//! process of its own. What is measured and how to read it stands in `docs/bench/README.md`.

mod load;
mod progress;
mod terminal;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "ally-bench", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put load on a gateway that runs, and print what was seen as one line of JSON.
    #[command(subcommand)]
    Load(load::Command),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Load(command) => load::run(&command),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
