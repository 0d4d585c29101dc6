//! The store of NATS: how full it is, as the server's own monitoring tells.

use ally_nats::{ADMISSION_PERCENT, WARN_PERCENT};
use serde_json::Value;

use super::finding::Finding;
use super::subject::Subject;
use crate::config::Config;

/// What the monitoring's page says; nothing where it does not answer, which is a finding of its own.
pub fn look(config: &Config, page: &Value) -> Option<Finding> {
    let page = &page["jetstream"];
    let limit = config.nats.store_limit_bytes.or_else(|| page["config"]["max_storage"].as_u64());
    Some(finding(page["stats"]["storage"].as_u64()?, limit.filter(|limit| *limit > 0)))
}

fn finding(used: u64, limit: Option<u64>) -> Finding {
    let (subject, what) = (Subject::Store, "NATS store");
    let Some(limit) = limit else {
        return Finding::well(subject, what, format!("{used} bytes, without a limit"));
    };
    let percent = u64::try_from(u128::from(used) * 100 / u128::from(limit)).unwrap_or(u64::MAX);
    let remedy = format!(
        "from {ADMISSION_PERCENT} % on nothing new is accepted: `ally archive run` moves finished jobs out, \
         max_file_store gives more room; the runbook says how, under \"The store is full\""
    );
    let found = format!("{percent} % full ({used} of {limit} bytes)");
    if percent < WARN_PERCENT {
        Finding::well(subject, what, found)
    } else {
        Finding::unwell(subject, what, found, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_from_four_fifths_on_and_what_to_do() {
        let (low, high) = (finding(79, Some(100)), finding(80, Some(100)));
        assert!(!low.is_unwell() && low.remedy.is_none());
        assert!(high.is_unwell() && high.found.starts_with("80 % full"), "{high:?}");
        assert!(high.remedy.unwrap().contains("ally archive run"));
        assert!(!finding(u64::MAX, None).is_unwell());
    }
}
