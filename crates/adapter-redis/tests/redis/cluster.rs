//! Clusters: the keys of one user are on several primaries, and a client may be cut off between two steps.

use std::sync::{Arc, OnceLock, atomic::Ordering};

use adapter_redis::{
    RedisConfig, RedisSessionAdapter, SetupError,
    redis::{ToRedisArgs, cluster_async::ClusterConnection, cmd},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate};
use test_servers::RedisCluster;

use crate::{
    place::{assert_kind, attribute, config, hours, id, ids, patiently, session, user},
    seam::{Seam, arm},
};

pub(crate) fn urls() -> impl Iterator<Item = &'static str> {
    static CLUSTER: OnceLock<RedisCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| test_servers::redis_cluster().expect("a Redis cluster")).urls().iter().map(String::as_str)
}

/// A connection, and unique prefixes.
pub(crate) async fn connect(name: &str) -> (ClusterConnection, RedisConfig) {
    let connection = patiently().connect_cluster(urls()).await.unwrap();
    (connection, config(&format!("{}{name}", unique())))
}

/// Returns a name that is unique across tests and runs.
pub(crate) fn unique() -> String {
    tempfile::tempdir().unwrap().path().file_name().unwrap().to_string_lossy().into_owned()
}

type Adapter = RedisSessionAdapter<ClusterConnection>;

async fn adapter(name: &str) -> Adapter {
    let (connection, config) = connect(name).await;
    RedisSessionAdapter::with_config(connection, config).await.unwrap()
}

/// Checks that the user's list contains every live session and nothing else.
async fn assert_indexed(adapter: &Adapter, sessions: &[&str], what: &str) {
    let mut alive = Vec::new();
    for name in sessions {
        alive.extend(adapter.get_session(&id(name)).await.unwrap());
    }
    let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(ids(&listed), ids(&alive), "{what}");
}

#[tokio::test]
async fn r12_sessions_on_all_primaries_are_listed_and_revoked() {
    let adapter = adapter("r12").await;
    let names: Vec<_> = (0..50).map(|number| format!("s{number:02}")).collect();
    for name in &names {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    let other = session("other", "v");
    adapter.set_session(&other).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), names);
    adapter.delete_other_sessions(&user("u"), &id("s07")).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["s07"]);
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    for name in &names {
        assert_eq!(adapter.get_session(&id(name)).await.unwrap(), None);
    }
    assert_eq!(adapter.get_sessions_by_user_id(&user("v")).await.unwrap(), [other]);
}

/// Returns the smallest number of commands of an operation: each server must run a script once to cache it.
async fn fewest<F: Future<Output = lucia_core::AdapterResult<()>>>(
    operation: impl Fn(Arc<RedisSessionAdapter<Seam<ClusterConnection>>>, String) -> F,
) -> usize {
    let mut fewest = usize::MAX;
    for attempt in 0..12 {
        let (connection, config) = connect("steps").await;
        let seam = Seam::dies_after(usize::MAX, connection);
        let counter = seam.counter();
        let adapter = Arc::new(RedisSessionAdapter::with_config(seam, config).await.unwrap());
        adapter.set_session(&session("old", &format!("u{attempt}"))).await.unwrap();
        arm(&counter);
        operation(adapter, format!("u{attempt}")).await.unwrap();
        fewest = fewest.min(counter.load(Ordering::SeqCst));
    }
    fewest
}

