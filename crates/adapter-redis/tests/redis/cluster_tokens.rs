//! Tokens on a cluster: a token and the index of its user are on different primaries, and a client may be cut off between two
//! steps.

use std::sync::{Arc, atomic::Ordering};

use adapter_redis::{
    RedisTokenAdapter,
    redis::{cluster_async::ClusterConnection, cmd},
};
use lucia_core::{AdapterErrorKind as Kind, AdapterResult, TokenAdapter, TokenSchema, UnixMillis};

use crate::{
    cluster::connect,
    place::{KIND, assert_kind, hours, now, token, user},
    seam::{Repeating, Seam, arm},
};

type Adapter = RedisTokenAdapter<ClusterConnection>;
type Severed = RedisTokenAdapter<Seam<ClusterConnection>>;

async fn is_alive(adapter: &Adapter, id: &str) -> bool {
    adapter.get_token(&KIND, &id.into()).await.unwrap().is_some()
}

async fn set_new(adapter: Arc<impl TokenAdapter>) -> AdapterResult<()> {
    adapter.set_token(&token("new", "u")).await
}

async fn take_old(adapter: Arc<impl TokenAdapter>) -> AdapterResult<()> {
    adapter.take_token(&KIND, &"old".into()).await.map(drop)
}

async fn delete_all(adapter: Arc<impl TokenAdapter>) -> AdapterResult<()> {
    adapter.delete_tokens(None, &user("u")).await
}

/// Takes a token and stores another one with its id.
async fn replace_old(adapter: Arc<impl TokenAdapter>) -> AdapterResult<()> {
    take_old(Arc::clone(&adapter)).await?;
    adapter.set_token(&token("old", "u")).await
}

/// Runs an operation on clients that are cut off after its first, second, third command. Checks that the remaining tokens
/// can be deleted.
async fn dies_everywhere<F: Future<Output = AdapterResult<()>>>(name: &str, operation: impl Fn(Arc<Severed>) -> F) {
    for commands in 0.. {
        assert!(commands < 20, "{name} does not end");
        let (connection, config) = connect(&format!("{name}{commands}")).await;
        let adapter = RedisTokenAdapter::with_config(connection.clone(), config.clone()).await.unwrap();
        for id in ["old", "other"] {
            adapter.set_token(&token(id, "u")).await.unwrap();
        }
        let seam = Seam::dies_after(commands, connection);
        let counter = seam.counter();
        let dying = Arc::new(RedisTokenAdapter::with_config(seam, config).await.unwrap());
        arm(&counter);
        let outcome = operation(dying).await;
        if let Err(error) = &outcome {
            assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
        }
        adapter.delete_tokens(None, &user("u")).await.unwrap();
        for id in ["old", "other", "new"] {
            assert!(!is_alive(&adapter, id).await, "{name}: {id} is left after {commands} commands");
        }
        if counter.load(Ordering::SeqCst) <= commands {
            return outcome.unwrap();
        }
    }
}

#[tokio::test]
async fn a_call_that_is_cut_off_leaves_no_unlisted_token() {
    dies_everywhere("set", set_new).await;
    dies_everywhere("take", take_old).await;
    dies_everywhere("delete", delete_all).await;
    dies_everywhere("replace", replace_old).await;
}

/// Runs another client's operation before each command of an operation. Checks that the remaining tokens can be deleted.
async fn interrupted_everywhere<F, G>(
    name: &str,
    interlude: impl Fn(Arc<Adapter>) -> F + Clone + Send + Sync + 'static,
    operation: impl Fn(Arc<Severed>) -> G,
) where
    F: Future<Output = AdapterResult<()>> + Send + 'static,
    G: Future<Output = AdapterResult<()>>,
{
    for nth in 1..=12 {
        let (connection, config) = connect(&format!("{name}{nth}")).await;
        let adapter = Arc::new(RedisTokenAdapter::with_config(connection.clone(), config.clone()).await.unwrap());
        adapter.set_token(&token("old", "u")).await.unwrap();
        let (other, interlude) = (Arc::clone(&adapter), interlude.clone());
        let seam = Seam::before(nth, connection, move || {
            let running = interlude(Arc::clone(&other));
            // Either may come first.
            async move { drop(running.await) }
        });
        let counter = seam.counter();
        let late = Arc::new(RedisTokenAdapter::with_config(seam, config).await.unwrap());
        arm(&counter);
        let _ = operation(late).await;
        if counter.load(Ordering::SeqCst) < nth {
            return;
        }
        adapter.delete_tokens(None, &user("u")).await.unwrap();
        for id in ["old", "new"] {
            assert!(!is_alive(&adapter, id).await, "{name}: {id} is left, before command {nth}");
        }
    }
}

