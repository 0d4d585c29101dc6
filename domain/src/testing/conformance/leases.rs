//! What all leases must do. Each case is a function over the port; [`lease_conformance_tests!`](crate::lease_conformance_tests)
//! makes a test of each. Every case needs a bucket of its own.

#![allow(clippy::panic, clippy::expect_used, reason = "a suite of tests, compiled into a library")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::ports::{HeldLease, Lease, LeaseChange, LeaseError, LeaseWatch, Leases};
use crate::room::ConnId;

/// Leases, and what a test does to them from outside.
#[async_trait]
pub trait LeaseBench: Send + Sync {
    /// The leases of a bucket that nobody else uses, with a time to live of whole seconds.
    fn leases(&self) -> &dyn Leases;

    /// Lets time pass, by waiting where it passes by itself.
    async fn pass(&self, time: Duration);

    /// Takes the bucket away with all that it holds.
    async fn lose_bucket(&self);
}

/// Makes one test of each case. `$run` drives a future to its end; `$bench` is an async function from the case's name to a bench.
#[macro_export]
macro_rules! lease_conformance_tests {
    ($run:path, $bench:path) => {
        $crate::lease_conformance_tests!(@each $run, $bench;
            a_lease_is_read_back_as_it_was_taken, a_renewal_moves_the_revision_and_what_it_says, a_stale_renewal_is_refused,
            a_lease_lives_on_while_it_is_renewed, a_lease_that_nobody_renews_ends_once, a_release_ends_a_lease_at_once,
            a_watch_from_the_middle_tells_what_is_held_and_then_each_change, a_bucket_made_anew_has_another_name_and_nothing_of_the_old);
    };
    (@each $run:path, $bench:path; $($case:ident),+) => {
        $(#[test]
        fn $case() {
            $run(async {
                let bench = $bench(stringify!($case)).await;
                $crate::testing::conformance::leases::$case(&bench).await;
            });
        })+
    };
}

/// Every case, one after the other: for leases that are dear to start.
pub async fn all(bench: &dyn LeaseBench) {
    a_lease_is_read_back_as_it_was_taken(bench).await;
    a_renewal_moves_the_revision_and_what_it_says(bench).await;
    a_stale_renewal_is_refused(bench).await;
    a_lease_lives_on_while_it_is_renewed(bench).await;
    a_lease_that_nobody_renews_ends_once(bench).await;
    a_release_ends_a_lease_at_once(bench).await;
    a_watch_from_the_middle_tells_what_is_held_and_then_each_change(bench).await;
    a_bucket_made_anew_has_another_name_and_nothing_of_the_old(bench).await;
}

/// A connection that no other case, run or process has.
#[must_use]
pub fn new_conn() -> ConnId {
    ConnId::from(Uuid::now_v7())
}

/// A lease in a room, kept alive by a node.
#[must_use]
pub fn lease_in(room: &str) -> Lease {
    Lease {
        room: room.parse().expect("it is the name of a room"),
        user: "amy".parse().expect("it is an id"),
        node: Some("n1".to_owned()),
        secret_hash: None,
    }
}

/// A watch that was told everything that was held when it began.
pub struct Caught {
    /// The watch, behind [`LeaseChange::Caught`].
    pub watch: Box<dyn LeaseWatch>,
    /// Which bucket.
    pub bucket: String,
    /// What was held, and at which revision.
    pub held: BTreeMap<ConnId, u64>,
}

/// Watches, and reads what is held.
///
/// # Errors
/// Those of the watch.
pub async fn caught(leases: &dyn Leases) -> Result<Caught, LeaseError> {
    let mut watch = leases.watch().await?;
    let LeaseChange::Bucket(bucket) = watch.next().await? else { panic!("the bucket is told first") };
    let mut held = BTreeMap::new();
    loop {
        match watch.next().await? {
            LeaseChange::Held { conn, revision } => _ = held.insert(conn, revision),
            LeaseChange::Ended { conn, .. } => _ = held.remove(&conn),
            LeaseChange::Caught => return Ok(Caught { watch, bucket, held }),
            LeaseChange::Bucket(again) => panic!("the bucket is told once, not {bucket} and {again}"),
        }
    }
}

