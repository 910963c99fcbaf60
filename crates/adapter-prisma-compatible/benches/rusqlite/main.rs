//! The cost of validating a session on a `RusqlitePool`, for 1, 16 and 64 tasks, compared to the same look-up with rusqlite
//! alone (one connection for each thread, a prepared statement, in the caller's thread), and to Lucia JS with better-sqlite3
//! on the same file.
//!
//! All subjects are measured in alternating turns. `Again` is the control against itself: how far it is from 1 is the
//! noise of the machine.

use std::{
    cell::RefCell,
    hint::black_box,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, RusqlitePool, Table, rusqlite};
use lucia_auth::Auth;
use lucia_core::{Adapter, SessionAdapter, SessionSchema, SessionToken, UnixMillis};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use test_servers::{NodeBench, Turns, time_of_calls};
use tokio::runtime::Runtime;

const SESSIONS: u64 = 10_000;
const TASKS: [u64; 3] = [1, 16, 64];
const ROUNDS: usize = 24;
const CALLS: u64 = 6_400;

#[derive(Serialize, Deserialize)]
struct Profile {
    username: String,
}

#[derive(Serialize, Deserialize)]
struct Country {
    country: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Subject {
    RusqliteAlone,
    Again,
    /// The same look-up in `tokio::task::block_in_place`.
    InPlace,
    /// The same look-up in `tokio::task::spawn_blocking`.
    InBlockingThread,
    GetSessionAndUser,
    /// Sessions whose ids are hashes.
    ValidateSession,
    /// Sessions with plain ids, such as those of Lucia JS.
    ValidatePlainSession,
    ValidateInLuciaJs,
    SetSession,
    SetSessionInLuciaJs,
}

const SUBJECTS: [Subject; 10] = [
    Subject::RusqliteAlone,
    Subject::Again,
    Subject::InPlace,
    Subject::InBlockingThread,
    Subject::GetSessionAndUser,
    Subject::ValidateSession,
    Subject::ValidatePlainSession,
    Subject::ValidateInLuciaJs,
    Subject::SetSession,
    Subject::SetSessionInLuciaJs,
];

const JOIN: &str = r#"SELECT "Session"."id", "Session"."user_id", "Session"."active_expires", "Session"."idle_expires",
    "Session"."country", "User"."id", "User"."username"
    FROM "Session" INNER JOIN "User" ON "User"."id" = "Session"."user_id" WHERE "Session"."id" = +?1"#;

struct Database {
    file: PathBuf,
    adapter: PrismaAdapter,
    auth: Auth<Profile, Country>,
    next: AtomicU64,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

fn token(index: u64) -> SessionToken {
    SessionToken::new(format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296))
}

impl Database {
    async fn open(file: &Path) -> Self {
        let pool = RusqlitePool::connect(&format!("file:{}?mode=rwc", file.display())).await.expect("a database");
        let config = PrismaConfig::default()
            .user(Table::named("User").attribute("username", Attribute::string()))
            .session(Table::named("Session").attribute("country", Attribute::string().optional()));
        config.create_tables(&pool).await.expect("tables");
        let seeded = pool.write(|transaction| {
            for index in 0..SESSIONS {
                let (user, token) = (format!("user{index:011}"), token(index));
                transaction.execute(r#"INSERT INTO "User" VALUES (?1, ?2)"#, (&user, format!("name{index}")))?;
                for id in [token.hashed_id().as_str(), &format!("p{}", token.as_str())] {
                    transaction.execute(
                        r#"INSERT INTO "Session" VALUES (?1, ?2, 4102444800000, 4102444800000, 'NZ')"#,
                        (id, &user),
                    )?;
                }
            }
            transaction.execute_batch("ANALYZE")
        });
        seeded.await.expect("rows");
        let adapter = PrismaAdapter::with_config(pool, config).await.expect("an adapter");
        let auth = Auth::builder(adapter.clone()).user_attributes::<Profile>().session_attributes::<Country>();
        let auth = auth.build().expect("valid options");
        Self { file: file.to_owned(), adapter, auth, next: AtomicU64::new(0) }
    }

    /// Returns the token of a session that is not near the previous one.
    fn some_token(&self) -> SessionToken {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        token(next.wrapping_mul(0x9E37_79B9_7F4A_7C15) % SESSIONS)
    }

    fn alone(&self) {
        let id = self.some_token().hashed_id();
        CONNECTION.with_borrow_mut(|connection| {
            let connection = connection.get_or_insert_with(|| Connection::open(&self.file).expect("a connection"));
            let mut statement = connection.prepare_cached(JOIN).expect("a statement");
            let row = statement.query_row([id.as_str()], |row| {
                let texts: [String; 5] = [row.get(0)?, row.get(1)?, row.get(4)?, row.get(5)?, row.get(6)?];
                Ok((texts, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
            });
            black_box(row.expect("a row"));
        });
    }

    async fn run(self: &Arc<Self>, subject: Subject) {
        match subject {
            Subject::RusqliteAlone | Subject::Again => self.alone(),
            Subject::InPlace => tokio::task::block_in_place(|| self.alone()),
            Subject::InBlockingThread => {
                let database = Arc::clone(self);
                tokio::task::spawn_blocking(move || database.alone()).await.expect("no panic");
            }
            Subject::GetSessionAndUser => {
                let id = self.some_token().hashed_id();
                black_box(self.adapter.get_session_and_user(&id).await.expect("an answer").expect("a session"));
            }
            Subject::ValidateSession => {
                black_box(self.auth.validate_session(&self.some_token()).await.expect("a session"));
            }
            Subject::ValidatePlainSession => {
                let token = SessionToken::new(format!("p{}", self.some_token().as_str()));
                black_box(self.auth.validate_session(&token).await.expect("a session"));
            }
            Subject::ValidateInLuciaJs | Subject::SetSessionInLuciaJs => unreachable!("another process"),
            Subject::SetSession => {
                let next = self.next.fetch_add(1, Ordering::Relaxed);
                let user = format!("user{:011}", next % SESSIONS);
                let end = UnixMillis::new(4_102_444_800_000);
                let session = SessionSchema::new(format!("new{next:037}"), user, end, end);
                self.adapter.set_session(&session).await.expect("a new session");
            }
        }
    }
}

async fn time_of(database: &Arc<Database>, lucia_js: &mut NodeBench, subject: Subject, tasks: u64) -> f64 {
    let calls = match subject {
        Subject::SetSession | Subject::SetSessionInLuciaJs => CALLS / 16,
        _ => CALLS,
    };
    let first = database.next.fetch_add(calls, Ordering::Relaxed);
    match subject {
        Subject::ValidateInLuciaJs => return lucia_js.time_of("validate", tasks as usize, calls as usize, first),
        Subject::SetSessionInLuciaJs => return lucia_js.time_of("set", tasks as usize, calls as usize, first),
        _ => {}
    }
    let database = Arc::clone(database);
    let call = move |_| {
        let database = Arc::clone(&database);
        async move { database.run(subject).await }
    };
    time_of_calls(tasks, calls, call).await
}

/// Starts Lucia JS on a database file.
fn start_lucia_js(file: &Path) -> NodeBench {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rusqlite/lucia_js");
    let arguments = [file.display().to_string(), SESSIONS.to_string()];
    // better-sqlite3 needs a newer Node.js than some distributions have: it is one of the packages.
    NodeBench::start(&package, &package.join("bench.mjs"), arguments, Path::new(env!("CARGO_TARGET_TMPDIR")))
        .expect("Lucia JS")
}

#[expect(clippy::print_stdout, reason = "it is the result")]
fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(async {
        let database = Arc::new(Database::open(&folder.path().join("bench.db")).await);
        let mut lucia_js = start_lucia_js(&database.file);
        println!("µs per call over all tasks, and relative to the control");
        for tasks in TASKS {
            let times = Turns::<{ SUBJECTS.len() }>::measure(ROUNDS, async |index| {
                time_of(&database, &mut lucia_js, SUBJECTS[index], tasks).await
            });
            let times = times.await;
            for (index, subject) in SUBJECTS.iter().enumerate() {
                let (time, ratio) = (times.median(index), times.ratio(index, 0));
                println!("{tasks:>3} tasks  {:<22} {time:>8.2} {ratio:>6.2}", format!("{subject:?}"));
            }
        }
    });
}
