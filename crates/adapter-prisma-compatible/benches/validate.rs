//! The cost of validating a session: the adapter's joined read, and Lucia's validation with it, compared to the same
//! join with sqlx alone.
//!
//! The database has statistics, with which SQLite plans a statement again when the value of `?1` changes, but not that of
//! `+?1`. The join with sqlx alone is therefore measured in both forms.

use std::{
    cell::Cell,
    hint::black_box,
    time::{Duration, Instant},
};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, sqlite};
use criterion::{Criterion, criterion_group, criterion_main};
use lucia_auth::Auth;
use lucia_core::{Adapter, SessionId, SessionToken};
use sqlx::{AssertSqlSafe, Row, SqlitePool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

const JOIN: &str = r#"SELECT "Session"."id", "Session"."user_id", "Session"."active_expires", "Session"."idle_expires",
    "Session"."country", "User"."id", "User"."username"
    FROM "Session" INNER JOIN "User" ON "User"."id" = "Session"."user_id" WHERE "Session"."id" = +?1"#;

const JOIN_PLANNED_AGAIN: &str = r#"SELECT "Session"."id", "Session"."user_id", "Session"."active_expires",
    "Session"."idle_expires", "Session"."country", "User"."id", "User"."username"
    FROM "Session" INNER JOIN "User" ON "User"."id" = "Session"."user_id" WHERE "Session"."id" = ?1"#;

/// A database file with the given number of sessions and a tenth as many users, each with one attribute.
struct Database {
    pool: SqlitePool,
    adapter: PrismaAdapter,
    auth: Auth,
    sessions: u64,
    next: Cell<u64>,
}

impl Database {
    async fn open(folder: &TempDir, sessions: u64) -> Self {
        let file = folder.path().join(format!("{sessions}.db"));
        let is_new = !file.exists();
        let pool = sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.expect("a database");
        let config = PrismaConfig::default()
            .user(Table::named("User").attribute("username", Attribute::string().unique()))
            .session(Table::named("Session").attribute("country", Attribute::string().optional()));
        if is_new {
            seed(&pool, &config, sessions).await;
        }
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("an adapter");
        let auth = Auth::builder(adapter.clone()).build().expect("valid options");
        Self { pool, adapter, auth, sessions, next: Cell::new(0) }
    }

    /// Returns the id of a session that is not near the previous one.
    fn some_session(&self) -> String {
        let next = self.next.get() + 1;
        self.next.set(next);
        session_id(next.wrapping_mul(0x9E37_79B9_7F4A_7C15) % self.sessions)
    }

    async fn raw(&self, join: &'static str) {
        let row = sqlx::query(join).bind(self.some_session()).fetch_one(&self.pool).await.expect("a row");
        let times: (i64, i64) = (row.get(2), row.get(3));
        let texts: [String; 4] = [row.get(0), row.get(1), row.get(5), row.get(6)];
        let country: Option<String> = row.get(4);
        black_box((times, texts, country));
    }

    async fn joined(&self) {
        let id = SessionId::from(self.some_session());
        black_box(self.adapter.get_session_and_user(&id).await.expect("an answer").expect("a session"));
    }

    async fn validated(&self) {
        let token = SessionToken::from(self.some_session());
        black_box(self.auth.validate_session(&token).await.expect("a session"));
    }

    async fn run(&self, subject: Subject) {
        match subject {
            Subject::SqlxAlone => self.raw(JOIN).await,
            Subject::SqlxPlanningAgain => self.raw(JOIN_PLANNED_AGAIN).await,
            Subject::GetSessionAndUser => self.joined().await,
            Subject::ValidateSession => self.validated().await,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Subject {
    SqlxAlone,
    SqlxPlanningAgain,
    GetSessionAndUser,
    ValidateSession,
}

const SUBJECTS: [Subject; 4] =
    [Subject::SqlxAlone, Subject::SqlxPlanningAgain, Subject::GetSessionAndUser, Subject::ValidateSession];

async fn seed(pool: &SqlitePool, config: &PrismaConfig, sessions: u64) {
    config.create_tables(pool).await.expect("tables");

    // Creating the indexes after the rows is many times faster.
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
    sqlx::raw_sql(AssertSqlSafe(seed)).execute(pool).await.expect("rows");
    config.create_tables(pool).await.expect("indexes");
    sqlx::raw_sql("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await.expect("a checkpoint");
}

/// Returns a session id of 40 characters. Consecutive ids are not in order.
fn session_id(index: u64) -> String {
    format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296)
}

fn session_id_sql(index: &str) -> String {
    format!("printf('%08x%032d', {index} * 2654435761 % 4294967296, {index})")
}

fn validate(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let databases = SIZES.map(|sessions| runtime.block_on(Database::open(&folder, sessions)));
    let mut group = criterion.benchmark_group("validate");
    group.sample_size(100).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for database in &databases {
        for subject in SUBJECTS {
            group.bench_function(format!("{subject:?}/{}", database.sessions), |bencher| {
                bencher.to_async(&runtime).iter(|| database.run(subject));
            });
        }
    }
    group.finish();
    runtime.block_on(async {
        for database in databases {
            database.pool.close().await;
        }
        in_turns(&folder).await;
    });
}

/// Measures all subjects in turns of a few hundred calls on several pools, so that other load on the machine and the
/// placement of threads affect all subjects equally. In contrast to the times above, these ratios are comparable.
#[expect(clippy::print_stdout, reason = "it is the result")]
async fn in_turns(folder: &TempDir) {
    const POOLS: usize = 4;
    const ROUNDS: usize = 20;
    let mut times = SIZES.map(|_| SUBJECTS.map(|_| Vec::with_capacity(POOLS * ROUNDS)));
    for _ in 0..POOLS {
        let mut databases = Vec::with_capacity(SIZES.len());
        for sessions in SIZES {
            let database = Database::open(folder, sessions).await;
            time_of(10_000, &database, Subject::SqlxAlone).await;
            databases.push(database);
        }
        for round in 0..ROUNDS {
            for (database, times) in databases.iter().zip(&mut times) {
                for turn in 0..SUBJECTS.len() {
                    let index = (round + turn) % SUBJECTS.len();
                    times[index].push(time_of(300, database, SUBJECTS[index]).await);
                }
            }
        }
        for database in databases {
            database.pool.close().await;
        }
    }
    let means = times.map(|times| times.map(mean_of_most));
    println!("in turns                     µs   to sqlx alone   to the smallest");
    for (sessions, here) in SIZES.iter().zip(&means) {
        for ((subject, time), smallest) in SUBJECTS.iter().zip(here).zip(&means[0]) {
            let name = format!("{subject:?}/{sessions}");
            println!("{name:<25} {time:>5.1} {:>15.2} {:>17.2}", time / here[0], time / smallest);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures")]
async fn time_of(calls: u32, database: &Database, subject: Subject) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        database.run(subject).await;
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

/// Returns the mean without the fastest and slowest tenth of the rounds.
fn mean_of_most(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let tenth = times.len() / 10;
    let most = &times[tenth..times.len() - tenth];
    most.iter().sum::<f64>() / most.len() as f64
}

criterion_group!(benches, validate);
criterion_main!(benches);
