//! Tests of ids under the collation of Prisma's tables, under which many different ids are equal.

use adapter_prisma_compatible::{
    Mismatch, PrismaAdapter, PrismaTokenAdapter, PrismaUserAdapter, SetupError, Table, mysql,
    sqlx::{self, MySqlPool},
};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, HashedPassword, KeyId, KeyUpdate, SessionAdapter, SessionUpdate, TokenAdapter,
    TokenKind, TokenSchema, UnixMillis, UserAdapter, UserUpdate,
};

use crate::server::options;
use crate::support::{Database, Scratch, config, count, key, kind, one, renewal, run, session, text, user};

/// Pairs that are equal under `utf8mb4_unicode_ci`: case, accents, trailing spaces, ignored characters, ligatures, all
/// emoji.
const EQUATED: [(&str, &str); 10] = [
    ("abc", "ABC"),
    ("e", "é"),
    ("é", "e\u{301}"),
    ("a", "a "),
    ("a", "a\0"),
    ("a", "a\u{200b}"),
    ("ss", "ß"),
    ("fi", "ﬁ"),
    ("1", "１"),
    ("😀", "😡"),
];

#[tokio::test]
async fn reads_never_confuse_two_ids() {
    let database = Database::create(config()).await;
    for (one, other) in EQUATED.into_iter().chain(EQUATED.map(|(one, other)| (other, one))) {
        run(&database.pool, "DELETE FROM `User`").await;
        database.set_user(&user(one), Some(&key(&format!("p:{one}"), one))).await.unwrap();
        database.set_session(&session(one, one)).await.unwrap();
        let equal = format!("SELECT CAST(COUNT(*) AS CHAR) FROM `User` WHERE `id` = '{other}'");
        assert_eq!(
            text(&database.pool, &equal).await.as_deref(),
            Some("1"),
            "{one:?} and {other:?} are not equal to the server"
        );

        let other_key = KeyId::from_stored(format!("p:{other}"));
        assert_eq!(database.get_user(&other.into()).await.unwrap(), None, "{one:?} {other:?}");
        assert_eq!(database.get_key(&other_key).await.unwrap(), None);
        assert_eq!(database.get_keys_by_user_id(&other.into()).await.unwrap(), []);
        assert_eq!(database.get_session(&other.into()).await.unwrap(), None);
        assert_eq!(database.get_session_and_user(&other.into()).await.unwrap(), None);
        assert_eq!(database.get_sessions_by_user_id(&other.into()).await.unwrap(), []);

        assert!(database.get_user(&one.into()).await.unwrap().is_some());
        assert!(database.get_session_and_user(&one.into()).await.unwrap().is_some());
        assert_eq!(database.get_sessions_by_user_id(&one.into()).await.unwrap().len(), 1);
        assert_eq!(database.get_keys_by_user_id(&one.into()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn writes_never_confuse_two_ids() {
    let database = Database::create(config()).await;
    for (one_id, other) in EQUATED {
        run(&database.pool, "DELETE FROM `User`").await;
        let stored_key = key(&format!("p:{one_id}"), one_id);
        database.set_user(&user(one_id), Some(&stored_key)).await.unwrap();
        let stored = session(one_id, one_id);
        database.set_session(&stored).await.unwrap();

        // A row that does not exist can neither be updated nor own anything.
        let other_key = KeyId::from_stored(format!("p:{other}"));
        let age = UserUpdate::default().with_attributes(one("age", 5)).unwrap();
        assert_eq!(kind(database.update_user(&other.into(), &age).await), Kind::InvalidUserId, "{one_id:?} {other:?}");
        assert_eq!(kind(database.update_user(&other.into(), &UserUpdate::default()).await), Kind::InvalidUserId);
        for expected in [None, Some(2_000)] {
            let renewal = renewal(8_000, 9_000, expected);
            assert_eq!(kind(database.update_session(&other.into(), &renewal).await), Kind::InvalidSessionId);
        }
        let renamed = database.rotate_session(&other.into(), &"new".into(), &SessionUpdate::default()).await;
        assert_eq!(kind(renamed), Kind::InvalidSessionId);
        let hash = KeyUpdate::default().with_hashed_password(Some(HashedPassword::new("h")));
        assert_eq!(kind(database.update_key(&other_key, &hash).await), Kind::InvalidKeyId);
        assert_eq!(kind(database.set_session(&session("s2", other)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.set_session_and_get_user(&session("s2", other)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.set_key(&key("p:k2", other)).await), Kind::InvalidUserId);

        // Deleting it has no effect.
        database.delete_session(&other.into()).await.unwrap();
        database.delete_sessions_by_user_id(&other.into()).await.unwrap();
        database.delete_other_sessions(&other.into(), &"x".into()).await.unwrap();
        database.delete_key(&other_key).await.unwrap();
        database.delete_keys_by_user_id(&other.into()).await.unwrap();
        database.delete_user(&other.into()).await.unwrap();

        assert_eq!(database.get_user(&one_id.into()).await.unwrap(), Some(user_of(one_id)));
        let unchanged = stored.with_attributes(one("country", serde_json::Value::Null)).unwrap();
        assert_eq!(database.get_session(&one_id.into()).await.unwrap(), Some(unchanged));
        assert_eq!(database.get_key(&stored_key.id).await.unwrap(), Some(stored_key));
        // The session to keep has a different id, so this one is deleted.
        database.delete_other_sessions(&one_id.into(), &other.into()).await.unwrap();
        assert_eq!(count(&database.pool, "Session").await, 0);
    }
}

fn user_of(id: &str) -> lucia_core::UserSchema {
    let mut attributes = user(id).attributes().clone();
    attributes.insert("age", serde_json::Value::Null);
    lucia_core::UserSchema::new(id).with_attributes(attributes).unwrap()
}

/// Two users whose provider user ids differ only in case cannot both sign up. The second never gets access to the
/// account of the first.
#[tokio::test]
async fn an_id_that_is_equal_under_the_collation_is_a_duplicate() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("github:AbC", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("github:abc", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_user(&user("U1"), None).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_session(&session("S1", "u1")).await), Kind::DuplicateSessionId);
    assert_eq!(database.get_key(&KeyId::from_stored("github:abc")).await.unwrap(), None);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));

    // An id can be changed to one that is equal under the collation.
    database.rotate_session(&"s1".into(), &"S1".into(), &SessionUpdate::default()).await.unwrap();
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), None);
    assert!(database.get_session(&"S1".into()).await.unwrap().is_some());
}

/// Another application may have written the user id in another spelling, which foreign keys allow.
#[tokio::test]
async fn a_session_that_spells_its_user_id_differently_belongs_to_no_user() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    run(&database.pool, "INSERT INTO `Session` VALUES ('s1', 'U1', 1, 2, NULL)").await;
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), None);
    assert_eq!(database.get_sessions_by_user_id(&"u1".into()).await.unwrap(), []);
    assert_eq!(count(&database.pool, "Session").await, 1, "it is not an orphan");
    assert_eq!(database.delete_expired_sessions(UnixMillis::new(3), 10).await.unwrap(), 1);
}

