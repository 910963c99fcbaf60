//! What it costs to find out who is asking: the adapter's joined read, and Lucia's validation on it, against the same join
//! through sqlx alone.

use std::{cell::Cell, hint::black_box, time::Duration};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, sqlite};
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use lucia::Auth;
use lucia_core::{Adapter, SessionId};
use sqlx::{AssertSqlSafe, Row, SqlitePool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const JOIN: &str = r#"SELECT "Session"."id", "Session"."user_id", "Session"."active_expires", "Session"."idle_expires",
    "Session"."country", "User"."id", "User"."username"
    FROM "Session" INNER JOIN "User" ON "User"."id" = "Session"."user_id" WHERE "Session"."id" = ?1"#;

/// Sessions of a tenth as many users, with an attribute each, in a file of their own.
struct Database {
    pool: SqlitePool,
    adapter: PrismaAdapter,
    sessions: u64,
    next: Cell<u64>,
    _folder: TempDir,
}

impl Database {
    async fn seed(sessions: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bench.db");
        let pool = sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.expect("a new database");
        let config = PrismaConfig::default()
            .user(Table::named("User").attribute("username", Attribute::string().unique()))
            .session(Table::named("Session").attribute("country", Attribute::string().optional()));
        config.create_tables(&pool).await.expect("tables");

        // Rows first, indexes afterwards: that is many times faster.
        let (users, id) = (sessions / 10, session_id_sql("i"));
        let seed = format!(
            r#"BEGIN;
            DROP INDEX "Session_id_key"; DROP INDEX "Session_user_id_idx"; DROP INDEX "User_id_key"; DROP INDEX "User_username_key";
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {users})
                INSERT INTO "User" SELECT printf('user%011d', i), printf('name%d', i) FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {sessions})
                INSERT INTO "Session" SELECT {id} AS id, printf('user%011d', i % {users}), 4102444800000, 4102444800000, 'NZ'
                FROM n ORDER BY id;
            COMMIT;"#
        );
        sqlx::raw_sql(AssertSqlSafe(seed)).execute(&pool).await.expect("rows");
        config.create_tables(&pool).await.expect("indexes");
        sqlx::raw_sql("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.expect("a checkpoint");
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("an adapter");
        Self { pool, adapter, sessions, next: Cell::new(0), _folder: folder }
    }

    /// Some session, far from the one before.
    fn some_session(&self) -> String {
        let next = self.next.get() + 1;
        self.next.set(next);
        session_id(next.wrapping_mul(0x9E37_79B9_7F4A_7C15) % self.sessions)
    }

    fn raw(&self, group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime) {
        group.bench_function(format!("sqlx alone/{}", self.sessions), |bencher| {
            bencher.to_async(runtime).iter(|| async {
                let row = sqlx::query(JOIN).bind(self.some_session()).fetch_one(&self.pool).await.expect("a row");
                let times: (i64, i64) = (row.get(2), row.get(3));
                let texts: [String; 4] = [row.get(0), row.get(1), row.get(5), row.get(6)];
                let country: Option<String> = row.get(4);
                black_box((times, texts, country))
            });
        });
    }

    fn adapter(&self, group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime) {
        group.bench_function(format!("get_session_and_user/{}", self.sessions), |bencher| {
            bencher.to_async(runtime).iter(|| async {
                let id = SessionId::from(self.some_session());
                black_box(self.adapter.get_session_and_user(&id).await.expect("an answer").expect("a session"))
            });
        });
    }

    fn auth(&self, group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime) {
        let auth = Auth::builder(self.adapter.clone()).build().expect("valid options");
        group.bench_function(format!("validate_session/{}", self.sessions), |bencher| {
            bencher.to_async(runtime).iter(|| async {
                let id = SessionId::from(self.some_session());
                black_box(auth.validate_session(&id).await.expect("a session"))
            });
        });
    }
}

/// 40 characters in no order.
fn session_id(index: u64) -> String {
    format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296)
}

fn session_id_sql(index: &str) -> String {
    format!("printf('%08x%032d', {index} * 2654435761 % 4294967296, {index})")
}

fn validate(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("validate");
    group.sample_size(200).warm_up_time(Duration::from_secs(2)).measurement_time(Duration::from_secs(8));
    for sessions in [100_000, 10_000, 1_000_000] {
        let database = runtime.block_on(Database::seed(sessions));
        database.raw(&mut group, &runtime);
        database.adapter(&mut group, &runtime);
        database.auth(&mut group, &runtime);
        runtime.block_on(database.pool.close());
    }
    group.finish();
}

criterion_group!(benches, validate);
criterion_main!(benches);
