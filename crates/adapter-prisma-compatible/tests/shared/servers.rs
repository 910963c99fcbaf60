//! Tests that are the same on every database that has a server.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, sqlx};
use lucia_core::{Adapter, SessionAdapter, UserAdapter};

use crate::support::{CONNECTION_ID, Database, config, driver, end_connection, options_of, run, session, user};

/// The server ends all connections that the pool has.
#[tokio::test]
async fn p8_a_read_on_a_connection_that_is_gone_is_done_on_another() {
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
