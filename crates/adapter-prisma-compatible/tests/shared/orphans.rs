//! Inserts beside the deletion of their user, on tables without foreign keys. A gate stops a statement halfway.

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Table, sqlx::Pool};
use lucia_core::{
    Adapter as _, AdapterErrorKind as Kind, AdapterResult, SessionAdapter as _, TokenAdapter as _, TokenKind,
    TokenSchema, UnixMillis, UserAdapter as _, UserId,
};
use tokio::task::JoinHandle;

use crate::{
    blocked::until_blocked,
    gate::{Gate, ISOLATIONS, isolated},
    support::{Driver, Scratch, config, count, key, run, session, sql, user},
};

/// The adapters of one pool.
#[derive(Clone)]
pub(crate) struct Adapters {
    everything: PrismaAdapter,
    tokens: PrismaTokenAdapter,
}

/// An insert of a row of a user.
#[derive(Clone, Copy, Debug)]
enum Insert {
    Session,
    SessionAndGetUser,
    Key,
    Token,
}

const INSERTS: [Insert; 4] = [Insert::Session, Insert::SessionAndGetUser, Insert::Key, Insert::Token];

impl Adapters {
    pub(crate) async fn open(pool: Pool<Driver>) -> Self {
        let everything = PrismaAdapter::with_config(pool.clone(), with_tokens()).await.unwrap();
        let tokens = PrismaTokenAdapter::with_config(pool, with_tokens()).await.unwrap();
        Self { everything, tokens }
    }

    async fn insert(self, insert: Insert, id: String) -> AdapterResult<()> {
        let Self { everything, tokens } = self;
        match insert {
            Insert::Session => everything.set_session(&session(&format!("s_{id}"), &id)).await,
            Insert::SessionAndGetUser => {
                everything.set_session_and_get_user(&session(&format!("s_{id}"), &id)).await.map(drop)
            }
            Insert::Key => everything.set_key(&key(&format!("p:{id}"), &id)).await,
            Insert::Token => {
                let kind = TokenKind::from_static("reset");
                tokens.set_token(&TokenSchema::new(format!("t_{id}"), kind, UnixMillis::MAX).with_user_id(id)).await
            }
        }
    }
}

pub(crate) fn with_tokens() -> PrismaConfig {
    config().token(Table::named("Token"))
}

/// Creates tables without foreign keys, and adapters whose configuration does not say so.
async fn open(isolation: &str) -> (Scratch, Adapters) {
    let scratch = Scratch::create().await;
    with_tokens().without_foreign_keys().create_tables(&scratch.pool).await.unwrap();
    adapters(scratch, isolation).await
}

pub(crate) async fn adapters(scratch: Scratch, isolation: &str) -> (Scratch, Adapters) {
    let pool = isolated(&scratch, isolation).await;
    (scratch, Adapters::open(pool).await)
}

fn spawn_deletion(adapters: &Adapters, id: &str) -> JoinHandle<AdapterResult<()>> {
    let (adapter, id) = (adapters.everything.clone(), UserId::new(id));
    tokio::spawn(async move { adapter.delete_user(&id).await })
}

/// The insert has looked for the user when the deletion starts.
#[tokio::test]
async fn a_row_that_is_being_inserted_is_deleted_with_its_user() {
    for isolation in ISOLATIONS {
        delete_beside_inserts(open(isolation).await, isolation).await;
    }
}

pub(crate) async fn delete_beside_inserts((scratch, adapters): (Scratch, Adapters), isolation: &str) {
    let mut gate = Gate::before_inserts(&scratch).await;
    for (index, insert) in INSERTS.into_iter().enumerate() {
        let id = format!("u{index}");
        adapters.everything.set_user(&user(&id), None).await.unwrap();
        gate.close().await;
        let inserting = tokio::spawn(adapters.clone().insert(insert, id.clone()));
        assert!(until_blocked(&scratch, 1, || inserting.is_finished()).await, "{insert:?} at {isolation}");
        let deleting = spawn_deletion(&adapters, &id);
        until_blocked(&scratch, 2, || deleting.is_finished()).await;
        gate.open().await;
        ended(&scratch, inserting, deleting, &format!("{insert:?} at {isolation}")).await;
    }
}