async fn watched(bench: &dyn LeaseBench) -> Caught {
    caught(bench.leases()).await.expect("the leases can be watched")
}

async fn held(bench: &dyn LeaseBench, conn: ConnId, room: &str) -> u64 {
    bench.leases().hold(conn, &lease_in(room)).await.expect("a lease can be taken")
}

async fn got(bench: &dyn LeaseBench, conn: ConnId) -> Option<HeldLease> {
    bench.leases().get(conn).await.expect("a lease can be read")
}

/// What is told of a connection next.
async fn next_of(watch: &mut dyn LeaseWatch, conn: ConnId) -> LeaseChange {
    loop {
        let change = watch.next().await.expect("the watch goes on");
        match change {
            LeaseChange::Held { conn: of, .. } | LeaseChange::Ended { conn: of, .. } if of == conn => return change,
            _ => {}
        }
    }
}

/// Nothing that it says is lost; another connection has none.
pub async fn a_lease_is_read_back_as_it_was_taken(bench: &dyn LeaseBench) {
    let (conn, other) = (new_conn(), new_conn());
    let lease = Lease { secret_hash: Some("0af1".to_owned()), node: None, ..lease_in("Zoë's room, 100 %") };
    let revision = bench.leases().hold(conn, &lease).await.expect("a lease can be taken");
    assert_eq!(got(bench, conn).await, Some(HeldLease { lease, revision }));
    assert_eq!(got(bench, other).await, None);
}

/// Revisions rise from one to the next, whichever way a lease is renewed.
pub async fn a_renewal_moves_the_revision_and_what_it_says(bench: &dyn LeaseBench) {
    let conn = new_conn();
    let first = held(bench, conn, "a").await;
    let second = held(bench, conn, "b").await;
    let third = bench.leases().hold_after(conn, &lease_in("c"), second).await.expect("nobody renewed it since");
    assert!(0 < first && first < second && second < third, "{first} {second} {third}");
    assert_eq!(got(bench, conn).await, Some(HeldLease { lease: lease_in("c"), revision: third }));
}

/// Who read an older lease does not overwrite a newer one, nor bring back one that ended.
pub async fn a_stale_renewal_is_refused(bench: &dyn LeaseBench) {
    let conn = new_conn();
    let first = held(bench, conn, "a").await;
    let second = held(bench, conn, "b").await;
    let stale = |answer, expected| assert_eq!(answer, Err(LeaseError::Moved { conn, expected }));
    stale(bench.leases().hold_after(conn, &lease_in("c"), first).await, first);
    assert_eq!(got(bench, conn).await.map(|held| held.revision), Some(second));
    bench.leases().release(conn).await.expect("a lease can be released");
    stale(bench.leases().hold_after(conn, &lease_in("c"), second).await, second);
    assert_eq!(got(bench, conn).await, None);
}

/// Each renewal gives it its whole time again.
pub async fn a_lease_lives_on_while_it_is_renewed(bench: &dyn LeaseBench) {
    let conn = new_conn();
    held(bench, conn, "a").await;
    for _ in 0..3 {
        bench.pass(bench.leases().time_to_live().mul_f64(0.6)).await;
        let renewed = held(bench, conn, "a").await;
        assert_eq!(got(bench, conn).await.map(|held| held.revision), Some(renewed));
    }
}