#[tokio::test]
async fn operations_take_the_documented_steps() {
    let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    let update = |update: SessionUpdate| {
        fewest(move |adapter, _| {
            let update = update.clone();
            async move { adapter.update_session(&id("old"), &update).await }
        })
    };
    assert_eq!(fewest(|adapter, _| async move { adapter.get_session(&id("old")).await.map(drop) }).await, 1);
    assert_eq!(fewest(|adapter, owner| async move { adapter.set_session(&session("new", &owner)).await }).await, 3);
    assert_eq!(update(SessionUpdate::renewal(hours(2), hours(20))).await, 3);
    assert_eq!(update(change).await, 2);
    let rotate = |adapter: Arc<RedisSessionAdapter<_>>, _| async move {
        adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await
    };
    assert_eq!(fewest(rotate).await, 6);
    assert_eq!(fewest(|adapter, _| async move { adapter.delete_session(&id("old")).await }).await, 2);
    let list = |adapter: Arc<RedisSessionAdapter<_>>, owner: String| async move {
        adapter.get_sessions_by_user_id(&user(&owner)).await.map(drop)
    };
    assert_eq!(fewest(list).await, 2);
    // Reads the members, revokes a session, removes the entries. Other sessions are revoked concurrently.
    let revoke = |adapter: Arc<RedisSessionAdapter<_>>, owner: String| async move {
        adapter.delete_sessions_by_user_id(&user(&owner)).await
    };
    assert_eq!(fewest(revoke).await, 3);
}

/// Runs an operation on clients that are cut off after its first, second, third command, and checks the remaining data.
async fn dies_everywhere<F: Future<Output = lucia_core::AdapterResult<()>>>(
    name: &str,
    operation: impl Fn(Arc<RedisSessionAdapter<Seam<ClusterConnection>>>) -> F,
    left: impl AsyncFn(&Adapter, usize),
) {
    for commands in 0.. {
        assert!(commands < 40, "{name} does not end");
        let (connection, config) = connect(&format!("{name}{commands}")).await;
        let adapter = RedisSessionAdapter::with_config(connection.clone(), config.clone()).await.unwrap();
        adapter.set_session(&session("old", "u")).await.unwrap();
        adapter.set_session(&session("other", "u")).await.unwrap();
        let seam = Seam::dies_after(commands, connection);
        let counter = seam.counter();
        let dying = Arc::new(RedisSessionAdapter::with_config(seam, config).await.unwrap());
        arm(&counter);
        let outcome = operation(dying).await;
        assert_indexed(&adapter, &["old", "other", "new"], &format!("{name} after {commands} commands")).await;
        if let Err(error) = &outcome {
            assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
        }
        left(&adapter, commands).await;
        // The remaining data can be revoked.
        adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
        for name in ["old", "other", "new"] {
            assert_eq!(adapter.get_session(&id(name)).await.unwrap(), None, "{commands}");
        }
        if outcome.is_ok() {
            assert!(counter.load(Ordering::SeqCst) <= commands, "the client was cut off too late");
            return;
        }
    }
}

#[tokio::test]
async fn r3_a_creation_that_is_cut_off_leaves_no_unlisted_session() {
    dies_everywhere(
        "create",
        |adapter| async move { adapter.set_session(&session("new", "u")).await },
        async |_, _| {},
    )
    .await;
}

#[tokio::test]
async fn r3_a_deletion_that_is_cut_off_leaves_no_unlisted_session() {
    dies_everywhere("delete", |adapter| async move { adapter.delete_session(&id("old")).await }, async |_, _| {}).await;
}

#[tokio::test]
async fn r3_a_revocation_that_is_cut_off_leaves_no_unlisted_session() {
    let revoke =
        |adapter: Arc<RedisSessionAdapter<_>>| async move { adapter.delete_sessions_by_user_id(&user("u")).await };
    dies_everywhere("revoke", revoke, async |_, _| {}).await;
}

