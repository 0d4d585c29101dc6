//! Looking at endpoints and at what went to them.

use ally_domain::ids::{DeliveryId, EndpointId};
use ally_domain::webhook::{AppName, DeliveryDecider, DeliveryStatus};
use ally_handlers::{DeliverySummary, EndpointRecord, Submissions};
use ally_projections::Database;
use ally_projections::webhook::{self, DeliveryView};
use time::OffsetDateTime;

use super::{shown, signing_key, unknown};
use crate::app::{delivery_summary, endpoint_record};
use crate::cli::events::{moment, record};
use crate::cli::reach::Log;
use crate::cli::{Usage, terminal};
use crate::config::Config;

/// Rows that one question to the views brings.
const PAGE: u32 = 1_000;

pub(super) async fn list(views: &Database, app: Option<&AppName>, json: bool) -> anyhow::Result<()> {
    let mut endpoints: Vec<EndpointRecord> = Vec::new();
    loop {
        let behind = endpoints.last().map(|known| known.endpoint_id.clone());
        let page = webhook::endpoints(views, app, behind.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        endpoints.extend(page.into_iter().map(endpoint_record));
        if is_last {
            break;
        }
    }
    if json {
        return endpoints.iter().try_for_each(|it| terminal::object(&shown::endpoint(it)));
    }
    if endpoints.is_empty() {
        terminal::line("no endpoints; `ally webhooks register` makes one");
        return Ok(());
    }
    let mut table = terminal::table(["endpoint", "app", "state", "address", "types", "registered at"]);
    for it in &endpoints {
        let types: Vec<_> = it.endpoint.types.iter().map(|one| one.as_str()).collect();
        table.add_row([
            it.endpoint_id.to_string(),
            it.endpoint.app.to_string(),
            shown::state(&it.endpoint),
            it.endpoint.url.to_string(),
            types.join(" "),
            moment(it.registered_at),
        ]);
    }
    terminal::line(&table.to_string());
    Ok(())
}

pub(super) async fn show(
    config: &Config,
    submissions: &Submissions,
    id: &EndpointId,
    with_secret: bool,
    json: bool,
) -> anyhow::Result<()> {
    let found = submissions.endpoint(id).await?.ok_or_else(|| unknown(id))?;
    let mut object = shown::endpoint(&found);
    if with_secret {
        let endpoint = &found.endpoint;
        object["secret"] = signing_key(config)?.secret(id, endpoint.secret).expose().into();
        if endpoint.secrets_at(submissions.now()).len() > 1 {
            object["previousUntil"] = endpoint.previous_until.map(shown::text_of).into();
        }
    }
    if json {
        return terminal::object(&object);
    }
    terminal::line(&record(&object).to_string());
    terminal::line(&format!("What went to it: ally webhooks deliveries {id}"));
    Ok(())
}

pub(super) async fn deliveries(
    views: &Database,
    submissions: &Submissions,
    (endpoint, status, limit): (&EndpointId, Option<DeliveryStatus>, u64),
    json: bool,
) -> anyhow::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found: Vec<DeliveryView> = Vec::new();
    // One more than is shown tells whether there are more.
    while found.len() <= limit {
        let before = found.last().map(|last| (last.queued_at, &last.id));
        let page = webhook::deliveries(views, endpoint, status, before, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        found.extend(page);
        if is_last {
            break;
        }
    }
    // What went to one that is removed can be looked at for as long as it is kept.
    if found.is_empty() && submissions.endpoint(endpoint).await?.is_none() {
        return Err(unknown(endpoint).into());
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let found: Vec<_> = found.into_iter().map(delivery_summary).collect();
    if json {
        return found.iter().try_for_each(|it| terminal::object(&shown::delivery(it)));
    }
    show_deliveries(&found);
    if more {
        terminal::line(&format!("there are more than {limit}; --limit shows more, --status those that stand so"));
    }
    Ok(())
}

fn show_deliveries(found: &[DeliverySummary]) {
    if found.is_empty() {
        return terminal::line("no deliveries");
    }
    let mut table = terminal::table(["delivery", "queued at", "type", "status", "attempts", "next at", "last answer"]);
    for it in found {
        table.add_row([
            it.delivery_id.to_string(),
            moment(it.queued_at),
            it.message_type.to_string(),
            it.status.as_str().to_owned(),
            it.attempts.to_string(),
            it.retry_at.map(moment).unwrap_or_default(),
            answer(it.last_status, it.last_reason.as_deref()),
        ]);
    }
    terminal::line(&table.to_string());
}

/// What an endpoint answered, or why it did not.
fn answer(status: Option<u16>, reason: Option<&str>) -> String {
    match (status, reason) {
        (_, Some(reason)) => reason.to_owned(),
        (Some(status), None) => status.to_string(),
        (None, None) => String::new(),
    }
}

pub(super) async fn delivery(log: &Log, submissions: &Submissions, id: &DeliveryId, json: bool) -> anyhow::Result<()> {
    let (state, _) = log.executor.load::<DeliveryDecider>(&id.into()).await?;
    let found = match state.0 {
        Some(delivery) => submissions.delivery(&delivery.endpoint_id, id).await?,
        None => None,
    };
    let Some(found) = found else {
        let text =
            format!("the log knows no delivery {id} (any more); `ally webhooks deliveries ENDPOINT` shows the ids");
        return Err(Usage(text).into());
    };
    if json {
        return terminal::object(&shown::whole_delivery(&found)?);
    }
    terminal::line(&record(&shown::delivery(&found.summary)).to_string());
    terminal::line(&found.message.body()?);
    let mut table = terminal::table(["round", "attempt", "at", "took", "answer"]);
    for it in &found.attempts {
        table.add_row([
            it.round.to_string(),
            it.attempt.to_string(),
            moment(it.at),
            format!("{} ms", it.millis),
            answer(it.status, it.reason.as_deref()),
        ]);
    }
    terminal::line(&table.to_string());
    let (endpoint, queued_at) = (&found.summary.endpoint_id, found.summary.queued_at);
    if found.summary.status == DeliveryStatus::GivenUp {
        terminal::line(&format!("Sent again with those behind it: {}", replay(endpoint, queued_at)));
    }
    Ok(())
}

fn replay(endpoint: &EndpointId, since: OffsetDateTime) -> String {
    format!("ally webhooks replay {endpoint} --since {}", shown::text_of(since))
}