/// The deletion has reached the user when the insert starts.
#[tokio::test]
async fn no_row_is_inserted_for_a_user_who_is_being_deleted() {
    for isolation in ISOLATIONS {
        let (scratch, adapters) = open(isolation).await;
        let mut gate = Gate::before_deletions(&scratch, "User").await;
        for (index, insert) in INSERTS.into_iter().enumerate() {
            let id = format!("u{index}");
            adapters.everything.set_user(&user(&id), None).await.unwrap();
            gate.close().await;
            let deleting = spawn_deletion(&adapters, &id);
            assert!(until_blocked(&scratch, 1, || deleting.is_finished()).await, "{insert:?} at {isolation}");
            let inserting = tokio::spawn(adapters.clone().insert(insert, id.clone()));
            until_blocked(&scratch, 2, || inserting.is_finished()).await;
            gate.open().await;
            ended(&scratch, inserting, deleting, &format!("{insert:?} at {isolation}")).await;
        }
    }
}

/// Checks that both calls have ended, and that nothing is stored.
async fn ended(
    scratch: &Scratch,
    inserting: JoinHandle<AdapterResult<()>>,
    deleting: JoinHandle<AdapterResult<()>>,
    what: &str,
) {
    deleting.await.unwrap().unwrap();
    if let Err(refused) = inserting.await.unwrap() {
        assert_eq!(refused.kind(), Kind::InvalidUserId, "{what}: {refused}");
    }
    for table in ["User", "Session", "Key", "Token"] {
        assert_eq!(count(&scratch.pool, table).await, 0, "{table}: {what}");
    }
}

/// Rows of another user stay, whether the deleted one exists or not.
#[tokio::test]
async fn a_deletion_without_foreign_keys_deletes_the_rows_of_one_user() {
    let (scratch, adapters) = open(ISOLATIONS[0]).await;
    for id in ["u1", "u2"] {
        adapters.everything.set_user(&user(id), None).await.unwrap();
        for insert in [Insert::Session, Insert::Key, Insert::Token] {
            adapters.clone().insert(insert, id.to_owned()).await.unwrap();
        }
    }
    for (id, left) in [("u3", 2), ("u1", 1), ("u1", 1), ("u2", 0)] {
        adapters.everything.delete_user(&id.into()).await.unwrap();
        for table in ["User", "Session", "Key", "Token"] {
            assert_eq!(count(&scratch.pool, table).await, left, "{table} without {id}");
        }
    }
}

/// Another tool may have deleted the user alone.
#[tokio::test]
async fn a_deletion_of_a_user_who_is_gone_deletes_its_rows() {
    for isolation in ISOLATIONS {
        let (scratch, adapters) = open(isolation).await;
        for id in ["u1", "u2"] {
            adapters.everything.set_user(&user(id), None).await.unwrap();
            for insert in [Insert::Session, Insert::Key, Insert::Token] {
                adapters.clone().insert(insert, id.to_owned()).await.unwrap();
            }
        }
        run(&scratch.pool, &sql(r#"DELETE FROM "User" WHERE "id" = 'u1'"#)).await;
        for _ in 0..2 {
            adapters.everything.delete_user(&"u1".into()).await.unwrap();
            for table in ["User", "Session", "Key", "Token"] {
                assert_eq!(count(&scratch.pool, table).await, 1, "{table} at {isolation}");
            }
        }
    }
}

/// The deletion is at a key without a user when the user is stored again.
#[tokio::test]
async fn a_user_who_is_stored_again_during_a_deletion_keeps_its_rows() {
    for isolation in ISOLATIONS {
        let (scratch, adapters) = open(isolation).await;
        adapters.everything.set_user(&user("u1"), Some(&key("p:a", "u1"))).await.unwrap();
        run(&scratch.pool, &sql(r#"DELETE FROM "User" WHERE "id" = 'u1'"#)).await;
        let mut gate = Gate::before_deletions(&scratch, "Key").await;
        gate.close().await;
        let deleting = spawn_deletion(&adapters, "u1");
        assert!(until_blocked(&scratch, 1, || deleting.is_finished()).await, "{isolation}");
        let adapter = adapters.everything.clone();
        let storing = tokio::spawn(async move {
            adapter.set_user(&user("u1"), Some(&key("p:b", "u1"))).await?;
            adapter.set_session(&session("s1", "u1")).await
        });
        until_blocked(&scratch, 2, || storing.is_finished()).await;
        gate.open().await;
        deleting.await.unwrap().unwrap();
        storing.await.unwrap().unwrap();
        for table in ["User", "Session", "Key"] {
            assert_eq!(count(&scratch.pool, table).await, 1, "{table} at {isolation}");
        }
        assert!(adapters.everything.get_key(&key("p:b", "u1").id).await.unwrap().is_some(), "{isolation}");
    }
}
