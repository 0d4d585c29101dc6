//! `ally webhooks listen`: a receiver on this machine's own address. It verifies each message as an app has to, and prints a line of it.

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ally_api::{Drain, Limits, Rate, Receive, ServeConfig, receiver, serve};
use ally_domain::ports::Clock;
use ally_handlers::webhooks::{MessageVerifier, message_id};
use anyhow::Context;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::shown::text_of;
use crate::app::{SystemClock, signal};
use crate::cli::events::moment;
use crate::cli::{Usage, terminal};
use crate::config::Secret;

/// How long an answer under way may take after Ctrl-C.
const DRAIN: Duration = Duration::from_secs(2);
/// The most characters of a part of a message that a line shows.
const MAX_PART_CHARS: usize = 128;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 4300)]
    port: u16,
    /// The endpoint's secret, whsec_…; once more for the one before while both sign. Without it no message is verified.
    #[arg(long = "secret", value_name = "SECRET", value_parser = secret)]
    secrets: Vec<Secret>,
    /// End after this many messages.
    #[arg(long, short = 'n', value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    messages: Option<u64>,
    /// One JSON object a message.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let verifier = match args.secrets.is_empty() {
        true => None,
        false => {
            let verifier = MessageVerifier::new(args.secrets.iter().map(Secret::expose));
            let remedy = "`ally webhooks show ENDPOINT --secret` prints it";
            Some(verifier.map_err(|error| Usage(format!("--secret: {error}; {remedy}")))?)
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
        Usage(format!(
            "port {} of this machine cannot be listened on ({error}); name another one with --port",
            args.port
        ))
    })?;
    let (address, stop) = (listener.local_addr()?, CancellationToken::new());
    terminal::note(&format!("receiving at http://{address}/, on any path; Ctrl-C ends it"));
    if verifier.is_none() {
        terminal::note("no message is verified: --secret names the secret of the endpoint");
    }
    // A person at their own machine, who sends as much as they like.
    let limits = Limits { per_client: Rate { per_minute: 0, burst: 1 }, ..Limits::default() };
    let endpoint = receiver(receive(args, verifier, stop.clone()), limits)?;
    let config = ServeConfig { drain_deadline: DRAIN, ..ServeConfig::default() };
    let until_signal = async {
        stop.run_until_cancelled(signal::wait()).await;
        stop.cancel();
    };
    let ((), served) = tokio::join!(until_signal, serve(listener, endpoint, config, Drain::on(stop.clone())));
    served.context("the port broke down")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints each message and says whether it is taken, until there were as many as wanted, or nobody reads the lines any more.
fn receive(args: &Args, verifier: Option<MessageVerifier>, stop: CancellationToken) -> Receive {
    let (json, most, count) = (args.json, args.messages.unwrap_or(u64::MAX), AtomicU64::new(0));
    Arc::new(move |headers: &HeaderMap, body: &[u8]| {
        let number = count.fetch_add(1, Ordering::Relaxed) + 1;
        if number > most {
            return false;
        }
        let message = Message::read(verifier.as_ref(), headers, body);
        let is_read = terminal::is_read(&if json { message.object().to_string() } else { message.line() });
        if number == most || !is_read {
            stop.cancel();
        }
        message.refusal.is_none()
    })
}

/// What a line says of a message.
#[derive(Debug)]
struct Message {
    at: time::OffsetDateTime,
    message_type: Option<String>,
    id: Option<String>,
    job: Option<String>,
    is_verified: bool,
    /// Why it is not taken.
    refusal: Option<String>,
}

impl Message {
    fn read(verifier: Option<&MessageVerifier>, headers: &HeaderMap, body: &[u8]) -> Self {
        let content: Option<Value> = serde_json::from_slice(body).ok();
        let part = |pointer: &str| content.as_ref()?.pointer(pointer)?.as_str().map(printable);
        let verified = verifier.map(|verifier| verifier.verify(headers, body).map_err(|error| error.to_string()));
        let refusal = match &verified {
            Some(Err(reason)) => Some(reason.clone()),
            _ if content.is_none() => Some("the body is no JSON".to_owned()),
            _ => None,
        };
        Self {
            at: SystemClock.now(),
            message_type: part("/type"),
            id: message_id(headers).map(printable),
            job: part("/data/jobId"),
            is_verified: matches!(verified, Some(Ok(()))),
            refusal,
        }
    }

    fn line(&self) -> String {
        let shown = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        let judged = match (&self.refusal, self.is_verified) {
            (Some(reason), _) => format!("refused: {reason}"),
            (None, true) => "ok".to_owned(),
            (None, false) => "not verified".to_owned(),
        };
        let (message_type, id, job) = (shown(&self.message_type), shown(&self.id), shown(&self.job));
        format!("{} {message_type:<20} {id} job {job} {judged}", moment(self.at))
    }

    fn object(&self) -> Value {
        json!({
            "at": text_of(self.at), "type": self.message_type, "messageId": self.id, "jobId": self.job,
            "verified": self.is_verified, "refused": self.refusal,
        })
    }
}

/// Text of others, as a terminal may show it.
fn printable(text: &str) -> String {
    text.chars().take(MAX_PART_CHARS).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A secret is not repeated by what says that an argument is wrong, so it is judged later.
#[allow(clippy::unnecessary_wraps, reason = "a parser of arguments may fail")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"type":"job.completed","data":{"jobId":"j\u001b1"}}"#;

    #[test]
    fn a_message_without_a_signature_is_refused_where_there_is_a_secret_and_shown_where_there_is_none() {
        let verifier = MessageVerifier::new(["whsec_bm90IGEgc2VjcmV0"]).unwrap();
        let refused = Message::read(Some(&verifier), &HeaderMap::new(), BODY);
        assert!(refused.refusal.as_ref().is_some_and(|reason| reason.contains("missing header")), "{refused:?}");
        let shown = Message::read(None, &HeaderMap::new(), BODY);
        assert!(shown.refusal.is_none() && !shown.is_verified, "{shown:?}");
        assert!(
            shown.line().contains("Z job.completed ") && shown.line().ends_with(" - job j\u{fffd}1 not verified"),
            "{}",
            shown.line()
        );
        assert_eq!(shown.object()["jobId"], "j\u{fffd}1");
    }

    #[test]
    fn what_is_no_json_is_not_taken() {
        let refused = Message::read(None, &HeaderMap::new(), b"hello");
        assert!(refused.line().ends_with(" - job - refused: the body is no JSON"), "{}", refused.line());
    }
}
