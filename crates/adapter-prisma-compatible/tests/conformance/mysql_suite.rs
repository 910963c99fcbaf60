use std::{process::ExitCode, sync::Arc};

use adapter_prisma_compatible::mysql::pool_options;
use adapter_tests::{BoxError, harness::Harness};
use sqlx::Executor as _;

use crate::{
    any_pool::AnyPool,
    disguise::AsMySql,
    given,
    mysql::{Collation, MySql},
    mysql_server::{self, Scratch},
    suite::with_database,
    tokens::Tokens,
};

/// Runs the suite with sqlx.
#[expect(clippy::print_stderr, reason = "a server that cannot be used is reported once")]
pub(crate) fn run(collation: Collation) -> ExitCode {
    if let Err(error) = given::try_out("LUCIA_TEST_MYSQL_URL", mysql_server::try_out) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stores_invalid_json = runtime.block_on(mysql_server::is_mariadb());
    drop(runtime);
    let mysql = MySql {
        pool: |scratch| Ok(AnyPool::new(scratch.pool.clone())),
        collation,
        has_foreign_keys: true,
        stores_invalid_json,
    };
    let as_mysql = MySql { pool: |scratch| Ok(AnyPool::new(AsMySql(scratch.pool.clone()))), ..mysql };
    let without_foreign_keys = MySql { pool: read_committed, has_foreign_keys: false, ..mysql };
    let harness = with_database(Harness::new(), mysql);
    let harness = harness.named("without_returning").token_adapter(&Arc::new(Tokens(as_mysql)));
    with_database(harness.named("without_foreign_keys"), without_foreign_keys).run()
}

/// Opens a pool at a lower isolation level than the default, so that no lock on a gap between rows takes the place of a
/// foreign key.
fn read_committed(scratch: &Scratch) -> Result<AnyPool, BoxError> {
    let settings = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES');
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    let options = pool_options().after_connect(move |connection, _| {
        Box::pin(async move { connection.execute(sqlx::raw_sql(settings)).await.map(drop) })
    });
    Ok(AnyPool::new(options.connect_lazy_with(scratch.options())))
}
