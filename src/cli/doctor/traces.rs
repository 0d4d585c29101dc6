//! Where the roles send their traces, and what went nowhere.

use std::collections::BTreeSet;

use ally_telemetry::{mask, names};
use futures::future::join_all;
use reqwest::Client;

use super::finding::Finding;
use super::roles::Seen;
use super::subject::Subject;
use crate::app::COLLECTOR;

/// Every collector that a role names, asked with an empty request; nothing where none is named.
pub async fn collectors(client: &Client, seen: &[Seen]) -> Vec<Finding> {
    let addresses: BTreeSet<&str> = seen
        .iter()
        .filter_map(|seen| seen.about.as_ref())
        .flat_map(|about| &about.uses)
        .filter(|used| used.name == COLLECTOR)
        .map(|used| used.address.as_str())
        .collect();
    join_all(addresses.into_iter().map(|address| collector(client, address))).await
}

async fn collector(client: &Client, address: &str) -> Finding {
    let what = "trace collector";
    if address.contains(mask::MASK) {
        let found = format!("not asked: {address} is shown without its login");
        return Finding::note(
            Subject::Collector,
            what,
            found,
            "spans_lost_total of the roles says whether it takes spans",
        );
    }
    let base = address.trim_end_matches('/').trim_end_matches("/v1/traces");
    let request = client.post(format!("{base}/v1/traces")).header("content-type", "application/x-protobuf");
    let found = match request.body(Vec::new()).send().await {
        Err(error) if error.is_connect() => format!("nothing answers at {address}"),
        Err(error) if error.is_timeout() => format!("hangs: {address} takes the connection and does not answer"),
        // Whatever it says of nothing, of a login that this command does not have, or in the words of gRPC: it is there.
        Ok(_) | Err(_) => return Finding::well(Subject::Collector, what, format!("answers at {address}")),
    };
    let remedy = "start it; the roles go on without it, and what happens meanwhile has no traces. \
                  OTEL_EXPORTER_OTLP_ENDPOINT of the roles says where it is looked for";
    Finding::unwell(Subject::Collector, what, found, remedy)
}

/// What each role lost since it began.
pub fn lost(seen: &[Seen]) -> impl Iterator<Item = Finding> + '_ {
    seen.iter().filter_map(|seen| {
        let lost = seen.page.sum(names::SPANS_LOST_TOTAL, &[]).filter(|lost| *lost > 0.0)?;
        let what = format!("traces of {}", seen.role.service());
        let remedy = "the collector did not take them, or they came faster than it takes them";
        Some(Finding::note(Subject::Spans(seen.role), what, format!("{lost} spans were lost since it began"), remedy))
    })
}
