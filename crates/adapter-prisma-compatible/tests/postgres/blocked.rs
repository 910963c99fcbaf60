use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::time::{sleep, timeout};

use crate::server::{self, Scratch};

/// Waits until this many statements in a schema wait for a lock, and returns `true`, or until none will, because
/// `ended` returns `true`, and returns `false`.
pub(crate) async fn until_blocked(scratch: &Scratch, statements: usize, ended: impl Fn() -> bool) -> bool {
    let mut connection = PgConnection::connect(server::url()).await.unwrap();
    let waiting = async {
        while !ended() {
            let blocked =
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
            let blocked = sqlx::query_scalar(blocked).bind(&scratch.schema).fetch_one(&mut connection);
            let blocked: i64 = blocked.await.unwrap();
            if usize::try_from(blocked).unwrap() >= statements {
                return true;
            }
            sleep(Duration::from_millis(5)).await;
        }
        false
    };
    let is_blocked = timeout(Duration::from_secs(30), waiting).await.expect("statements that wait, or have ended");
    connection.close().await.unwrap();
    is_blocked
}
