//! Tests of ids: which are valid, which are equal, and that errors do not contain them.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Refusal, Table};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, AdapterResult, KeyId, SessionAdapter, TokenAdapter as _, TokenKind, TokenSchema,
    UnixMillis, UserAdapter, UserSchema, UserUpdate,
};

use crate::support::{Database, Scratch, config, count, key, kind, renewal, session, texts, user};

#[tokio::test]
async fn ids_of_any_characters_are_distinct_or_rejected() {
    let database = Database::create(PrismaConfig::default()).await;
    let ids = ["", " ", "a", "A", "a ", "%", "_", "*", "'", "\"", "\\", "é", "e\u{301}", "😀", "1", "01", "1.0", "$1"];
    for id in ids {
        database.set_user(&UserSchema::new(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
        database.set_session(&session(id, id)).await.unwrap();
    }
    for id in ids {
        let (session, user) = database.get_session_and_user(&id.into()).await.unwrap().unwrap();
        assert_eq!((session.id.as_str(), user.id.as_str()), (id, id));
        assert_eq!(database.get_keys_by_user_id(&id.into()).await.unwrap().len(), 1);
    }
    // Postgres cannot store a NUL.
    for id in ["a\0", "\0", "a\0b"] {
        assert_eq!(database.get_user(&id.into()).await.unwrap(), None);
        assert_eq!(database.get_session_and_user(&id.into()).await.unwrap(), None);
        assert_eq!(database.get_sessions_by_user_id(&id.into()).await.unwrap(), []);
        assert_eq!(database.get_key(&KeyId::from_stored(id)).await.unwrap(), None);
        assert_eq!(kind(database.set_user(&UserSchema::new(id), None).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session(&session(id, "a")).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session(&session("s", id)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.set_session_and_get_user(&session(id, "a")).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session_and_get_user(&session("s", id)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.set_key(&key(id, "a")).await), Kind::UnsupportedId);
        assert_eq!(kind(database.update_session(&id.into(), &renewal(1, 1, None)).await), Kind::InvalidSessionId);
        database.delete_user(&id.into()).await.unwrap();
        database.delete_session(&id.into()).await.unwrap();
    }
    database.delete_other_sessions(&"a".into(), &"\0".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, i64::try_from(ids.len()).unwrap() - 1);
}

#[tokio::test]
async fn an_error_contains_the_table_and_the_constraint_but_no_id() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let error = database.set_session(&session("hunter2\0", "u1")).await.unwrap_err();
    assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));

    database.set_session(&session("hunter2", "u1")).await.unwrap();
    let error = database.set_session(&session("hunter2", "u1")).await.unwrap_err();
    assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));
    let driver = error.downcast_ref::<sqlx::Error>().unwrap().as_database_error().unwrap();
    assert_eq!((driver.code().as_deref(), driver.constraint()), (Some("23505"), Some("Session_pkey")));
    assert_eq!(driver.table(), Some("Session"));
}

#[tokio::test]
async fn ids_may_be_uuids_or_of_limited_length() {
    let sql = r#"
        CREATE TABLE "User" ("id" UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY);
        CREATE TABLE "Session" ("id" VARCHAR(64) PRIMARY KEY, "user_id" UUID NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL);
        CREATE TABLE "Key" ("id" VARCHAR(8) PRIMARY KEY, "hashed_password" VARCHAR(255),
            "user_id" UUID NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE)"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let (short, long) = (key("p:k", id), key("p:longer1", id));
    database.set_user(&UserSchema::new(id), Some(&short)).await.unwrap();
    database.set_session(&session("s1", id)).await.unwrap();
    assert_eq!(database.get_keys_by_user_id(&id.into()).await.unwrap(), [short]);
    let renewed = database.rotate_session(&"s1".into(), &"s2".into(), &renewal(1, 2, Some(2_000))).await;
    renewed.unwrap();
    assert_eq!(kind(database.set_user(&UserSchema::new(id), None).await), Kind::DuplicateUserId);

    for other in [id.to_uppercase().as_str(), &format!("{{{id}}}"), "u1", ""] {
        assert_eq!(database.get_user(&other.into()).await.unwrap(), None);
        assert_eq!(database.get_sessions_by_user_id(&other.into()).await.unwrap(), []);
        assert_eq!(kind(database.set_user(&UserSchema::new(other), None).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session(&session("s3", other)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.update_user(&other.into(), &UserUpdate::default()).await), Kind::InvalidUserId);
        database.delete_user(&other.into()).await.unwrap();
        database.delete_sessions_by_user_id(&other.into()).await.unwrap();
    }
    let reason = |result: AdapterResult<()>| result.unwrap_err().downcast_ref::<Refusal>().unwrap().to_string();
    let uuid = "column `id` of table `User` is uuid: the value must be a UUID in lower case with hyphens, such as \
                a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    assert_eq!(reason(database.set_user(&UserSchema::new("u1"), None).await), uuid);
    let uuid = uuid.replace("`id` of table `User`", "`user_id` of table `Session`");
    assert_eq!(reason(database.set_session(&session("s3", "u1")).await), uuid);
    assert_eq!(
        reason(database.set_key(&long).await),
        "column `id` of table `Key` is character varying(8): the value must have at most 8 characters, and has 9"
    );
    assert_eq!(kind(database.set_key(&long).await), Kind::UnsupportedId);
    assert_eq!(database.get_key(&long.id).await.unwrap(), None);
    assert_eq!(kind(database.set_session(&session(&" ".repeat(65), id)).await), Kind::UnsupportedId);
    let rotated = database.rotate_session(&"s2".into(), &"x".repeat(65).into(), &renewal(1, 2, None)).await;
    assert_eq!(kind(rotated), Kind::UnsupportedId);
    assert_eq!(count(&database.pool, "Session").await, 1);
}

/// The table is created with the type of the users' ids.
#[tokio::test]
async fn tokens_belong_to_users_with_uuids() {
    let scratch = Scratch::create().await;
    let config = PrismaConfig::default().token(Table::named("Token")).user_id_type("UUID");
    config.create_tables(&scratch.pool).await.unwrap();
    let tables = PrismaConfig::default().token(Table::named("auth_token"));
    tables.create_token_table(&scratch.pool).await.unwrap();
    let id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let users = PrismaAdapter::with_config(scratch.pool.clone(), config.clone()).await.unwrap();
    users.set_user(&UserSchema::new(id), None).await.unwrap();
    for config in [config, tables] {
        let tokens = PrismaTokenAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
        let reset = TokenKind::from_static("reset");
        let token = TokenSchema::new("t1", reset.clone(), UnixMillis::MAX);
        let owned = token.clone().with_user_id(id);
        tokens.set_token(&owned).await.unwrap();
        assert_eq!(tokens.take_token(&reset, &"t1".into()).await.unwrap().as_ref(), Some(&owned));
        for other in [id.to_uppercase().as_str(), "u1", ""] {
            let foreign = token.clone().with_user_id(other);
            assert_eq!(kind(tokens.set_token(&foreign).await), Kind::InvalidUserId);
            tokens.delete_tokens(None, &other.into()).await.unwrap();
            tokens.delete_tokens(Some(&reset), &other.into()).await.unwrap();
        }
        tokens.set_token(&token).await.unwrap();
        let count = tokens.add_to_counter("c1", 2, Duration::from_secs(1), UnixMillis::new(0)).await.unwrap();
        assert_eq!(count.value, 2);
    }
}
