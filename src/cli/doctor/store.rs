//! The store of NATS: how full it is, as the server's own monitoring tells.

use ally_nats::{ADMISSION_PERCENT, WARN_PERCENT};
use reqwest::Client;
use serde_json::Value;

use super::Finding;
use crate::config::Config;

/// What there is to say; nothing where the monitoring does not answer, which is a finding of its own.
pub async fn look(client: &Client, config: &Config) -> Option<Finding> {
    let url = format!("http://127.0.0.1:{}/jsz", config.embedded.nats_monitor_port);
    let page: Value = client.get(url).send().await.ok()?.json().await.ok()?;
    let limit = config.nats.store_limit_bytes.or_else(|| page["config"]["max_storage"].as_u64());
    Some(finding(page["storage"].as_u64()?, limit.filter(|limit| *limit > 0)))
}

fn finding(used: u64, limit: Option<u64>) -> Finding {
    let what = "NATS store".to_owned();
    let Some(limit) = limit else {
        return Finding { what, well: true, found: format!("{used} bytes, without a limit"), remedy: None };
    };
    let percent = u64::try_from(u128::from(used) * 100 / u128::from(limit)).unwrap_or(u64::MAX);
    let well = percent < WARN_PERCENT;
    let remedy = format!(
        "from {ADMISSION_PERCENT} % on nothing new is accepted: `ally archive run` moves finished jobs out, \
         max_file_store gives more room; the runbook says how, under \"The store is full\""
    );
    let found = format!("{percent} % full ({used} of {limit} bytes)");
    Finding { what, well, found, remedy: (!well).then_some(remedy) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_from_four_fifths_on_and_what_to_do() {
        let (low, high) = (finding(79, Some(100)), finding(80, Some(100)));
        assert!(low.well && low.remedy.is_none());
        assert!(!high.well && high.found.starts_with("80 % full"), "{high:?}");
        assert!(high.remedy.unwrap().contains("ally archive run"));
        assert!(finding(u64::MAX, None).well);
    }
}
