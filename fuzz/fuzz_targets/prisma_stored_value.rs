//! Reads any value in the columns of a Prisma schema: it is read the same after it is written back, or rejected and
//! left unchanged, and no error quotes it.
#![no_main]

#[path = "../src/prisma.rs"]
mod prisma;

use std::sync::LazyLock;

use adapter_prisma_compatible::sqlx;
use libfuzzer_sys::fuzz_target;
use lucia_core::{AdapterErrorKind, Attributes, UserAdapter as _, UserUpdate};

use self::prisma::{Database, column, is_same};

static DATABASE: LazyLock<Database> = LazyLock::new(Database::new);

// A digit for the column, one of `itrb` for SQLite's storage class, and the value.
fuzz_target!(|input: &[u8]| {
    let [digit, class, value @ ..] = input else {
        return;
    };
    let (name, _) = column(*digit);
    let text = || String::from_utf8_lossy(value);
    let Database { runtime, pool, adapter } = &*DATABASE;
    runtime.block_on(async {
        let statement = format!("UPDATE \"User\" SET \"{name}\" = ?1 WHERE \"id\" = 'u'");
        let query = sqlx::query(sqlx::AssertSqlSafe(statement));
        let query = match class {
            b'i' => query.bind(text().parse::<i64>().unwrap_or_default()),
            b'r' => query.bind(text().parse::<f64>().unwrap_or_default()),
            b't' => query.bind(text().into_owned()),
            _ => query.bind(value.to_vec()),
        };
        query.execute(pool).await.expect("SQLite takes everything");

        match adapter.get_user(&"u".into()).await {
            Ok(user) => {
                let user = user.expect("it is there");
                let read = user.attributes().get(name).expect("every column is read").clone();
                let before = stored(pool, name).await;
                let update = UserUpdate::default()
                    .with_attributes(Attributes::from([(name, read.clone())]))
                    .expect("no reserved name");
                match adapter.update_user(&"u".into(), &update).await {
                    Ok(()) => {
                        let again = adapter.get_user(&"u".into()).await.expect("readable").expect("there");
                        let again = again.attributes().get(name).expect("every column is read");
                        assert!(is_same(&read, again), "{before:?} {read} {again}");
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), AdapterErrorKind::InvalidAttribute, "{error:?}");
                        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
                        assert_eq!(stored(pool, name).await, before);
                    }
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), AdapterErrorKind::Decode, "{error:?}");
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            }
        }
        let statement = format!("UPDATE \"User\" SET \"{name}\" = NULL");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(pool).await.expect("null is taken");
    });
});

async fn stored(pool: &sqlx::SqlitePool, name: &str) -> (String, String) {
    let statement = format!("SELECT typeof(\"{name}\"), quote(\"{name}\") FROM \"User\"");
    sqlx::query_as(sqlx::AssertSqlSafe(statement)).fetch_one(pool).await.expect("one row")
}
