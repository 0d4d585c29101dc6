//! Which jobs' rows have changed: what projectors announce in their transactions, so that whoever waits for a job, and whoever
//! remembers its row, asks the database only when there is news.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_domain::ids::JobId;
use ally_domain::recent::Recent;
use tokio::sync::watch;

use crate::database::{DatabaseError, Statement, Statements};

/// Where projectors announce jobs: their ids with blanks between, or [`ALL`].
pub(crate) const CHANNEL: &str = "ally_job_changed";
/// Announced where so many changed at once that naming them would cost more than reading them again.
const ALL: &str = "*";
/// The most jobs that one transaction names.
const MAX_NAMED: usize = 1_000;
/// What PostgreSQL takes in one announcement is 8,000 bytes.
const MAX_BYTES: usize = 7_900;
/// Jobs that are followed at once, at least. Who follows one that is forgotten is told that it has changed.
const MAX_FOLLOWED: usize = 16_384;

const NOTIFY: Statement = Statement::new("NOTIFY", "job_status", "SELECT pg_notify('ally_job_changed', $1)");

/// News of one job's row. It says that something has changed since it was asked for, never what.
#[derive(Debug, Clone)]
pub struct JobNews(watch::Receiver<()>);

impl JobNews {
    /// News of a job that nobody follows: it has always changed.
    #[must_use]
    pub fn unknown() -> Self {
        Self(watch::channel(()).1)
    }

    /// Whether news will come: not while nothing is heard of the database, nor when too many other jobs are followed.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.has_changed().is_ok()
    }

    /// Whether the row may have changed since.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.0.has_changed().unwrap_or(true)
    }

    /// Returns when the row may have changed.
    pub async fn changed(&mut self) {
        // An error says that the job is not followed any more: then nobody knows.
        let _ = self.0.changed().await;
    }
}

/// The jobs that this process follows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct JobChanges {
    followed: Arc<Mutex<Recent<String, watch::Sender<()>>>>,
}

impl Default for JobChanges {
    fn default() -> Self {
        Self { followed: Arc::new(Mutex::new(Recent::new(MAX_FOLLOWED))) }
    }
}

impl JobChanges {
    /// Follows a job from now on.
    pub(crate) fn follow(&self, job: &JobId) -> JobNews {
        let mut followed = self.followed();
        if let Some(sender) = followed.get(job.as_str()) {
            return JobNews(sender.subscribe());
        }
        let (sender, news) = watch::channel(());
        followed.keep(job.as_str().to_owned(), sender);
        JobNews(news)
    }

    /// Takes in what a projector announced.
    pub(crate) fn announced(&self, payload: &str) {
        if payload == ALL {
            return self.all_changed();
        }
        let followed = self.followed();
        for sender in payload.split(' ').filter_map(|id| followed.get(id)) {
            sender.send_replace(());
        }
    }

    /// Announcements may have been missed: nobody knows any more which rows are as they were.
    pub(crate) fn all_changed(&self) {
        self.followed().clear();
    }

    fn followed(&self) -> MutexGuard<'_, Recent<String, watch::Sender<()>>> {
        // Entries are kept whole or not at all.
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Announces jobs to all who follow them, when the transaction commits.
pub(crate) async fn notify(jobs: &BTreeSet<&str>, to: &Statements<'_>) -> Result<(), DatabaseError> {
    for payload in payloads(jobs) {
        to.query(NOTIFY, &[&payload]).await?;
    }
    Ok(())
}

/// Announces that any row may have changed: a rebuilt view was swapped in.
pub(crate) async fn notify_all(to: &Statements<'_>) -> Result<(), DatabaseError> {
    to.query(NOTIFY, &[&ALL]).await?;
    Ok(())
}

fn payloads(jobs: &BTreeSet<&str>) -> Vec<String> {
    if jobs.len() > MAX_NAMED {
        return vec![ALL.to_owned()];
    }
    let mut payloads: Vec<String> = Vec::new();
    for job in jobs {
        match payloads.last_mut().filter(|last| last.len() + 1 + job.len() <= MAX_BYTES) {
            Some(last) => {
                last.push(' ');
                last.push_str(job);
            }
            None => payloads.push((*job).to_owned()),
        }
    }
    payloads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str) -> JobId {
        id.parse().unwrap()
    }

    #[tokio::test]
    async fn who_follows_a_job_hears_of_its_changes_and_of_no_others() {
        let changes = JobChanges::default();
        let (mut a, b) = (changes.follow(&job("a")), changes.follow(&job("b")));
        assert!(!a.has_changed() && !b.has_changed());
        changes.announced("x a y");
        assert!(a.has_changed() && !b.has_changed());
        a.changed().await;
        assert!(!a.has_changed(), "it was taken note of");
        assert!(!changes.follow(&job("a")).has_changed(), "whoever asks now knows what is now");
        changes.announced(ALL);
        assert!(a.has_changed() && b.has_changed(), "nobody knows");
        a.changed().await;
    }

    #[test]
    fn announcements_fit_and_name_each_job_once() {
        let ids: Vec<String> = (0..MAX_NAMED).map(|n| format!("{n:036}")).collect();
        let jobs: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let payloads = payloads(&jobs);
        assert!(payloads.len() > 1 && payloads.iter().all(|payload| payload.len() <= MAX_BYTES));
        let named: Vec<&str> = payloads.iter().flat_map(|payload| payload.split(' ')).collect();
        assert_eq!(named, jobs.iter().copied().collect::<Vec<_>>());
    }

    #[test]
    fn too_many_to_name_are_all() {
        let ids: Vec<String> = (0..=MAX_NAMED).map(|n| n.to_string()).collect();
        assert_eq!(payloads(&ids.iter().map(String::as_str).collect()), [ALL]);
        assert!(payloads(&BTreeSet::new()).is_empty());
    }
}
