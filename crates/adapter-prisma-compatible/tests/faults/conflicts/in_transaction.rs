//! Conflicts in transactions of the application.

use adapter_prisma_compatible::{
    Connection, Prisma, PrismaAdapter, TransactionConflict,
    diesel_async::{AsyncConnection, TransactionManager as _},
};
use lucia_core::AdapterErrorKind;
use test_servers::Conflict;

use super::line::{Line, config};
use crate::{
    on_each_database, pools,
    site::{self, Kind, bounded, session, user},
};

/// The conflicts after which the transaction must be run again.
const CONFLICTS: [Conflict; 2] = [Conflict::Serialization, Conflict::Deadlock];

/// Stores a user, a key and a session in a transaction, one statement of which fails. Returns `true` if none failed.
async fn sign_up<C: Connection<Prisma>>(
    line: &Line,
    adapter: &PrismaAdapter,
    connection: &mut C,
    statements: u64,
    conflict: Conflict,
) -> bool {
    let ((new_user, key), session) = (user("u9"), session("s9", "u9"));
    line.proxy.fail_after(statements, conflict);
    let mut result = bounded(adapter.set_user_in(connection, &new_user, Some(&key))).await;
    if result.is_ok() {
        result = bounded(adapter.set_session_in(connection, &session)).await;
    }
    let failed = line.proxy.take_failed();
    let Err(error) = result else {
        assert_eq!(failed, [""; 0], "a failed statement was retried in the transaction");
        return true;
    };
    assert_eq!(failed.len(), 1, "{error:?}");
    let named: &TransactionConflict = error.downcast_ref().unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!(named.to_string(), "conflict with another transaction: roll this one back and run it again");
    let again = adapter.set_session_in(connection, &session).await.unwrap_err();
    assert_eq!(again.kind(), AdapterErrorKind::Backend, "the transaction goes on after {failed:?}: {again:?}");
    false
}

/// Runs a sign-up in transactions of this pool of sqlx.
macro_rules! sign_up_with_sqlx {
    ($line:expr, $pool:expr) => {{
        let adapter = PrismaAdapter::with_config($pool.clone(), config()).await.unwrap();
        let before = $line.stored().await;
        for conflict in CONFLICTS {
            for statements in 0.. {
                let mut transaction = $pool.begin().await.unwrap();
                let is_whole = sign_up($line, &adapter, &mut *transaction, statements, conflict).await;
                transaction.rollback().await.unwrap();
                assert_eq!($line.stored().await, before);
                if is_whole {
                    break;
                }
            }
        }
    }};
}

/// Runs a sign-up in transactions of this connection of Diesel.
async fn sign_up_with_diesel<C>(line: &Line, adapter: &PrismaAdapter, connection: &mut C, conflicts: &[Conflict])
where
    C: Connection<Prisma> + AsyncConnection,
{
    let before = line.stored().await;
    for conflict in conflicts {
        for statements in 0.. {
            C::TransactionManager::begin_transaction(connection).await.unwrap();
            let is_whole = sign_up(line, adapter, connection, statements, *conflict).await;
            C::TransactionManager::rollback_transaction(connection).await.unwrap();
            assert_eq!(line.stored().await, before);
            if is_whole {
                break;
            }
        }
    }
}

/// The statements of the application before the call may have to be run again, too.
async fn a_conflict_in_a_transaction_of_the_application_is_its_error(kind: Kind) {
    let line = Line::start(kind).await;
    line.reset().await;
    let url = line.url();
    match kind.pool(&url, 1).await {
        site::Pool::Postgres(pool) => {
            sign_up_with_sqlx!(&line, pool);
            // Diesel does not tell a deadlock of Postgres from other errors.
            let pool = pools::postgres(&url).unwrap();
            let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
            sign_up_with_diesel(&line, &adapter, &mut *pool.get().await.unwrap(), &[Conflict::Serialization]).await;
        }
        site::Pool::MySql(pool) => {
            sign_up_with_sqlx!(&line, pool);
            let pool = pools::mysql(&url).unwrap();
            let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
            sign_up_with_diesel(&line, &adapter, &mut *pool.get().await.unwrap(), &CONFLICTS).await;
        }
    }
}

on_each_database!(a_conflict_in_a_transaction_of_the_application_is_its_error);
