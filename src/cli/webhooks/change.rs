//! Endpoints registered, changed and removed, each in an operator's name.

use std::collections::BTreeSet;
use std::time::Duration;

use ally_domain::ids::EndpointId;
use ally_domain::text::control_character;
use ally_domain::webhook::{
    AppName, EndpointRefusal, EndpointUrl, LONGEST_OVERLAP, MAX_DESCRIPTION_CHARS, MAX_ENDPOINTS_PER_APP, MessageType,
    Registration, USUAL_OVERLAP,
};
use ally_handlers::{EndpointChange, ExecuteError, Submissions};
use ally_projections::webhook;

use super::{refused, shown, signing_key, unknown};
use crate::app::webhook_addresses;
use crate::cli::dates::length_of;
use crate::cli::events::record;
use crate::cli::hand::Hand;
use crate::cli::{Usage, reach, terminal};
use crate::config::Config;

/// An endpoint to be registered.
#[derive(Debug, clap::Args)]
pub struct Register {
    /// The app that it belongs to.
    #[arg(long, value_name = "NAME")]
    app: AppName,
    /// Where its messages go: https://, a host and a path.
    #[arg(long, value_name = "URL")]
    url: EndpointUrl,
    /// A type of messages that it gets, for example job.completed; once for each.
    #[arg(long = "type", value_name = "TYPE", required = true, value_parser = chosen_type)]
    types: Vec<MessageType>,
    /// What it is, for people.
    #[arg(long, value_name = "TEXT", value_parser = description)]
    description: Option<String>,
    #[command(flatten)]
    hand: Hand,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// An endpoint to which something is done.
#[derive(Debug, clap::Args)]
pub struct Change {
    /// As `ally webhooks list` shows it.
    pub(super) endpoint: EndpointId,
    #[command(flatten)]
    pub(super) hand: Hand,
    /// One JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// A secret to be replaced.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    change: Change,
    /// For how long the secret before signs too, a day where it is left out: 0s to 7d.
    #[arg(long, value_name = "TIME", value_parser = overlap)]
    overlap: Option<Duration>,
}

pub(super) async fn register(config: &Config, submissions: &Submissions, args: &Register) -> anyhow::Result<()> {
    // Before anything is stored: without a key nothing could be signed.
    let key = signing_key(config)?;
    let (app, url) = (args.app.clone(), args.url.clone());
    webhook_addresses(config).check(&url).map_err(|forbidden| {
        let hint =
            "for development WEBHOOK_ALLOW_LOOPBACK=true, here and for the roles, lets messages go to this machine";
        Usage(format!("nothing would be sent to {url}: {forbidden}; {hint}"))
    })?;
    let there =
        webhook::endpoints(&reach::views(config).await?, Some(&app), None, MAX_ENDPOINTS_PER_APP.into()).await?;
    if there.len() >= usize::from(MAX_ENDPOINTS_PER_APP) {
        let text = format!("the app {app} has {} endpoints, as many as it may have; remove one first", there.len());
        return Err(Usage(text).into());
    }
    let types: BTreeSet<_> = args.types.iter().copied().collect();
    let registration = Registration { app, url, types, description: args.description.clone() };
    let origin = args.hand.operator(config).origin();
    let (registered, _) = submissions.register_endpoint(&registration, None, &origin).await.map_err(refused)?;
    let id = &registered.endpoint_id;
    let mut object = shown::endpoint(&registered);
    object["secret"] = key.secret(id, registered.endpoint.secret).expose().into();
    if args.json {
        return terminal::object(&object);
    }
    terminal::line(&record(&object).to_string());
    terminal::line(&format!("Send it a test: ally webhooks ping {id}"));
    Ok(())
}

/// Enables or disables an endpoint; one that stands so already stays as it is.
pub(super) async fn enable(
    config: &Config,
    submissions: &Submissions,
    args: &Change,
    enabled: bool,
) -> anyhow::Result<()> {
    let id = &args.endpoint;
    let change = EndpointChange { enabled: Some(enabled), ..EndpointChange::default() };
    let changed = submissions.update_endpoint(id, change, &args.hand.operator(config).origin()).await;
    let changed = changed.map_err(|error| of_endpoint(id, error))?;
    if args.json {
        return terminal::object(&shown::endpoint(&changed));
    }
    terminal::line(&match enabled {
        true => {
            format!(
                "endpoint {id} gets what happens from now on; `ally webhooks replay {id} --since TIME` sends the rest"
            )
        }
        false => format!("endpoint {id} gets nothing more; `ally webhooks enable {id}` changes that"),
    });
    Ok(())
}

pub(super) async fn remove(config: &Config, submissions: &Submissions, args: &Change) -> anyhow::Result<()> {
    let id = &args.endpoint;
    let removed = submissions.remove_endpoint(id, &args.hand.operator(config).origin()).await;
    removed.map_err(|error| of_endpoint(id, error))?;
    if args.json {
        return terminal::object(&serde_json::json!({"endpointId": id, "removed": true}));
    }
    terminal::line(&format!("endpoint {id} is removed: its secret signs nothing any more"));
    Ok(())
}

pub(super) async fn rotate(config: &Config, submissions: &Submissions, args: &Rotate) -> anyhow::Result<()> {
    let (id, key) = (&args.change.endpoint, signing_key(config)?);
    let overlap = args.overlap.unwrap_or(USUAL_OVERLAP);
    let origin = args.change.hand.operator(config).origin();
    let rotated = submissions.rotate_secret(id, overlap, None, &origin).await;
    let (rotated, _) = rotated.map_err(|error| of_endpoint(id, error))?;
    let secret = key.secret(id, rotated.endpoint.secret);
    let until = rotated.endpoint.previous_until.map(shown::text_of);
    if args.change.json {
        let object = serde_json::json!({"endpointId": id, "secret": secret.expose(), "previousUntil": until,
            "position": rotated.position.to_string()});
        return terminal::object(&object);
    }
    terminal::line(&format!("the secret of endpoint {id} is {}", secret.expose()));
    if let Some(until) = until.filter(|_| !overlap.is_zero()) {
        terminal::line(&format!("the one before signs too until {until}; set the new one at its receiver before"));
    }
    Ok(())
}

/// Why a command on an endpoint was refused.
fn of_endpoint(id: &EndpointId, error: ExecuteError<EndpointRefusal>) -> anyhow::Error {
    match error {
        ExecuteError::Refused(EndpointRefusal::Unknown) => unknown(id).into(),
        error => refused(error),
    }
}

fn chosen_type(text: &str) -> Result<MessageType, String> {
    let known = text.parse::<MessageType>().ok().filter(|known| known.is_chosen());
    known.ok_or_else(|| {
        let chosen = MessageType::ALL.iter().filter(|known| known.is_chosen()).map(|known| known.as_str());
        format!("there are {}", chosen.collect::<Vec<_>>().join(", "))
    })
}

fn description(text: &str) -> Result<String, String> {
    let fits = (1..=MAX_DESCRIPTION_CHARS).contains(&text.chars().count()) && control_character(text).is_none();
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("write 1 to {MAX_DESCRIPTION_CHARS} characters, without control characters"))
}

fn overlap(text: &str) -> Result<Duration, String> {
    let fits = |length: &Duration| *length <= LONGEST_OVERLAP;
    length_of(text)
        .filter(fits)
        .ok_or_else(|| "write a number and s, m, h or d, at most 7d, for example 12h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_no_type_that_an_endpoint_chooses() {
        assert_eq!(chosen_type("job.completed"), Ok(MessageType::JobCompleted));
        for wrong in ["webhook.ping", "job.done", ""] {
            assert!(chosen_type(wrong).unwrap_err().contains("job.completed"), "{wrong:?}");
        }
    }

    #[test]
    fn a_secret_overlaps_for_up_to_a_week() {
        assert_eq!(overlap("0s"), Ok(Duration::ZERO));
        assert_eq!(overlap("7d"), Ok(LONGEST_OVERLAP));
        for wrong in ["8d", "", "1", "-1h"] {
            assert!(overlap(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_description_has_a_length_and_no_control_character() {
        assert!(description("The app's own receiver").is_ok());
        for wrong in ["", "bell\u{7}", &"x".repeat(MAX_DESCRIPTION_CHARS + 1)] {
            assert!(description(wrong).is_err(), "{wrong:?}");
        }
    }
}
