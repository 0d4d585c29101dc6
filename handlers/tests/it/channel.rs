//! Channels of several nodes over one log and one set of locks in memory.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::channel::{
    ChannelChange, ChannelEvent, ChannelId, ChannelRefusal, ItemKey, ItemValue, KnownItem, LockName, LockTime, NewItem,
    Operation,
};
use ally_domain::envelope::Actor;
use ally_domain::ports::{Clock, LockError, RetryClock};
use ally_domain::testing::{MemoryEventStore, MemoryLocks};
use ally_handlers::Origin;
use ally_handlers::channel::{ChannelError, ChannelFollower, ChannelNotice, ChannelParts, ChannelRequest, Channels};
use ally_handlers::presence::Coded;
use futures::future::join_all;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// Writers at the same time.
const WRITERS: usize = 12;
/// Changes of each.
const ROUNDS: u64 = 5;

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }
}

/// Waits longer with each attempt, another time for each caller.
struct Spread;

impl RetryClock for Spread {
    fn delay_after(&self, attempt: u32) -> Duration {
        let chance = uuid::Uuid::new_v4().as_u128() % u128::from(attempt.min(8) * 2_000);
        Duration::from_micros(u64::try_from(chance).unwrap())
    }
}

#[derive(Default)]
struct World {
    store: MemoryEventStore,
    locks: MemoryLocks,
}

impl World {
    fn node(&self) -> Channels {
        Channels::new(ChannelParts {
            store: Arc::new(self.store.clone()),
            log: Arc::new(self.store.clone()),
            locks: Arc::new(self.locks.clone()),
            retry: Arc::new(Spread),
            clock: Arc::new(FixedClock),
        })
    }

    /// The major revisions of the log, in its order.
    fn revisions(&self) -> Vec<u64> {
        let events = self.store.events("CHANNELS").into_iter();
        events.map(|event| event.decode::<ChannelEvent>().unwrap().changed().channel.major_revision).collect()
    }
}

fn lobby() -> ChannelId {
    ChannelId::new("room", "lobby").unwrap()
}

fn key(text: &str) -> ItemKey {
    text.parse().unwrap()
}

fn item(name: &str, value: &Value, revision: Option<u64>) -> NewItem {
    NewItem { key: key(name), value: ItemValue::new(value).unwrap(), revision }
}

fn request(author: &str, change: ChannelChange) -> ChannelRequest {
    let author = author.parse().unwrap();
    ChannelRequest { change, major_revision: None, lock: None, author, add_timestamp: false, add_user_id: false }
}

fn origin() -> Origin {
    Origin { actor: Actor::Athlete("amy".into()), correlation: "test".into(), trace: Default::default() }
}

fn a_minute() -> LockTime {
    LockTime::from_ms(60_000).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_who_expect_one_revision_exactly_one_wins() {
    let world = World::default();
    let nodes = [world.node(), world.node()];
    for revision in 0..ROUNDS {
        let writes = (0..WRITERS).map(|writer| {
            let (node, channel) = (nodes[writer % 2].clone(), lobby());
            let change = ChannelChange::Set(vec![item("winner", &json!(writer), None)]);
            let wanted = ChannelRequest { major_revision: Some(revision), ..request("amy", change) };
            tokio::spawn(async move { node.execute(&channel, wanted, &origin()).await })
        });
        let answers: Vec<_> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert_eq!(won[0].state.major_revision, revision + 1);
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let ChannelError::Refused(ChannelRefusal::Conflict(conflict)) = error else { panic!("{error}") };
            assert_eq!((conflict.major_revision, conflict.expected), (revision + 1, Some(revision)));
            assert_eq!(error.code(), "METADATA_CONFLICT");
        }
        assert_eq!(nodes[0].get(&lobby()).await.unwrap().state, won[0].state);
    }
    assert_eq!(world.revisions(), (1..=ROUNDS).collect::<Vec<_>>());
}