/// It is told once, as having ended by itself, and then nobody holds it until somebody takes it again.
pub async fn a_lease_that_nobody_renews_ends_once(bench: &dyn LeaseBench) {
    let (conn, other) = (new_conn(), new_conn());
    let mut watch = watched(bench).await.watch;
    let revision = held(bench, conn, "a").await;
    assert_eq!(next_of(&mut *watch, conn).await, LeaseChange::Held { conn, revision });
    bench.pass(bench.leases().time_to_live()).await;
    assert_eq!(next_of(&mut *watch, conn).await, LeaseChange::Ended { conn, expired: true });
    assert_eq!(got(bench, conn).await, None);
    let moved = bench.leases().hold_after(conn, &lease_in("a"), revision).await;
    assert_eq!(moved, Err(LeaseError::Moved { conn, expected: revision }));

    held(bench, other, "a").await;
    let again = held(bench, conn, "a").await;
    assert_eq!(next_of(&mut *watch, conn).await, LeaseChange::Held { conn, revision: again }, "its end was told once");
    assert!(again > revision);
}

/// It is gone when the answer is there, is told as released, and releasing nothing is no error.
pub async fn a_release_ends_a_lease_at_once(bench: &dyn LeaseBench) {
    let conn = new_conn();
    let mut watch = watched(bench).await.watch;
    held(bench, conn, "a").await;
    bench.leases().release(conn).await.expect("a lease can be released");
    assert_eq!(got(bench, conn).await, None);
    assert!(matches!(next_of(&mut *watch, conn).await, LeaseChange::Held { .. }));
    assert_eq!(next_of(&mut *watch, conn).await, LeaseChange::Ended { conn, expired: false });
    bench.leases().release(new_conn()).await.expect("there need not be one");
    held(bench, conn, "a").await;
    assert!(got(bench, conn).await.is_some(), "it can be taken again");
}

/// Nothing is missed and nothing is told twice where the past meets what happens now.
pub async fn a_watch_from_the_middle_tells_what_is_held_and_then_each_change(bench: &dyn LeaseBench) {
    let conns: Vec<_> = (0..5).map(|_| new_conn()).collect();
    let mut revisions = BTreeMap::new();
    for conn in &conns {
        revisions.insert(*conn, held(bench, *conn, "a").await);
    }
    revisions.insert(conns[1], held(bench, conns[1], "a").await);
    bench.leases().release(conns[0]).await.expect("a lease can be released");
    revisions.remove(&conns[0]);

    let Caught { mut watch, held: told, .. } = watched(bench).await;
    let told: BTreeMap<_, _> = told.into_iter().filter(|(conn, _)| conns.contains(conn)).collect();
    assert_eq!(told, revisions);

    let first = held(bench, conns[0], "a").await;
    bench.leases().release(conns[4]).await.expect("a lease can be released");
    let second = held(bench, conns[2], "a").await;
    let mut changes = Vec::new();
    while changes.len() < 3 {
        let change = watch.next().await.expect("the watch goes on");
        let (LeaseChange::Held { conn, .. } | LeaseChange::Ended { conn, .. }) = &change else {
            panic!("the beginning is told once, not {change:?} again")
        };
        // Other cases may have left leases that end meanwhile.
        if conns.contains(conn) {
            changes.push(change);
        }
    }
    let expected = [
        LeaseChange::Held { conn: conns[0], revision: first },
        LeaseChange::Ended { conn: conns[4], expired: false },
        LeaseChange::Held { conn: conns[2], revision: second },
    ];
    assert_eq!(changes, expected);
}

/// The watch ends; the next one names another bucket, in which nothing is held that was not taken again.
pub async fn a_bucket_made_anew_has_another_name_and_nothing_of_the_old(bench: &dyn LeaseBench) {
    let (old, kept) = (new_conn(), new_conn());
    let revision = held(bench, old, "a").await;
    let Caught { mut watch, bucket, .. } = watched(bench).await;
    bench.lose_bucket().await;
    while watch.next().await.is_ok() {}

    assert_eq!(got(bench, old).await, None);
    held(bench, kept, "a").await;
    let after = watched(bench).await;
    assert_ne!(after.bucket, bucket);
    assert_eq!(after.held.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from([kept]));
    let moved = bench.leases().hold_after(old, &lease_in("a"), revision).await;
    assert_eq!(moved, Err(LeaseError::Moved { conn: old, expected: revision }));
    assert_eq!(watched(bench).await.bucket, after.bucket, "it keeps its name as long as it is there");
}
