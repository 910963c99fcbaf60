//! A call that is dropped in a transaction of the application.

use std::time::Duration;

use lucia_core::UserAdapter as _;
use sqlx::Connection as _;
use tokio::time::timeout;

use crate::{
    shared::drop_at_await::drop_at_await,
    support::{Database, config, key, user},
};

/// The connection is not used again, because sqlx may have confused its responses.
#[tokio::test]
async fn a_dropped_call_leaves_no_half_in_the_transaction() {
    let database = Database::create(config()).await;
    for nth in 1.. {
        let (before, dropped_one) = (format!("before {nth}"), format!("dropped {nth}"));
        let mut connection = database.pool.acquire().await.unwrap().detach();
        let mut transaction = connection.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user(&before), None).await.unwrap();
        let (new, its_key) = (user(&dropped_one), key(&format!("p:{nth}"), &dropped_one));
        let was_dropped = drop_at_await(nth, database.set_user_in(&mut *transaction, &new, Some(&its_key))).await;
        let committed = timeout(Duration::from_secs(5), transaction.commit()).await;
        // Closes it even if it waits for a response.
        drop(connection);
        let stored = database.get_user(&new.id).await.unwrap().is_some();
        assert_eq!(stored, database.get_key(&its_key.id).await.unwrap().is_some(), "dropped at wait {nth}");
        if matches!(committed, Ok(Ok(()))) {
            assert!(database.get_user(&before.as_str().into()).await.unwrap().is_some(), "dropped at wait {nth}");
        }
        if !was_dropped {
            assert!(nth > 1 && stored, "{nth}");
            break;
        }
    }
}
