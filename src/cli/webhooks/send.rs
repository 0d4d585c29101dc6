//! What goes to an endpoint by an operator's wish: a test, and what was sent before, once more.

use std::time::Duration;

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::DeliveryStatus;
use ally_handlers::{SendError, Submissions};
use ally_projections::Database;
use ally_projections::webhook;
use serde_json::json;
use time::OffsetDateTime;

use super::change::Change;
use super::{refused, unknown};
use crate::cli::dates::moment_of;
use crate::cli::hand::Hand;
use crate::cli::progress::Bar;
use crate::cli::{Usage, reach, terminal};
use crate::config::Config;

/// Rows that one question to the views brings.
const PAGE: u32 = 1_000;
/// Messages that are sent again between two steps of the bar.
const STEP: usize = 50;

/// Which messages are to be sent again.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// As `ally webhooks list` shows it.
    endpoint: EndpointId,
    /// Those that were queued at or after a moment: 2026-11-20T08:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment_of)]
    since: OffsetDateTime,
    /// Those that stand so: given_up or delivered.
    #[arg(long, default_value = DeliveryStatus::GivenUp.as_str(), value_parser = ended)]
    status: DeliveryStatus,
    /// Say how many would be sent, and send none.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    hand: Hand,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn ping(config: &Config, submissions: &Submissions, args: &Change) -> anyhow::Result<()> {
    let origin = args.hand.operator(config).origin();
    let queued = submissions.ping_endpoint(&args.endpoint, None, &origin).await.map_err(not_sent)?;
    let (delivery, position) = (&queued.delivery_id, queued.position.to_string());
    if args.json {
        let object = json!({"endpointId": args.endpoint, "deliveryId": delivery, "status": queued.status.as_str(),
            "position": position});
        return terminal::object(&object);
    }
    terminal::line(&format!("a test is on its way to endpoint {}", args.endpoint));
    terminal::line(&format!("What it answers: ally webhooks delivery {delivery}"));
    Ok(())
}

pub(super) async fn replay(config: &Config, submissions: &Submissions, args: &Replay) -> anyhow::Result<()> {
    let id = &args.endpoint;
    submissions.endpoint(id).await?.ok_or_else(|| unknown(id))?;
    let found = find(&reach::views(config).await?, args).await?;
    let mut replayed = 0;
    if !args.dry_run {
        let origin = args.hand.operator(config).origin();
        let bar = Bar::new("sending again", found.len() as u64);
        for (step, ids) in found.chunks(STEP).enumerate() {
            let done = submissions.replay_deliveries(id, ids, Duration::MAX, &origin).await.map_err(not_sent)?;
            replayed += done.replayed;
            bar.set((step * STEP + done.seen) as u64, found.len() as u64);
        }
        bar.clear();
    }
    let (all, status) = (found.len(), args.status.as_str());
    if args.json {
        return terminal::object(
            &json!({"endpointId": id, "found": all, "replayed": replayed, "dryRun": args.dry_run}),
        );
    }
    terminal::line(&match args.dry_run {
        true => format!("nothing was sent; {all} messages to endpoint {id} would be, without --dry-run"),
        false => format!("{replayed} of {all} messages that were {status} are on their way to endpoint {id} again"),
    });
    Ok(())
}

/// The deliveries that are meant, the oldest first. They are found before any is sent again, so that none comes twice.
async fn find(views: &Database, args: &Replay) -> anyhow::Result<Vec<DeliveryId>> {
    let mut found: Vec<(OffsetDateTime, DeliveryId)> = Vec::new();
    loop {
        let behind = found.last().map(|(queued_at, id)| (*queued_at, id));
        let page = webhook::delivery_places(views, &args.endpoint, args.status, args.since, behind, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        found.extend(page);
        if is_last {
            return Ok(found.into_iter().map(|(_, id)| id).collect());
        }
    }
}

/// Why nothing is sent, and what to do.
fn not_sent(error: SendError) -> anyhow::Error {
    match error {
        SendError::NoEndpoint(id) => unknown(&id).into(),
        SendError::Disabled(id) => {
            Usage(format!("endpoint {id} is disabled and gets nothing; `ally webhooks enable {id}` first")).into()
        }
        error @ SendError::NoDelivery(_) => Usage(error.to_string()).into(),
        SendError::Execute(error) => refused(error),
    }
}

/// What waits is on its way already.
fn ended(text: &str) -> Result<DeliveryStatus, String> {
    let known = super::status(text).ok().filter(|status| *status != DeliveryStatus::Waiting);
    known.ok_or_else(|| {
        let [one, other] = [DeliveryStatus::GivenUp, DeliveryStatus::Delivered].map(DeliveryStatus::as_str);
        format!("there are {one} and {other}")
    })
}