/// Ids are looked up by the index, and then compared by their bytes.
#[tokio::test]
async fn ids_are_looked_up_by_the_index() {
    let database = Database::create(config()).await;
    let digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7)";
    let number = "a.d * 512 + b.d * 64 + c.d * 8 + e.d";
    run(
        &database.pool,
        &format!(
            "INSERT INTO `User` SELECT CONCAT('u', {number}), CONCAT('n', {number}), NULL FROM {digits} a, {digits} b, {digits} c, {digits} e;
             INSERT INTO `Session` SELECT CONCAT('s', SUBSTR(`id`, 2)), `id`, 1, 2, NULL FROM `User`;
             ANALYZE TABLE `User`, `Session`"
        ),
    )
    .await;
    let single = mysql::pool_options().max_connections(1).connect_with(options().database(&database.scratch.name));
    let single = single.await.unwrap();
    let adapter = PrismaAdapter::with_config(single.clone(), config()).await.unwrap();
    let before = rows_read(&single).await;
    assert!(adapter.get_session_and_user(&"s77".into()).await.unwrap().is_some());
    assert_eq!(adapter.get_sessions_by_user_id(&"u77".into()).await.unwrap().len(), 1);
    adapter.update_session(&"s77".into(), &renewal(8_000, 9_000, Some(2))).await.unwrap();
    adapter.set_session_and_get_user(&session("new", "u77")).await.unwrap();
    adapter.set_key(&key("p:k", "u77")).await.unwrap();
    adapter.delete_other_sessions(&"u77".into(), &"new".into()).await.unwrap();
    adapter.delete_user(&"u78".into()).await.unwrap();
    let read = rows_read(&single).await - before;
    assert!(read < 2_000, "{read} of 8,192 rows were read");
    assert_eq!(count(&database.pool, "Session").await, 4_095);
}