/// Who expects nothing of the others' items is never refused: the command is decided again until it is in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_who_expect_nothing_all_get_through() {
    let world = World::default();
    let nodes = [world.node(), world.node()];
    let items = (0..WRITERS).map(|writer| item(&format!("w{writer}"), &json!(0), None)).collect();
    nodes[0].execute(&lobby(), request("amy", ChannelChange::Set(items)), &origin()).await.unwrap();
    let writers = (0..WRITERS).map(|writer| {
        let (node, channel) = (nodes[writer % 2].clone(), lobby());
        tokio::spawn(async move {
            // Each knows the revision of its own item and of no other.
            let mut revision = 1;
            for round in 1..=ROUNDS {
                let change = ChannelChange::Update(vec![item(&format!("w{writer}"), &json!(round), Some(revision))]);
                let view = node.execute(&channel, request("amy", change), &origin()).await.unwrap();
                revision = view.state.revision_of(&key(&format!("w{writer}")));
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    let state = nodes[1].get(&lobby()).await.unwrap().state;
    assert_eq!(state.major_revision, 1 + WRITERS as u64 * ROUNDS);
    assert!(state.items.values().all(|item| item.value.as_json() == ROUNDS.to_string()));
    let distinct: BTreeSet<_> = state.items.values().map(|item| item.revision).collect();
    assert_eq!(distinct.len(), WRITERS, "no two changes have one revision");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_others_never_stop_changing_ends_the_tries() {
    let world = World::default();
    world.store.set_contended(true);
    let change = ChannelChange::Set(vec![]);
    let refused = world.node().execute(&lobby(), request("amy", change), &origin()).await.unwrap_err();
    assert!(matches!(refused, ChannelError::Contended { tries: 16, .. }), "{refused}");
    assert_eq!(refused.code(), "METADATA_CONFLICT");
}

#[tokio::test]
async fn a_command_that_names_a_lock_needs_it_at_that_moment() {
    let world = World::default();
    let (node, channel, editor) = (world.node(), lobby(), "editor".parse::<LockName>().unwrap());
    let (amy, bob) = ("amy".parse().unwrap(), "bob".parse().unwrap());
    let write = async |author: &str, value: u64| {
        let change = ChannelChange::Set(vec![item("a", &json!(value), None)]);
        let wanted = ChannelRequest { lock: Some("editor".parse().unwrap()), ..request(author, change) };
        node.execute(&channel, wanted, &origin()).await
    };
    let refused = write("amy", 1).await.unwrap_err();
    assert_eq!(refused, ChannelError::Lock(LockError::NotHeld { name: editor.clone() }));
    assert_eq!(refused.code(), "METADATA_LOCK");

    let first = node.acquire_lock(&editor, &amy, a_minute()).await.unwrap();
    write("amy", 1).await.unwrap();
    assert_eq!(write("bob", 2).await.unwrap_err().code(), "METADATA_LOCK");
    assert_eq!(node.acquire_lock(&editor, &bob, a_minute()).await.unwrap_err().code(), "METADATA_LOCK");
    // It ends, and is bob's: amy, who was slow, writes no more.
    world.locks.advance(Duration::from_secs(61));
    let second = node.acquire_lock(&editor, &bob, a_minute()).await.unwrap();
    assert!(second.fencing_token > first.fencing_token);
    assert_eq!(write("amy", 3).await.unwrap_err().code(), "METADATA_LOCK");
    write("bob", 4).await.unwrap();
    assert!(node.renew_lock(&editor, &amy, first.fencing_token, a_minute()).await.is_err());
    node.renew_lock(&editor, &bob, second.fencing_token, a_minute()).await.unwrap();
    node.release_lock(&editor, &bob).await.unwrap();
    assert_eq!(node.lock(&editor, &bob).await.unwrap(), None);

    let tokens: Vec<_> = world
        .store
        .events("CHANNELS")
        .iter()
        .map(|event| event.decode::<ChannelEvent>().unwrap().changed().lock.as_ref().map(|lock| lock.fencing_token))
        .collect();
    assert_eq!(tokens, [Some(first.fencing_token), Some(second.fencing_token)]);
}

#[tokio::test]
async fn an_unavailable_log_or_lock_store_is_an_error() {
    let world = World::default();
    let node = world.node();
    world.locks.set_outage(Some("cut off"));
    let wanted = ChannelRequest { lock: Some("editor".parse().unwrap()), ..request("amy", ChannelChange::Set(vec![])) };
    assert_eq!(node.execute(&lobby(), wanted.clone(), &origin()).await.unwrap_err().code(), "unavailable");
    world.store.set_outage(Some("cut off"));
    let without = ChannelRequest { lock: None, ..wanted };
    assert_eq!(node.execute(&lobby(), without, &origin()).await.unwrap_err().code(), "unavailable");
    assert_eq!(node.get(&lobby()).await.unwrap_err().code(), "unavailable");
}

/// A node with its feed, and whoever follows the lobby there.
async fn following(world: &World) -> (Channels, ChannelFollower, CancellationToken) {
    let (node, stop) = (world.node(), CancellationToken::new());
    let mut follower = node.follower();
    let ready = ChannelId::new("test", "ready").unwrap();
    follower.follow(&ready).unwrap();
    follower.follow(&lobby()).unwrap();
    tokio::spawn(node.clone().follow_log(stop.clone()));
    // The feed begins at the end of the log, wherever that is when it comes to it: it is there once something was told.
    loop {
        node.execute(&ready, request("amy", ChannelChange::Set(vec![])), &origin()).await.unwrap();
        let told = tokio::time::timeout(Duration::from_millis(20), follower.next()).await;
        if told.is_ok() {
            break;
        }
    }
    (node, follower, stop)
}

async fn next_of_lobby(follower: &mut ChannelFollower) -> Arc<ChannelNotice> {
    let told = async {
        loop {
            let notice = follower.next().await.unwrap();
            if notice.channel == lobby() {
                return notice;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_on_every_node_are_told_each_change_in_order() {
    let world = World::default();
    let (writer, mut here, stop) = following(&world).await;
    let (_other, mut there, stop_other) = following(&world).await;
    let changes = [
        ChannelChange::Set(vec![item("a", &json!(1), None), item("b", &json!(2), None)]),
        ChannelChange::Update(vec![item("b", &json!(3), None)]),
        ChannelChange::Remove(vec![KnownItem { key: key("a"), revision: None }]),
        // Of nothing: no event.
        ChannelChange::Remove(vec![KnownItem { key: key("x"), revision: None }]),
        ChannelChange::Remove(vec![]),
    ];
    for change in changes {
        writer.execute(&lobby(), request("bob", change), &origin()).await.unwrap();
    }
    for follower in [&mut here, &mut there] {
        let mut told = Vec::new();
        for _ in 0..4 {
            let notice = next_of_lobby(follower).await;
            let items: Vec<_> = notice
                .items
                .iter()
                .map(|(key, item)| (key.to_string(), item.as_ref().map(|item| item.value.as_json().to_owned())))
                .collect();
            assert_eq!(notice.author.as_str(), "bob");
            told.push((notice.operation, notice.major_revision, items));
        }
        let some = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
        assert_eq!(told[0], (Operation::Set, 1, vec![some("a", "1"), some("b", "2")]));
        assert_eq!(told[1], (Operation::Update, 2, vec![some("b", "3")]));
        assert_eq!(told[2], (Operation::Remove, 3, vec![("a".to_owned(), None)]));
        assert_eq!(told[3], (Operation::Remove, 4, vec![("b".to_owned(), None)]));
    }
    stop.cancel();
    stop_other.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_too_slowly_is_cut_off_and_costs_the_others_nothing() {
    let world = World::default();
    let (writer, mut quick, stop) = following(&world).await;
    let mut slow = writer.follower();
    slow.follow(&lobby()).unwrap();
    let large = json!("x".repeat(30 * 1_024));
    for _ in 0..60 {
        let change = ChannelChange::Set(vec![item("a", &large, None)]);
        writer.execute(&lobby(), request("amy", change), &origin()).await.unwrap();
        next_of_lobby(&mut quick).await;
    }
    let mut told = 0;
    while slow.next().await.is_some() {
        told += 1;
    }
    // As much as fits into its queue, and then the end.
    assert!((20..40).contains(&told), "{told}");
    for n in 0..ally_handlers::channel::MAX_FOLLOWED {
        let channel = ChannelId::new("room", &format!("r{n}")).unwrap();
        let _ = quick.follow(&channel);
    }
    let many = quick.follow(&ChannelId::new("room", "one more").unwrap());
    assert!(matches!(many, Err(ChannelError::FollowsTooMany { .. })), "{many:?}");
    stop.cancel();
}