#[tokio::test]
async fn a_deletion_at_any_step_leaves_no_unlisted_token() {
    interrupted_everywhere("deleted-set", delete_all, set_new).await;
    interrupted_everywhere("deleted-take", delete_all, take_old).await;
    interrupted_everywhere("deleted-replace", delete_all, replace_old).await;
    interrupted_everywhere("set-deleted", set_new, delete_all).await;
    interrupted_everywhere("replace-deleted", replace_old, delete_all).await;
}

/// The removal of an entry must not be that of a later token with the same id.
#[tokio::test]
async fn an_id_that_is_used_again_at_any_step_leaves_no_unlisted_token() {
    interrupted_everywhere("replaced-take", replace_old, take_old).await;
    interrupted_everywhere("taken-replace", take_old, replace_old).await;
    interrupted_everywhere("replaced-replace", replace_old, replace_old).await;
}

#[tokio::test]
async fn a_repeated_call_has_one_effect() {
    let (connection, config) = connect("repeated").await;
    let adapter = RedisTokenAdapter::with_config(Repeating(connection), config).await.unwrap();
    let stored = token("t1", "u");
    adapter.set_token(&stored).await.unwrap();
    assert_kind(adapter.set_token(&stored).await, Kind::DuplicateTokenId);
    assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap().as_ref(), Some(&stored));
    assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap(), None, "another call");
    adapter.set_token(&stored).await.unwrap();
    adapter.delete_tokens(None, &user("u")).await.unwrap();
    assert_eq!(adapter.get_token(&KIND, &stored.id).await.unwrap(), None);
    let window = std::time::Duration::from_secs(600);
    for sum in 1..4 {
        assert_eq!(adapter.add_to_counter("k", 1, window, now()).await.unwrap().value, sum);
    }
}

#[tokio::test]
async fn an_index_does_not_grow_without_end() {
    let (connection, config) = connect("index").await;
    let adapter = RedisTokenAdapter::with_config(connection.clone(), config).await.unwrap();
    let shown = format!("{adapter:?}");
    let prefix = shown.split("user_tokens_prefix: \"").nth(1).unwrap().split('"').next().unwrap();
    let size = async || -> usize {
        cmd("ZCARD").arg(format!("{prefix}u")).query_async(&mut connection.clone()).await.unwrap()
    };
    let long = TokenSchema { expires: hours(9), ..token("long", "u") };
    adapter.set_token(&long).await.unwrap();
    assert_kind(adapter.set_token(&long).await, Kind::DuplicateTokenId);
    assert_eq!(size().await, 1, "a refused token has no entry");
    for number in 0..30 {
        let id = format!("t{number}");
        adapter.set_token(&token(&id, "u")).await.unwrap();
        assert!(adapter.take_token(&KIND, &id.as_str().into()).await.unwrap().is_some());
        let expires = UnixMillis::new(now().get() - 61_000);
        adapter.set_token(&TokenSchema { expires, ..token(&id, "u") }).await.unwrap();
    }
    assert_eq!(size().await, 1, "neither taken nor expired tokens have an entry");
    adapter.delete_tokens(None, &user("u")).await.unwrap();
    assert_eq!(size().await, 0);
}

/// Returns the number of commands of an operation on a token of a user: a server must run a script once to cache it.
async fn fewest<F: Future<Output = AdapterResult<()>>>(operation: impl Fn(Arc<Severed>) -> F) -> usize {
    let mut fewest = usize::MAX;
    for attempt in 0..12 {
        let (connection, config) = connect(&format!("token-steps{attempt}")).await;
        let seam = Seam::dies_after(usize::MAX, connection);
        let counter = seam.counter();
        let adapter = Arc::new(RedisTokenAdapter::with_config(seam, config).await.unwrap());
        adapter.set_token(&token("old", "u")).await.unwrap();
        arm(&counter);
        operation(adapter).await.unwrap();
        fewest = fewest.min(counter.load(Ordering::SeqCst));
    }
    fewest
}

#[tokio::test]
async fn operations_take_the_documented_steps() {
    assert_eq!(fewest(set_new).await, 2);
    assert_eq!(fewest(take_old).await, 2);
    // Reads the entries, deletes a token, removes the entry. Other tokens are deleted concurrently.
    assert_eq!(fewest(delete_all).await, 3);
    let plain =
        |adapter: Arc<Severed>| async move { adapter.set_token(&TokenSchema::new("plain", KIND, hours(1))).await };
    assert_eq!(fewest(plain).await, 1);
    let count = |adapter: Arc<Severed>| async move {
        adapter.add_to_counter("k", 1, std::time::Duration::from_secs(1), now()).await.map(drop)
    };
    assert_eq!(fewest(count).await, 1);
}
