//! `lucia-auth` itself on columns exactly as wide as the setup check asks for.

use std::{
    error::Error as StdError,
    sync::atomic::{AtomicU32, Ordering},
};

use adapter_prisma_compatible::{Mismatch, PrismaAdapter, PrismaConfig};
use lucia_auth::{Auth, Error, LuciaScrypt, NewKey, NewSession, NewUser, UserId};
use serde_json::json;

use crate::{
    server::Scratch,
    shared::setup::mismatches,
    support::{Database, run},
};

/// Users have UUIDs; the columns of sessions and hashes are just wide enough.
const TABLES: &str = r#"
    CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
    CREATE TABLE "User" ("id" UUID PRIMARY KEY, "role" "Role", "age" SMALLINT);
    CREATE TABLE "Session" ("id" VARCHAR(64) PRIMARY KEY, "user_id" UUID NOT NULL REFERENCES "User" ("id"),
        "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL);
    CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "hashed_password" VARCHAR(97), "user_id" UUID NOT NULL REFERENCES "User" ("id"))"#;

fn uuid() -> UserId {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    UserId::new(format!("00000000-0000-4000-8000-{:012x}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

#[tokio::test]
async fn columns_of_the_required_width_hold_ids_and_hashes() {
    let database = Database::from_sql(TABLES, PrismaConfig::default()).await;
    let auth = Auth::builder(database.adapter.clone()).user_id(uuid).build().unwrap();
    let key = NewKey::with_password(("username", "ada"), "correct horse");
    let ada = auth.create_user(NewUser::new().key(key)).await.unwrap().id;
    assert_eq!(auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap().user_id, ada);
    let session = auth.create_session(NewSession::new(ada.clone())).await.unwrap();
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    assert_eq!(auth.validate_session(&rotated.token).await.unwrap().user.id, ada);
}

/// `PrismaConfig::password_hash_length` documents the length for `LuciaScrypt`.
#[tokio::test]
async fn hashes_of_lucia_js_have_the_documented_length() {
    let scratch = Scratch::create().await;
    run(&scratch.pool, &TABLES.replace("VARCHAR(97)", "VARCHAR(148)")).await;
    let config = |length| PrismaConfig::default().password_hash_length(length);
    let too_long = mismatches(&scratch, config(149)).await;
    assert!(matches!(too_long.as_slice(), [Mismatch::WrongType { .. }]), "{too_long:?}");

    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config(148)).await.unwrap();
    let auth = Auth::builder(adapter).user_id(uuid).password_hash(LuciaScrypt::default()).build().unwrap();
    let key = NewKey::with_password(("username", "ada"), "correct horse");
    auth.create_user(NewUser::new().key(key)).await.unwrap();
}

/// The chain of sources contains the reason, and names the column.
#[tokio::test]
async fn errors_of_auth_contain_the_reason() {
    let database = Database::from_sql(TABLES, PrismaConfig::default()).await;
    let auth = Auth::builder(database.adapter.clone()).build().unwrap();
    let rejected = async |user: NewUser| -> Error { auth.create_user(user).await.unwrap_err() };
    let told = |error: &Error| {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    let id = told(&rejected(NewUser::new()).await);
    assert!(id.contains("column `id` of table `User` is uuid: the value must be a UUID"), "{id}");
    for (attributes, reason) in [
        (
            json!({"role": "ROOT"}),
            "column `role` of table `User` is \"Role\": the value must be one of `USER`, `ADMIN`",
        ),
        (
            json!({"age": 40_000}),
            "column `age` of table `User` is smallint: the value must be an integer from -32768 to 32767",
        ),
        (json!({"aeg": 4}), "table `User` has no column for the attribute; its attributes are `role`, `age`"),
    ] {
        let error = rejected(NewUser::new().id(uuid()).attributes(&attributes)).await;
        assert!(told(&error).ends_with(reason), "{}", told(&error));
        let name = attributes.as_object().unwrap().keys().next().unwrap();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
}
