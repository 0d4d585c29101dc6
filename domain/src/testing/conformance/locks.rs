//! What all locks must do. Each case is a function over the port; [`lock_conformance_tests!`](crate::lock_conformance_tests)
//! makes a test of each. Every case uses locks of its own.

#![allow(clippy::panic, clippy::expect_used, reason = "a suite of tests, compiled into a library")]

use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use uuid::Uuid;

use crate::channel::{LockName, LockTime};
use crate::ids::AthleteId;
use crate::ports::{HeldLock, LockError, Locks};

/// Users who want one lock at the same time.
const RIVALS: usize = 16;

/// Locks, and what a test does to them from outside.
#[async_trait]
pub trait LockBench: Send + Sync {
    /// The locks.
    fn locks(&self) -> &dyn Locks;

    /// Lets time pass, by waiting where it passes by itself.
    async fn pass(&self, time: Duration);

    /// Takes away all that is known of any lock.
    async fn lose_bucket(&self);
}

/// Makes one test of each case. `$run` drives a future to its end; `$bench` is an async function from the case's name to a bench.
#[macro_export]
macro_rules! lock_conformance_tests {
    ($run:path, $bench:path) => {
        $crate::lock_conformance_tests!(@each $run, $bench;
            a_lock_is_read_back_as_it_was_taken, a_lock_has_one_owner, of_rivals_one_takes_the_lock,
            an_owner_who_takes_it_again_renews_it, a_renewal_is_of_one_holding, a_release_frees_a_lock_at_once,
            a_lock_that_nobody_renews_ends, tokens_rise_with_each_holding_whatever_was_lost);
    };
    (@each $run:path, $bench:path; $($case:ident),+) => {
        $(#[test]
        fn $case() {
            $run(async {
                let bench = $bench(stringify!($case)).await;
                $crate::testing::conformance::locks::$case(&bench).await;
            });
        })+
    };
}

/// Every case, one after the other: for locks that are dear to start.
pub async fn all(bench: &dyn LockBench) {
    a_lock_is_read_back_as_it_was_taken(bench).await;
    a_lock_has_one_owner(bench).await;
    of_rivals_one_takes_the_lock(bench).await;
    an_owner_who_takes_it_again_renews_it(bench).await;
    a_renewal_is_of_one_holding(bench).await;
    a_release_frees_a_lock_at_once(bench).await;
    a_lock_that_nobody_renews_ends(bench).await;
    tokens_rise_with_each_holding_whatever_was_lost(bench).await;
}

/// A lock that no other case, run or process has.
#[must_use]
pub fn new_lock() -> LockName {
    Uuid::now_v7().to_string().parse().expect("a UUID is a name")
}

/// A user.
#[must_use]
pub fn user(name: &str) -> AthleteId {
    name.parse().expect("it is an id")
}

/// A time in seconds.
#[must_use]
pub fn seconds(seconds: u64) -> LockTime {
    LockTime::from_ms(seconds * 1_000).expect("it is a time")
}

async fn taken(bench: &dyn LockBench, name: &LockName, owner: &str, for_seconds: u64) -> HeldLock {
    bench.locks().acquire(name, &user(owner), seconds(for_seconds)).await.expect("the lock is free")
}

async fn got(bench: &dyn LockBench, name: &LockName) -> Option<HeldLock> {
    bench.locks().get(name).await.expect("a lock can be read")
}

/// Whatever its name is.
pub async fn a_lock_is_read_back_as_it_was_taken(bench: &dyn LockBench) {
    let odd: LockName = format!("Zoë's {}", &new_lock().as_str()[19..]).parse().expect("it is a name");
    for name in [new_lock(), odd] {
        assert_eq!(got(bench, &name).await, None);
        let held = taken(bench, &name, "amy", 60).await;
        assert_eq!((&held.owner, held.time), (&user("amy"), seconds(60)));
        assert_eq!(got(bench, &name).await, Some(held));
    }
}

/// Nobody else takes, renews or releases it.
pub async fn a_lock_has_one_owner(bench: &dyn LockBench) {
    let (name, bob) = (new_lock(), user("bob"));
    let held = taken(bench, &name, "amy", 60).await;
    let refused = bench.locks().acquire(&name, &bob, seconds(60)).await;
    assert_eq!(refused, Err(LockError::Held { name: name.clone(), owner: user("amy") }));
    let not_his = LockError::NotHeld { name: name.clone() };
    assert_eq!(bench.locks().renew(&name, &bob, held.fencing_token, seconds(60)).await, Err(not_his.clone()));
    assert_eq!(bench.locks().release(&name, &bob).await, Err(not_his));
    assert_eq!(got(bench, &name).await, Some(held));
    taken(bench, &new_lock(), "bob", 60).await;
}

