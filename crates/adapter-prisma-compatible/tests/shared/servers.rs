//! Tests that are the same on all databases with a server.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, sqlx};
use lucia_core::{Adapter, SessionAdapter, UserAdapter};

use crate::{
    setup::made,
    support::{
        CONNECTION_ID, Database, Scratch, config, count, driver, end_connection, key, options_of, run, schema, session,
        user,
    },
};

/// The server closes all connections of the pool.
#[tokio::test]
async fn p8_a_read_on_a_lost_connection_is_retried_on_another() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let pool = driver::pool_options().max_connections(3).connect_with(options_of(&database.scratch)).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    let mut held = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    let mut ids = Vec::new();
    for connection in &mut held {
        let id: String = sqlx::query_scalar(CONNECTION_ID).fetch_one(&mut **connection).await.unwrap();
        ids.push(id);
    }
    drop(held);
    while pool.num_idle() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for id in ids {
        run(&database.pool, &end_connection(&id)).await;
    }
    assert!(adapter.get_session_and_user(&"s1".into()).await.unwrap().is_some());
}

/// Two schemas (databases on MySQL) have tables with the same names. Neither is the default of the pool's connections.
#[tokio::test]
async fn tables_in_two_schemas_are_independent() {
    let (one, other, elsewhere) = (Scratch::create().await, Scratch::create().await, Scratch::create().await);
    let of = |scratch: &Scratch| config().schema(schema(scratch));
    let mut adapters = Vec::new();
    for scratch in [&one, &other] {
        of(scratch).create_tables(&elsewhere.pool).await.unwrap();
        adapters.push(PrismaAdapter::with_config(elsewhere.pool.clone(), of(scratch)).await.unwrap());
    }
    adapters[0].set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapters[0].set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(adapters[1].get_session(&"s1".into()).await.unwrap(), None);
    assert!(adapters[1].set_session(&session("s1", "u1")).await.is_err());
    adapters[1].set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapters[1].delete_user(&"u1".into()).await.unwrap();
    assert_eq!((count(&one.pool, "User").await, count(&other.pool, "User").await), (1, 0));
    assert!(made(&elsewhere.pool).await.is_empty());
}
