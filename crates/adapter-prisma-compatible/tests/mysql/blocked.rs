use std::time::Duration;

use sqlx::{Connection as _, MySqlConnection, Row as _};
use tokio::time::{sleep, timeout};

use crate::server::{self, Scratch};

/// Waits until this many statements in a database wait for a lock, and returns `true`, or until none will, because
/// `ended` returns `true`, and returns `false`.
///
/// Reads the status of InnoDB, because `information_schema.INNODB_TRX` is not updated while it is read often.
pub(crate) async fn until_blocked(scratch: &Scratch, statements: usize, ended: impl Fn() -> bool) -> bool {
    let mut connection = MySqlConnection::connect_with(&server::options()).await.unwrap();
    let waiting = async {
        while !ended() {
            if blocked(&mut connection, scratch).await >= statements {
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

/// Returns how many statements in a database wait for a lock.
async fn blocked(connection: &mut MySqlConnection, scratch: &Scratch) -> usize {
    let running = "SELECT CAST(ID AS SIGNED), COALESCE(STATE, '') FROM information_schema.PROCESSLIST
        WHERE DB = ? AND COMMAND <> 'Sleep'";
    let running = sqlx::query_as::<_, (i64, String)>(running).bind(&scratch.name);
    let running = running.fetch_all(&mut *connection).await.unwrap();
    let status = sqlx::raw_sql("SHOW ENGINE INNODB STATUS").fetch_one(&mut *connection).await.unwrap();
    let status: String = status.get("Status");
    let transactions: Vec<_> = status.split("---TRANSACTION").filter(|text| text.contains("\nLOCK WAIT")).collect();
    let is_blocked = |(id, state): &&(i64, String)| {
        // A lock of `GET_LOCK`, or one on the definition of a table.
        let is_named = state == "User lock" || state.starts_with("Waiting for ");
        is_named || transactions.iter().any(|text| text.contains(&format!(" thread id {id},")))
    };
    running.iter().filter(is_blocked).count()
}
