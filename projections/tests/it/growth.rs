//! What a batch costs must not grow with the table: a plan that PostgreSQL kept from when the table was empty would read
//! all of it, each time.

use ally_projections::ProjectorConfig;

use crate::support::{MemoryLog, Running, Story, TestDatabase, athlete, caught_up, quick, until};

const JOBS: usize = 5_000;

/// Between the requests, starts of jobs whose request is not in the log: every batch has rows to look for, and finds none.
fn fill(log: &MemoryLog) {
    for n in 0..JOBS {
        for event in Story::new(&athlete(&format!("a{n}")), "known").request() {
            log.append("PLANS", event);
        }
        let mut unknown = Story::new(&athlete(&format!("a{n}")), "unknown");
        unknown.request();
        for event in unknown.start() {
            log.append("PLANS", event);
        }
    }
}

/// Rows of the job table that were read one after the other, in whole-table reads, since the table was made; once the
/// session that wrote it has reported all that it wrote.
async fn read_in_sequence(database: &TestDatabase) -> i64 {
    let jobs = i64::try_from(JOBS).unwrap();
    until("the figures of the table", async || {
        let rows = database
            .rows(
                "SELECT sum(seq_tup_read)::int8, sum(n_tup_ins)::int8 FROM pg_stat_user_tables WHERE relname = 'job_status'",
                &[],
            )
            .await;
        (rows[0].get::<_, i64>(1) >= jobs).then(|| rows[0].get::<_, i64>(0))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_that_began_with_an_empty_table_never_reads_the_whole_of_it() {
    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    fill(&log);
    let pool = database.pool();
    let config = ProjectorConfig { max_batch_events: 10, read_events: 10, ..quick() };
    let running = Running::start_with(&pool, &log, config);
    caught_up(&pool, &log).await;
    running.stop().await;
    // A small table is rightly read whole: its pages are fewer than the index pages of the keys. A thousand batches that
    // did so to the end would come to 500 times its rows.
    let read = read_in_sequence(&database).await;
    assert!(read < 50 * i64::try_from(JOBS).unwrap(), "{read} rows were read in sequence for {JOBS} jobs");
}
