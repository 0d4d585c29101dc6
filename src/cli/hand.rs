//! Whose hand it is: every change by the command line names who made it.

use crate::app::Operator;

/// Who does it.
#[derive(Debug, clap::Args)]
pub struct Hand {
    /// In whose name; the login unless told.
    #[arg(long = "as", value_name = "NAME", env = "USER", hide_env = true, value_parser = name)]
    name: Option<String>,
}

impl Hand {
    /// The operator whom events and audits will name.
    pub fn operator(&self) -> Operator {
        Operator::new(self.name.clone().unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw())))
    }
}

fn name(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err("name the operator in 1 to 64 characters, for example kim".to_owned()) }
}
