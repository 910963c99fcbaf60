//! Calls that wait for the writer together.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use adapter_prisma_compatible::{
    PrismaAdapter, PrismaConfig,
    rusqlite::{Connection, Result},
};
use futures_util::{FutureExt as _, future::join_all};
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, KeySchema, TokenAdapter as _, UnixMillis, UserAdapter as _,
    UserSchema,
};
use serde_json::json;
use tokio::task::unconstrained;

use crate::{
    app::{App, hold_writer},
    support::{key, kind, one, user},
};

const WINDOW: Duration = Duration::from_secs(60);
const NOW: UnixMillis = UnixMillis::new(1_000);

/// Queues calls before the writer runs any of them.
pub(crate) async fn together<F: Future>(app: &App, calls: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let held = hold_writer(&app.pool).await;
    let mut calls = pin!(unconstrained(join_all(calls)));
    assert!(calls.as_mut().now_or_never().is_none(), "the calls did not wait");
    drop(held);
    calls.await
}

fn sign_ups(ids: impl IntoIterator<Item = u32>) -> Vec<(UserSchema, KeySchema)> {
    let sign_up = |index| {
        let id = format!("u{index}");
        (user(&id), key(&format!("p:{id}"), &id))
    };
    ids.into_iter().map(sign_up).collect()
}

async fn set_users(app: &App, users: &[(UserSchema, KeySchema)]) -> Vec<AdapterResult<()>> {
    together(app, users.iter().map(|(user, key)| app.adapter.set_user(user, Some(key)))).await
}

/// Asserts that exactly the users of successful calls are stored, with their keys.
async fn assert_whole(adapter: &PrismaAdapter, users: &[(UserSchema, KeySchema)], results: &[AdapterResult<()>]) {
    for ((user, key), result) in users.iter().zip(results) {
        assert_eq!(adapter.get_user(&user.id).await.unwrap().is_some(), result.is_ok(), "{user:?}: {result:?}");
        assert_eq!(adapter.get_key(&key.id).await.unwrap().is_some(), result.is_ok(), "{key:?}: {result:?}");
    }
}

/// The commits of the connection that writes.
#[derive(Clone, Debug, Default)]
struct Commits {
    begun: Arc<AtomicU32>,
    /// The number of commits that will fail.
    failing: Arc<AtomicU32>,
}

impl Commits {
    fn observe(&self, connection: &Connection) -> Result<()> {
        let commits = self.clone();
        connection.commit_hook(Some(move || {
            commits.begun.fetch_add(1, SeqCst);
            commits.failing.fetch_update(SeqCst, SeqCst, |failing| failing.checked_sub(1)).is_ok()
        }))
    }

    async fn app(&self) -> App {
        let commits = self.clone();
        let app = App::with("", move |connection| commits.observe(connection)).await;
        self.begun.store(0, SeqCst);
        app
    }

    fn begun(&self) -> u32 {
        self.begun.load(SeqCst)
    }
}

#[tokio::test]
async fn calls_that_wait_together_are_committed_together() {
    let commits = Commits::default();
    let app = commits.app().await;
    let users = sign_ups(0..100);
    let results = set_users(&app, &users).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(commits.begun(), 1);
    assert_whole(&app.adapter, &users, &results).await;
}

/// More calls than are committed together, and than may be queued.
#[tokio::test]
async fn calls_run_in_their_order() {
    let app = App::create().await;
    let counts = together(&app, (0..1_500).map(|_| app.tokens.add_to_counter("c", 1, WINDOW, NOW))).await;
    let values: Vec<_> = counts.into_iter().map(|count| count.unwrap().value).collect();
    assert_eq!(values, (1..=1_500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_call_has_no_effect_and_the_others_have_theirs() {
    let commits = Commits::default();
    let app = commits.app().await;
    app.adapter.set_user(&user("taken"), Some(&key("p:taken", "taken"))).await.unwrap();
    commits.begun.store(0, SeqCst);
    let mut users = sign_ups(0..4);
    users[1] = (user("taken"), key("p:u1", "taken"));
    // The user is inserted before the key is refused.
    users[2].1 = key("p:taken", "u2");
    let results = set_users(&app, &users).await;
    let kinds: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.kind())).collect();
    assert_eq!(kinds, [None, Some(Kind::DuplicateUserId), Some(Kind::DuplicateKeyId), None]);
    assert_eq!(commits.begun(), 1, "a failed call does not separate the others");
    assert_eq!((app.count("User"), app.count("Key")), (3, 3));
    assert_eq!(app.adapter.get_user(&"u2".into()).await.unwrap(), None);
}

/// Each call is made alone afterwards, once.
#[tokio::test]
async fn a_commit_that_fails_loses_nothing_and_writes_nothing_twice() {
    let commits = Commits::default();
    let app = commits.app().await;
    let users = sign_ups(0..20);
    commits.failing.store(1, SeqCst);
    let results = set_users(&app, &users).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(commits.begun(), 21);
    assert_whole(&app.adapter, &users, &results).await;

    commits.failing.store(1, SeqCst);
    let counts = together(&app, (0..20).map(|_| app.tokens.add_to_counter("c", 1, WINDOW, NOW))).await;
    let values: Vec<_> = counts.into_iter().map(|count| count.unwrap().value).collect();
    assert_eq!(values, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn calls_whose_commits_fail_have_no_effect() {
    let commits = Commits::default();
    let app = commits.app().await;
    let users = sign_ups(0..20);
    commits.failing.store(u32::MAX, SeqCst);
    let results = set_users(&app, &users).await;
    assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind() == Kind::Backend)));
    assert_eq!((app.count("User"), app.count("Key")), (0, 0));
    commits.failing.store(0, SeqCst);
    assert!(set_users(&app, &users).await.iter().all(Result::is_ok));
}

