use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::UserAdapter as _;

use crate::{conversion::plain_session_ids_are_hashed_beside_requests, on_mysql, on_postgres, on_sqlite, user};

async fn assert_converted(adapter: &PrismaAdapter) {
    adapter.set_user(&user("u1", "ada").0, None).await.unwrap();
    plain_session_ids_are_hashed_beside_requests(adapter, "u1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plain_session_ids_are_hashed_on_sqlite() {
    let (_, adapter, _kept) = on_sqlite().await;
    assert_converted(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plain_session_ids_are_hashed_on_postgres() {
    let (_, adapter, _kept) = on_postgres().await;
    assert_converted(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plain_session_ids_are_hashed_on_mysql() {
    let (_, adapter, _kept) = on_mysql().await;
    assert_converted(&adapter).await;
}