#[tokio::test]
async fn r3_a_renewal_that_is_cut_off_leaves_an_index_that_outlives_the_session() {
    let renew = |adapter: Arc<RedisSessionAdapter<_>>| async move {
        adapter.update_session(&id("old"), &SessionUpdate::renewal(hours(20), hours(200))).await
    };
    dies_everywhere("renew", renew, async |adapter, _| {
        assert!(adapter.get_session(&id("old")).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn r3_an_expiring_update_that_is_cut_off_leaves_no_unlisted_session() {
    let end = |adapter: Arc<RedisSessionAdapter<_>>| async move {
        let past = lucia_core::UnixMillis::new(1);
        adapter.update_session(&id("old"), &SessionUpdate::renewal(past, past)).await
    };
    dies_everywhere("end", end, async |_, _| {}).await;
}

#[tokio::test]
async fn r3_a_rotation_that_is_cut_off_loses_no_session() {
    let rotate = |adapter: Arc<RedisSessionAdapter<_>>| async move {
        adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await
    };
    dies_everywhere("rotate", rotate, async |adapter, commands| {
        let found = [adapter.get_session(&id("old")).await.unwrap(), adapter.get_session(&id("new")).await.unwrap()];
        assert!(found.iter().any(Option::is_some), "after {commands}");
    })
    .await;
}

/// Runs another client's operation before each command of an operation.
async fn interrupted_everywhere<F: Future<Output = ()> + Send + 'static, G: Future<Output = ()>>(
    name: &str,
    interlude: impl Fn(Arc<Adapter>) -> F + Clone + Send + Sync + 'static,
    operation: impl Fn(Arc<RedisSessionAdapter<Seam<ClusterConnection>>>) -> G,
    left: impl AsyncFn(&Adapter, usize),
) {
    for nth in 1..=8 {
        let (connection, config) = connect(&format!("{name}{nth}")).await;
        let adapter = Arc::new(RedisSessionAdapter::with_config(connection.clone(), config.clone()).await.unwrap());
        adapter.set_session(&session("old", "u")).await.unwrap();
        let (other, interlude) = (Arc::clone(&adapter), interlude.clone());
        let seam = Seam::before(nth, connection, move || interlude(Arc::clone(&other)));
        let counter = seam.counter();
        let late = Arc::new(RedisSessionAdapter::with_config(seam, config).await.unwrap());
        arm(&counter);
        operation(late).await;
        if counter.load(Ordering::SeqCst) < nth {
            return;
        }
        left(&adapter, nth).await;
    }
}

#[tokio::test]
async fn r3_a_listing_or_revocation_at_any_step_of_a_creation_misses_no_session() {
    for revokes in [false, true] {
        let interlude = move |adapter: Arc<Adapter>| async move {
            if revokes {
                adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
            } else {
                adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
            }
        };
        let create = |adapter: Arc<RedisSessionAdapter<_>>| async move {
            adapter.set_session(&session("new", "u")).await.unwrap()
        };
        interrupted_everywhere("created", interlude, create, async |adapter, nth| {
            assert_indexed(adapter, &["old", "new"], &format!("before command {nth}")).await;
        })
        .await;
    }
}

#[tokio::test]
async fn r3_a_rotation_at_any_step_of_a_revocation_is_revoked() {
    let rotate = |adapter: Arc<Adapter>| async move {
        let _ = adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await;
    };
    let revoke = |adapter: Arc<RedisSessionAdapter<_>>| async move {
        adapter.delete_sessions_by_user_id(&user("u")).await.unwrap()
    };
    interrupted_everywhere("rotated", rotate, revoke, async |adapter, nth| {
        for name in ["old", "new"] {
            assert_eq!(adapter.get_session(&id(name)).await.unwrap(), None, "{name}, before command {nth}");
        }
    })
    .await;
}

#[tokio::test]
async fn r3_a_revocation_at_any_step_of_a_rotation_deletes_both_sessions() {
    let revoke = |adapter: Arc<Adapter>| async move { adapter.delete_sessions_by_user_id(&user("u")).await.unwrap() };
    let rotate = |adapter: Arc<RedisSessionAdapter<_>>| async move {
        // Either may come first.
        let _ = adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await;
    };
    interrupted_everywhere("revoked", revoke, rotate, async |adapter, nth| {
        for name in ["old", "new"] {
            assert_eq!(adapter.get_session(&id(name)).await.unwrap(), None, "{name}, before command {nth}");
        }
        assert_indexed(adapter, &["old", "new"], "afterwards").await;
    })
    .await;
}

#[tokio::test]
async fn r1_and_r2_hold_at_any_step_of_an_update() {
    let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    let update = {
        let change = change.clone();
        move |adapter: Arc<RedisSessionAdapter<_>>| {
            let change = change.clone();
            async move {
                let _ = adapter.update_session(&id("old"), &change).await;
            }
        }
    };
    let delete = |adapter: Arc<Adapter>| async move { adapter.delete_session(&id("old")).await.unwrap() };
    interrupted_everywhere("deleted", delete, update.clone(), async |adapter, nth| {
        assert_eq!(adapter.get_session(&id("old")).await.unwrap(), None, "before command {nth}");
        assert_indexed(adapter, &["old"], "afterwards").await;
    })
    .await;
    let end = hours(77);
    let renew = move |adapter: Arc<Adapter>| async move {
        adapter.update_session(&id("old"), &SessionUpdate::renewal(end, end)).await.unwrap();
    };
    interrupted_everywhere("renewed", renew, update, async |adapter, nth| {
        let found = adapter.get_session(&id("old")).await.unwrap().unwrap();
        assert_eq!(found.idle_expires, end, "before command {nth}");
        assert_eq!(found.attributes().get("country"), Some(&"NZ".into()));
    })
    .await;
}

#[tokio::test]
async fn an_invalid_value_or_index_affects_no_other_user() {
    let (connection, config) = connect("bad").await;
    let adapter = RedisSessionAdapter::with_config(connection.clone(), config.clone()).await.unwrap();
    let good = session("good", "u");
    adapter.set_session(&good).await.unwrap();
    let prefixes = format!("{adapter:?}");
    let prefix = |field: &str| {
        let text = prefixes.split(&format!("{field}: \"")).nth(1).unwrap();
        text.split('"').next().unwrap().to_owned()
    };
    let (sessions, indexes) = (prefix("session_prefix"), prefix("user_sessions_prefix"));
    let run = async |name: &str, key: String, arguments: &[&str]| {
        let mut command = cmd(name);
        command.arg(key).arg(arguments.to_redis_args());
        command.query_async::<redis::Value>(&mut connection.clone()).await.unwrap();
    };
    run("SET", format!("{sessions}bad"), &["{"]).await;
    run("HSET", format!("{sessions}hash"), &["field", "value"]).await;
    run("SADD", format!("{indexes}u"), &["bad", "hash"]).await;
    run("SET", format!("{indexes}v"), &["of another application"]).await;
    assert_kind(adapter.get_session(&id("bad")).await, Kind::Decode);
    assert_kind(adapter.get_session(&id("hash")).await, Kind::Decode);
    assert_kind(adapter.delete_session(&id("hash")).await, Kind::Decode);
    assert_kind(adapter.set_session(&session("new", "v")).await, Kind::Decode);
    assert_eq!(adapter.get_session(&id("new")).await.unwrap(), None);
    assert_kind(adapter.set_session(&session("bad", "w")).await, Kind::DuplicateSessionId);
    assert_kind(adapter.set_session(&session("hash", "w")).await, Kind::DuplicateSessionId);
    assert!(adapter.get_sessions_by_user_id(&user("w")).await.unwrap().is_empty());
    assert_eq!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap(), [good]);
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(adapter.get_session(&id("bad")).await.unwrap(), None);
}

#[tokio::test]
async fn the_topology_of_the_connection_is_checked() {
    let url = urls().next().unwrap();
    let refused = RedisSessionAdapter::new(adapter_redis::connect(url).await.unwrap()).await.unwrap_err();
    assert!(matches!(&refused, SetupError::WrongTopology { mode, .. } if mode == "cluster"), "{refused:?}");
}