/// Returns the number of rows that a connection has read in the order of a table or index. The query reads some, too.
async fn rows_read(single: &MySqlPool) -> u64 {
    let sql = "SHOW SESSION STATUS WHERE `Variable_name` IN ('Handler_read_rnd_next', 'Handler_read_next')";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(single).await.unwrap();
    rows.iter().map(|(_, count)| count.parse::<u64>().unwrap()).sum()
}

/// The server refuses to compare them, in each read of a session.
#[tokio::test]
async fn sessions_whose_users_have_another_collation_are_refused() {
    let scratch = Scratch::create().await;
    let config = || config().without_foreign_keys();
    config().create_tables(&scratch.pool).await.unwrap();
    let convert =
        |collation: &str| format!("ALTER TABLE `Session` CONVERT TO CHARACTER SET utf8mb4 COLLATE {collation}");
    run(&scratch.pool, &convert("utf8mb4_general_ci")).await;
    let error = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap_err();
    let (table, column) = ("Session".to_owned(), "user_id".to_owned());
    let (found, needed) = ("utf8mb4_general_ci".to_owned(), "utf8mb4_unicode_ci".to_owned());
    assert!(
        matches!(&error, SetupError::Mismatch(all) if *all == [Mismatch::WrongCollation { table, column, found, needed }]),
        "{error}"
    );
    PrismaUserAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();

    for (collation, charset) in [("utf8mb4_bin", "utf8mb4"), ("latin1_swedish_ci", "latin1")] {
        let convert = format!("ALTER TABLE `Session` CONVERT TO CHARACTER SET {charset} COLLATE {collation}");
        run(&scratch.pool, &convert).await;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
        let id = format!("u_{charset}");
        adapter.set_user(&user(&id), None).await.unwrap();
        adapter.set_session(&session(&id, &id)).await.unwrap();
        assert!(adapter.get_session_and_user(&id.as_str().into()).await.unwrap().is_some(), "{collation}");
        adapter.delete_user(&id.as_str().into()).await.unwrap();
        assert_eq!(count(&scratch.pool, "Session").await, 0, "{collation}");
    }
}

/// Tables that were created by hand have the default collation of the server, and others that of Prisma. Two columns with
/// different collations cannot be compared.
#[tokio::test]
async fn a_user_is_deleted_whose_rows_have_other_collations() {
    let scratch = Scratch::create().await;
    let config = || config().token(Table::named("Token")).without_foreign_keys();
    config().create_tables(&scratch.pool).await.unwrap();
    for table in ["Key", "Token"] {
        run(
            &scratch.pool,
            &format!("ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
        )
        .await;
    }
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    let tokens = PrismaTokenAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    for id in ["u1", "u2"] {
        adapter.set_user(&user(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
        adapter.set_session(&session(&format!("s_{id}"), id)).await.unwrap();
        let token = TokenSchema::new(format!("t_{id}"), TokenKind::from_static("reset"), UnixMillis::MAX);
        tokens.set_token(&token.with_user_id(id)).await.unwrap();
    }
    adapter.delete_user(&"u1".into()).await.unwrap();
    for table in ["User", "Session", "Key", "Token"] {
        assert_eq!(count(&scratch.pool, table).await, 1, "{table}");
    }
}
