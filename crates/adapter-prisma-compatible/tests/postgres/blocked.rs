use sqlx::{Connection as _, PgConnection};

use crate::server::{self, Scratch};

/// Waits until this many statements in a schema wait for a lock, or until none will, because `ended` returns `true`.
pub(crate) async fn until_blocked(scratch: &Scratch, statements: usize, ended: impl Fn() -> bool) {
    let mut connection = PgConnection::connect(server::url()).await.unwrap();
    let blocked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    while !ended() {
        let blocked = sqlx::query_scalar(blocked).bind(&scratch.schema).fetch_one(&mut connection);
        let blocked: i64 = blocked.await.unwrap();
        if usize::try_from(blocked).unwrap() >= statements {
            break;
        }
    }
    connection.close().await.unwrap();
}
