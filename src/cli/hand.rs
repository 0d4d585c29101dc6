//! Whose hand it is: every change by the command line names who made it.

use ally_domain::text::NAME;

use crate::app::Operator;
use crate::config::Config;

/// Who does it.
#[derive(Debug, clap::Args)]
pub struct Hand {
    /// In whose name; the login unless told.
    #[arg(id = "as", long = "as", value_name = "NAME", value_parser = name)]
    name: Option<String>,
}

impl Hand {
    /// The operator whom events and audits will name.
    pub fn operator(&self, config: &Config) -> Operator {
        // A login that no audit could show is no reason to refuse the work: the account's number names it as well.
        let login = || config.login.clone().and_then(|login| name(&login).ok());
        let number = || format!("uid-{}", rustix::process::getuid().as_raw());
        Operator::new(self.name.clone().or_else(login).unwrap_or_else(number))
    }
}

fn name(text: &str) -> Result<String, String> {
    NAME.check(text).map(str::to_owned).map_err(|unfit| format!("{unfit}, for example kim"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_names_the_operator_else_the_login_else_the_account() {
        let made = |flag: Option<&str>, login: Option<&str>| {
            let config = Config { login: login.map(str::to_owned), ..Config::default() };
            Hand { name: flag.map(str::to_owned) }.operator(&config).removal("").actor
        };
        assert_eq!(made(Some("kim"), Some("sam")), "operator:kim");
        assert_eq!(made(None, Some("sam")), "operator:sam");
        for unfit in [None, Some("\u{7}")] {
            assert!(made(None, unfit).starts_with("operator:uid-"), "{unfit:?}");
        }
    }
}
