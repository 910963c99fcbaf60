//! What construction checks and says, and the tables that it makes.

use adapter_prisma_compatible::{Attribute, Mismatch, PrismaAdapter, PrismaConfig, SetupError, Table};
use lucia_core::{SessionAdapter, UserAdapter, UserSchema};

use crate::{
    prisma_data::tables,
    setup::made,
    support::{Database, GUIDE_TIME, REMOVE_A_PART, Scratch, config, count, key, run, session, table_in, user},
};

/// What is said to be wrong.
pub(crate) async fn mismatches(scratch: &Scratch, config: PrismaConfig) -> Vec<Mismatch> {
    match PrismaAdapter::with_config(scratch.pool.clone(), config).await {
        Err(SetupError::Mismatch(mismatches)) => mismatches,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn p7_missing_tables_are_all_named_at_construction() {
    let scratch = Scratch::create().await;
    let names = ["User", "Session", "Key"].map(|table| table_in(&scratch, table));
    let missing = names.clone().map(|table| Mismatch::MissingTable { table });
    assert_eq!(mismatches(&scratch, PrismaConfig::default()).await, missing);

    let error = PrismaAdapter::new(scratch.pool.clone()).await.unwrap_err();
    let [user, session, key] = names;
    let text = format!(
        "the configuration does not fit the database: there is no table `{user}`; there is no table `{session}`; \
         there is no table `{key}`"
    );
    assert_eq!(error.to_string(), text);

    PrismaConfig::default().create_tables(&scratch.pool).await.unwrap();
    let elsewhere = PrismaConfig::default().session(Table::named("sessions"));
    let missing = Mismatch::MissingTable { table: table_in(&scratch, "sessions") };
    assert_eq!(mismatches(&scratch, elsewhere).await, [missing]);
}

#[tokio::test]
async fn tables_are_those_of_prisma_to_the_byte() {
    let test = PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string().unique()))
        .session(Table::named("Session").attribute("country", Attribute::string()));
    for (schema, config) in [("lucia", PrismaConfig::default()), ("test", test)] {
        let (ours, theirs) = (Scratch::create().await, Scratch::create().await);
        config.create_tables(&ours.pool).await.unwrap();
        run(&theirs.pool, &tables(schema)).await;
        let of_prisma = made(&theirs.pool).await;
        assert!(of_prisma.len() >= 3, "{of_prisma:?}");
        assert_eq!(made(&ours.pool).await, of_prisma, "{schema}");
    }
}

#[tokio::test]
async fn tables_that_are_there_are_left_alone_whoever_makes_them() {
    let scratch = Scratch::create().await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let pool = scratch.pool.clone();
            tokio::spawn(async move { config().create_tables(&pool).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let database = Database::on(scratch, config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let sorted = async || {
        let mut made = made(&database.pool).await;
        made.sort();
        made
    };
    let before = sorted().await;
    run(&database.pool, REMOVE_A_PART).await;
    assert_ne!(sorted().await, before);
    config().create_tables(&database.pool).await.unwrap();
    assert_eq!(sorted().await, before, "what was missing is there again, and the rest as it was");
    assert_eq!(count(&database.pool, "User").await, 1);
}

/// The foreign keys of the guides do not cascade.
#[tokio::test]
async fn the_names_of_lucias_own_guides_work() {
    let tables = "
        CREATE TABLE auth_user (id VARCHAR(15) NOT NULL PRIMARY KEY);
        CREATE TABLE user_key (id VARCHAR(255) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL, hashed_password VARCHAR(255),
            FOREIGN KEY (user_id) REFERENCES auth_user(id));
        CREATE TABLE user_session (id VARCHAR(127) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL,
            active_expires BIGINT NOT NULL, idle_expires BIGINT NOT NULL, FOREIGN KEY (user_id) REFERENCES auth_user(id))";
    let config = PrismaConfig::default()
        .user(Table::named("auth_user"))
        .session(Table::named("user_session"))
        .key(Table::named("user_key"));
    let database = Database::from_sql(&tables.replace("BIGINT", GUIDE_TIME), config).await;
    database.set_user(&UserSchema::new("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    database.delete_user(&"u1".into()).await.unwrap();
    for table in ["auth_user", "user_key", "user_session"] {
        assert_eq!(count(&database.pool, table).await, 0);
    }
}