/// SQLite checks a deferred foreign key when it commits, so that one call fails the commit of all.
#[tokio::test]
async fn only_the_call_that_violates_a_deferred_foreign_key_fails() {
    const TABLES: &str = r#"
        CREATE TABLE "Org" ("id" TEXT PRIMARY KEY);
        INSERT INTO "Org" VALUES ('o');
        CREATE TABLE "Member" ("id" TEXT PRIMARY KEY, "org" TEXT REFERENCES "Org" ("id") DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE "MemberSession" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires" BIGINT, "idle_expires" BIGINT);
        CREATE TABLE "MemberKey" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "hashed_password" TEXT)"#;
    let app = App::create().await;
    app.pool.write(|transaction| transaction.execute_batch(TABLES)).await.unwrap();
    let table = adapter_prisma_compatible::Table::named;
    let config = PrismaConfig::default().user(table("Member")).session(table("MemberSession")).key(table("MemberKey"));
    let members = PrismaAdapter::with_config(app.pool.clone(), config).await.unwrap();
    let of = |id: &str, org: &str| UserSchema::new(id).with_attributes(one("org", org)).unwrap();
    for with_key in [false, true] {
        let users = [(0, "o"), (1, "none"), (2, "o")].map(|(index, org)| {
            let id = format!("u{index} {with_key}");
            (of(&id, org), with_key.then(|| key(&format!("p:{id}"), &id)))
        });
        let alone = kind(members.set_user(&users[1].0, users[1].1.as_ref()).await);
        let results = together(&app, users.iter().map(|(user, key)| members.set_user(user, key.as_ref()))).await;
        let kinds: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.kind())).collect();
        assert_eq!(kinds, [None, Some(alone), None], "{with_key}");
    }
    assert_eq!((app.count("Member"), app.count("MemberKey")), (4, 2));
}

/// The trigger rolls back the transaction of the whole group.
#[tokio::test]
async fn a_call_that_rolls_back_the_transaction_takes_no_other_with_it() {
    const STOP: &str = r#"CREATE TRIGGER stop AFTER INSERT ON "User" WHEN NEW."id" = 'u5' BEGIN
        SELECT RAISE(ROLLBACK, 'stopped'); END"#;
    let app = App::create().await;
    app.pool.write(|transaction| transaction.execute_batch(STOP)).await.unwrap();
    let users = sign_ups(0..10);
    let results = set_users(&app, &users).await;
    let failed: Vec<_> = (0..10).filter(|index| results[*index].is_err()).collect();
    assert_eq!(failed, [5]);
    assert_whole(&app.adapter, &users, &results).await;
}

#[tokio::test]
async fn a_full_database_fails_the_calls_for_which_there_is_no_room() {
    let app = App::create().await;
    let limit = async |pages: u32| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        app.pool.write(move |transaction| transaction.execute_batch(&pragma)).await.unwrap();
    };
    let pages: u32 = app.connection().query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    limit(pages + 10).await;
    let long = "x".repeat(2_000);
    let users: Vec<_> = sign_ups(0..60)
        .into_iter()
        .map(|(user, key)| {
            let name = Attributes::from([("username", json!(format!("{} {long}", user.id.as_str())))]);
            (UserSchema::new(user.id).with_attributes(name).unwrap(), key)
        })
        .collect();
    let results = set_users(&app, &users).await;
    let failed = results.iter().filter_map(|result| result.as_ref().err());
    assert!(failed.clone().all(|error| error.kind() == Kind::Unavailable), "{results:?}");
    let failed = failed.count();
    assert!(failed > 0 && failed < users.len(), "{failed} calls failed");
    assert_whole(&app.adapter, &users, &results).await;

    limit(pages + 1_000).await;
    let rest: Vec<_> =
        users.iter().zip(&results).filter(|(_, result)| result.is_err()).map(|(user, _)| user.clone()).collect();
    assert!(set_users(&app, &rest).await.iter().all(Result::is_ok));
    assert_eq!((app.count("User"), app.count("Key")), (60, 60));
}

/// A call takes effect or not, and the writer does not work for nobody.
#[tokio::test]
async fn a_call_that_is_dropped_before_its_turn_has_no_effect() {
    let app = App::create().await;
    let (dropped, kept) = (user("dropped"), user("kept"));
    let held = hold_writer(&app.pool).await;
    let mut dropping = Box::pin(app.adapter.set_user(&dropped, None));
    let mut keeping = pin!(app.adapter.set_user(&kept, None));
    assert!(dropping.as_mut().now_or_never().is_none() && keeping.as_mut().now_or_never().is_none());
    drop(dropping);
    drop(held);
    keeping.await.unwrap();
    assert_eq!(app.adapter.get_user(&dropped.id).await.unwrap(), None);
}
