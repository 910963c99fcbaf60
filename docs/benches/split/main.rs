//! Sessions in Redis beside users in SQLite: the cost of validating a session with a `SplitAdapter`, compared to the two reads
//! with the drivers alone, and to Lucia JS with node-redis and better-sqlite3 on the same data.
//!
//! `cargo bench -p lucia-docs --bench split`. All subjects are measured in alternating turns; how far the control against
//! itself is from 1 is the noise of the machine. `LUCIA_BENCH_ROUNDS` sets the number of turns.

#[path = "../shared/rows.rs"]
mod rows;
mod stores;

use std::{env, path::Path, sync::Arc};

use test_servers::{NodeBench, Turns, redis_server, time_of_calls};
use tokio::runtime::Runtime;

use self::{
    rows::{scattered, token},
    stores::Stores,
};

const SESSIONS: u64 = 10_000;
const TASKS: [u64; 3] = [1, 16, 64];
const CALLS: u64 = 3_200;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Subject {
    OneAfterTheOther,
    Again,
    SideBySide,
    SessionAlone,
    Validate,
    ValidatePlain,
    ValidateWithoutUser,
    LuciaJs,
}

const SUBJECTS: [Subject; 8] = [
    Subject::OneAfterTheOther,
    Subject::Again,
    Subject::SideBySide,
    Subject::SessionAlone,
    Subject::Validate,
    Subject::ValidatePlain,
    Subject::ValidateWithoutUser,
    Subject::LuciaJs,
];

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::OneAfterTheOther => "both reads with the drivers alone, one after the other",
            Self::Again => "the same again",
            Self::SideBySide => "both side by side, which needs the id of the user",
            Self::SessionAlone => "the read of the session with the driver alone",
            Self::Validate => "`validate_session`, a hashed session",
            Self::ValidatePlain => "the same, a plain session",
            Self::ValidateWithoutUser => "the same with `check_users_only_at_renewal`, a hashed session",
            Self::LuciaJs => "`validateSession` of Lucia JS",
        }
    }

    /// Returns the index of the subject that this one is compared to.
    fn control(self) -> usize {
        let control = if self == Self::ValidateWithoutUser { Self::SessionAlone } else { Self::OneAfterTheOther };
        SUBJECTS.iter().position(|subject| *subject == control).unwrap_or_default()
    }

    async fn run(self, stores: &Stores, index: u64) {
        match self {
            Self::OneAfterTheOther | Self::Again => {
                stores.read_session(index).await;
                stores.read_user(index);
            }
            Self::SideBySide => {
                tokio::join!(stores.read_session(index), async { stores.read_user(index) });
            }
            Self::SessionAlone => stores.read_session(index).await,
            Self::Validate => stores.validate(&token(index)).await,
            Self::ValidatePlain => stores.validate(&stores::plain(index)).await,
            Self::ValidateWithoutUser => stores.validate_without_user(&token(index)).await,
            Self::LuciaJs => unreachable!("another process"),
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is the result")]
fn main() {
    let rounds = env::var("LUCIA_BENCH_ROUNDS").map_or(40, |rounds| rounds.parse().expect("a number of rounds"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("users.db");
    // A cache does not write to disk.
    let server = redis_server().and_then(|server| server.args(["--appendonly", "no"]).start()).expect("a server");
    let url = format!("redis://127.0.0.1:{}", server.port());
    Runtime::new().expect("a runtime").block_on(async {
        let stores = Arc::new(Stores::open(&url, &file).await);
        let mut lucia_js = start_lucia_js(&url, &file);
        println!(
            "µs per call over all tasks, and relative to both reads; without the user, to the read of the session\n"
        );
        let mut lines = SUBJECTS.map(|subject| format!("| {} |", subject.name()));
        let mut next = 0;
        for tasks in TASKS {
            let times = Turns::<{ SUBJECTS.len() }>::measure(rounds, async |index| {
                let first = next;
                next += CALLS;
                if SUBJECTS[index] == Subject::LuciaJs {
                    return lucia_js.time_of("validate", tasks as usize, CALLS as usize, first);
                }
                let (stores, subject) = (Arc::clone(&stores), SUBJECTS[index]);
                let call = move |number| {
                    let stores = Arc::clone(&stores);
                    async move { subject.run(&stores, scattered(first + number, SESSIONS)).await }
                };
                time_of_calls(tasks, CALLS, call).await
            });
            let times = times.await;
            for (index, line) in lines.iter_mut().enumerate() {
                let (time, ratio) = (times.median(index), times.ratio(index, SUBJECTS[index].control()));
                *line += &format!(" {time:.1} ({ratio:.2} ×) |");
            }
        }
        println!("| | 1 task | 16 tasks | 64 tasks |\n|---|---|---|---|\n{}", lines.join("\n"));
    });
}

/// Starts Lucia JS on a server and a file.
fn start_lucia_js(url: &str, file: &Path) -> NodeBench {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/split/lucia_js");
    let arguments = [url.to_owned(), file.display().to_string(), SESSIONS.to_string()];
    NodeBench::start(&package, &package.join("bench.mjs"), arguments, Path::new(env!("CARGO_TARGET_TMPDIR")))
        .expect("Lucia JS")
}
