//! Postgres, with a quarter of 16 GB as its buffers.

use adapter_prisma_compatible::{
    PrismaAdapter, postgres,
    sqlx::{self, AssertSqlSafe, PgConnection, PgPool},
};
use test_servers::postgres_server;

use crate::{
    measure::{self, Store, step},
    population::{Population, SESSIONS_OF_A_USER},
    rows::{self, FAR},
};

/// The bulk of the rows is not written to the log.
const SETTINGS: [&str; 14] = [
    "-c",
    "shared_buffers=4GB",
    "-c",
    "max_wal_size=8GB",
    "-c",
    "wal_level=minimal",
    "-c",
    "max_wal_senders=0",
    "-c",
    "maintenance_work_mem=1GB",
    "-c",
    // They would need more shared memory than a container has.
    "max_parallel_maintenance_workers=0",
    "-c",
    "max_parallel_workers_per_gather=0",
];

/// Reads all tables and indexes into the buffers.
const LOAD: &str = "
    CREATE EXTENSION pg_prewarm;
    SELECT pg_prewarm(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')";

pub(crate) async fn run(few: Population, many: Population) {
    println!("\n## Postgres");
    let server = postgres_server().and_then(|server| server.args(SETTINGS).start()).unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port());
    let pools = [create(&url, "few").await, create(&url, "many").await];
    // The small one is filled as an application does it. Concurrent inserts would extend its few pages by many at once.
    step("10,000 sessions by the adapter", async {
        let adapter = adapter(&pools[0]).await;
        few.store_users(&adapter, 1).await;
        few.store_sessions(&adapter, 1).await;
    })
    .await;
    let mut connection = pools[1].acquire().await.unwrap();
    fill(&mut connection, many).await;
    drop(connection);

    let without_index = bytes(&pools, [few, many], r#"pg_total_relation_size('"Session"')"#).await;
    step("index of expiries, statistics, buffers", async {
        for pool in &pools {
            rows::config().create_expiry_index(pool).await.unwrap();
            sqlx::query("VACUUM (FREEZE, ANALYZE)").execute(pool).await.unwrap();
            sqlx::query("CHECKPOINT").execute(pool).await.unwrap();
            // A server that has run for a while has them in its buffers.
            sqlx::raw_sql(LOAD).execute(pool).await.unwrap();
        }
    })
    .await;
    let rows = bytes(&pools, [few, many], r#"pg_table_size('"Session"')"#).await;
    let with_index = bytes(&pools, [few, many], r#"pg_total_relation_size('"Session"')"#).await;
    let users = bytes(&pools, [few, many], r#"pg_total_relation_size('"User"')"#).await;
    measure::head("Postgres", [few, many]);
    measure::row("table of sessions with its indexes, for each session", without_index, "bytes");
    measure::row("the same with the index of expiries", with_index, "bytes");
    measure::row("the table alone", rows, "bytes");
    measure::row("a tenth of a user", users, "bytes");
    let small = Store::with_users(adapter(&pools[0]).await, few);
    let large = Store::with_users(adapter(&pools[1]).await, many);
    measure::read_and_revoke(&small, &large).await;
    measure::delete_expired(&small, &large).await;
}

async fn create(url: &str, name: &str) -> PgPool {
    let server = postgres::connect(url).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&server).await.unwrap();
    server.close().await;
    let options = postgres::connect_options(url).unwrap().database(name);
    let pool = postgres::pool_options().max_connections(16).connect_with(options).await.unwrap();
    rows::config().create_tables(&pool).await.unwrap();
    pool
}

async fn adapter(pool: &PgPool) -> PrismaAdapter {
    PrismaAdapter::with_config(pool.clone(), rows::config()).await.unwrap()
}

/// Returns a size for each session.
async fn bytes(pools: &[PgPool; 2], populations: [Population; 2], size: &str) -> [f64; 2] {
    let mut sizes = [0.0; 2];
    for (bytes, (pool, population)) in sizes.iter_mut().zip(pools.iter().zip(populations)) {
        let size: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT {size}"))).fetch_one(pool).await.unwrap();
        *bytes = size as f64 / population.sessions() as f64;
    }
    sizes
}

/// Inserts the rows without the indexes and constraints of the table of sessions, and creates these afterwards.
async fn fill(connection: &mut PgConnection, population: Population) {
    let constraints = r#"SELECT format('ALTER TABLE "Session" DROP CONSTRAINT %I', conname),
            format('ALTER TABLE "Session" ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = '"Session"'::regclass AND contype IN ('p', 'u', 'f')
        ORDER BY contype = 'f'"#;
    let indexes = r#"SELECT format('DROP INDEX %I', indexname), indexdef FROM pg_indexes WHERE tablename = 'Session'
        AND indexname NOT IN (SELECT conname FROM pg_constraint)"#;
    let mut definitions: Vec<(String, String)> = Vec::new();
    for sql in [constraints, indexes] {
        definitions.extend(sqlx::query_as::<_, (String, String)>(sql).fetch_all(&mut *connection).await.unwrap());
    }
    let Population { users, .. } = population;
    let (sessions, last) = (population.sessions(), SESSIONS_OF_A_USER - 1);
    execute(connection, "BEGIN").await;
    for (drop, _) in definitions.iter().rev() {
        execute(connection, drop).await;
    }
    // A table that is truncated in the same transaction is not written to the log.
    execute(connection, r#"TRUNCATE "Session""#).await;
    let insert_users = format!(
        r#"INSERT INTO "User" ("id", "username")
            SELECT 'user' || lpad(i::text, 11, '0'), 'name' || i FROM generate_series(0, {users} - 1) AS i"#
    );
    step("users", execute(connection, &insert_users)).await;
    let insert_sessions = format!(
        r#"INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires", "country")
            SELECT encode(sha256((
                    lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || lpad(i::text, 32, '0'))::bytea), 'hex'),
                'user' || lpad(user_number::text, 11, '0'), expires, expires, 'NZ'
            FROM generate_series(0, {sessions}::bigint - 1) AS i,
                LATERAL (SELECT i % {users} AS user_number) AS user_of_session,
                LATERAL (SELECT CASE WHEN i / {users} = ({last} + user_number) % {SESSIONS_OF_A_USER}
                    THEN 1 + user_number ELSE {FAR} END) AS _ (expires)"#
    );
    step("sessions", execute(connection, &insert_sessions)).await;
    for (_, create) in &definitions {
        step(create, execute(connection, create)).await;
    }
    step("commit", execute(connection, "COMMIT")).await;
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}