/// All others are told who has it.
pub async fn of_rivals_one_takes_the_lock(bench: &dyn LockBench) {
    let name = new_lock();
    let users: Vec<_> = (0..RIVALS).map(|n| user(&format!("rival-{n}"))).collect();
    let answers = join_all(users.iter().map(|user| bench.locks().acquire(&name, user, seconds(60)))).await;
    let winners: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let held = LockError::Held { name: name.clone(), owner: winners[0].owner.clone() };
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| *error == held), "{answers:?}");
}

/// It stays one holding, with its token and a new time.
pub async fn an_owner_who_takes_it_again_renews_it(bench: &dyn LockBench) {
    let name = new_lock();
    let first = taken(bench, &name, "amy", 3).await;
    for _ in 0..2 {
        bench.pass(Duration::from_secs(2)).await;
        let again = taken(bench, &name, "amy", 3).await;
        assert_eq!(again, first);
    }
    let longer = taken(bench, &name, "amy", 60).await;
    assert_eq!(longer, HeldLock { time: seconds(60), ..first });
    assert_eq!(got(bench, &name).await, Some(longer));
}

/// A renewal of a holding that is over takes nothing, also where the same user holds the lock again.
pub async fn a_renewal_is_of_one_holding(bench: &dyn LockBench) {
    let (name, amy) = (new_lock(), user("amy"));
    let first = taken(bench, &name, "amy", 60).await;
    let renewed = bench.locks().renew(&name, &amy, first.fencing_token, seconds(30)).await;
    assert_eq!(renewed, Ok(HeldLock { time: seconds(30), ..first.clone() }));
    bench.locks().release(&name, &amy).await.expect("it is hers");
    let over = Err(LockError::NotHeld { name: name.clone() });
    assert_eq!(bench.locks().renew(&name, &amy, first.fencing_token, seconds(30)).await, over);
    assert_eq!(got(bench, &name).await, None);
    let second = taken(bench, &name, "amy", 60).await;
    assert_eq!(bench.locks().renew(&name, &amy, first.fencing_token, seconds(30)).await, over);
    assert_eq!(got(bench, &name).await, Some(second));
}

/// The next one takes it at once; nobody releases it twice.
pub async fn a_release_frees_a_lock_at_once(bench: &dyn LockBench) {
    let (name, amy) = (new_lock(), user("amy"));
    let first = taken(bench, &name, "amy", 60).await;
    bench.locks().release(&name, &amy).await.expect("it is hers");
    assert_eq!(got(bench, &name).await, None);
    assert_eq!(bench.locks().release(&name, &amy).await, Err(LockError::NotHeld { name: name.clone() }));
    let second = taken(bench, &name, "bob", 60).await;
    assert!(second.fencing_token > first.fencing_token, "{first:?} {second:?}");
}

/// A holder who is not heard of keeps nobody waiting for ever, and has it no more when it is somebody else's.
pub async fn a_lock_that_nobody_renews_ends(bench: &dyn LockBench) {
    let (name, amy) = (new_lock(), user("amy"));
    let first = taken(bench, &name, "amy", 1).await;
    // The server needs a moment longer than the time.
    bench.pass(Duration::from_millis(2_500)).await;
    assert_eq!(got(bench, &name).await, None);
    let over = Err(LockError::NotHeld { name: name.clone() });
    assert_eq!(bench.locks().renew(&name, &amy, first.fencing_token, seconds(60)).await, over);
    let second = taken(bench, &name, "bob", 60).await;
    assert!(second.fencing_token > first.fencing_token, "{first:?} {second:?}");
    assert_eq!(bench.locks().release(&name, &amy).await, Err(LockError::NotHeld { name: name.clone() }));
    assert_eq!(got(bench, &name).await, Some(second));
}

/// Whoever was given a token before the locks were lost is behind whoever is given one later.
pub async fn tokens_rise_with_each_holding_whatever_was_lost(bench: &dyn LockBench) {
    let (name, other) = (new_lock(), new_lock());
    let mut before = 0;
    for round in 0..3 {
        for n in 0..20 {
            taken(bench, &other, &format!("user-{n}"), 60).await;
            bench.locks().release(&other, &user(&format!("user-{n}"))).await.expect("it is theirs");
        }
        let held = taken(bench, &name, "amy", 60).await;
        assert!(held.fencing_token > before, "round {round}: {} behind {before}", held.fencing_token);
        before = held.fencing_token;
        bench.lose_bucket().await;
        assert_eq!(got(bench, &name).await, None);
    }
}
