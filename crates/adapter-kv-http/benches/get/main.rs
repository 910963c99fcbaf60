//! The cost of reading a session on an unstorage server: the store, the adapter and Lucia's validation, compared to a plain
//! reqwest client that asks the same server for the same value, and to Lucia JS with its adapter and unstorage's client.
//!
//! All run in turns of some hundred calls, so that other load affects all of them equally. `LUCIA_BENCH_ROUNDS` sets the
//! number of turns.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start panics")]

#[path = "../../tests/support/mod.rs"]
mod support;

use std::{env, hint::black_box, path::Path, sync::Arc};

use adapter_kv_http::{UnstorageStore, reqwest};
use lucia_auth::{Auth, SessionIds};
use lucia_core::{
    SessionAdapter as _, SessionId, SessionSchema, SplitAdapter, UnixMillis, UserAdapter as _, UserSchema,
    kv::{KvSessionAdapter, KvStore as _},
    memory::MemoryAdapter,
};
use test_servers::{NodeBench, Turns, time_of_calls};

use self::support::unstorage::{Driver, NEWEST, Unstorage};

const SESSIONS: u64 = 1_000;
const TASKS: [u64; 3] = [1, 16, 64];
const CALLS: u64 = 640;
const EXPIRY: UnixMillis = UnixMillis::new(4_102_444_800_000);

struct Bench {
    url: String,
    raw: reqwest::Client,
    adapter: KvSessionAdapter<UnstorageStore>,
    auth: Auth,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Subject {
    Reqwest,
    ReqwestAgain,
    Get,
    GetSession,
    ValidateSession,
    ValidateInLuciaJs,
}

const SUBJECTS: [Subject; 6] = [
    Subject::Reqwest,
    Subject::ReqwestAgain,
    Subject::Get,
    Subject::GetSession,
    Subject::ValidateSession,
    Subject::ValidateInLuciaJs,
];

impl Bench {
    async fn new(unstorage: &Unstorage) -> Self {
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
        let users = MemoryAdapter::without_foreign_keys();
        users.set_user(&UserSchema::new("u1"), None).await.unwrap();
        let auth =
            Auth::builder(SplitAdapter::new(users, adapter.clone())).session_ids(SessionIds::Plain).build().unwrap();
        for number in 0..SESSIONS {
            adapter.set_session(&SessionSchema::new(id(number), "u1", EXPIRY, EXPIRY)).await.unwrap();
        }
        let raw = reqwest::Client::builder().build().unwrap();
        Self { url: unstorage.url(), raw, adapter, auth }
    }

    async fn run(&self, subject: Subject, call: u64) {
        let id = id(call * 7 % SESSIONS);
        match subject {
            Subject::Reqwest | Subject::ReqwestAgain => {
                let url = format!("{}/session/{}", self.url, id.as_str());
                let request = self.raw.get(url).header("accept", "application/octet-stream");
                let answer = request.send().await.unwrap().error_for_status().unwrap();
                black_box(answer.bytes().await.unwrap());
            }
            Subject::Get => {
                let key = self.adapter.layout().session_key(&id);
                black_box(self.adapter.store().get(&key).await.unwrap().unwrap());
            }
            Subject::GetSession => drop(black_box(self.adapter.get_session(&id).await.unwrap().unwrap())),
            Subject::ValidateSession => drop(black_box(self.auth.validate_session(&id.as_str().into()).await.unwrap())),
            Subject::ValidateInLuciaJs => unreachable!("another process"),
        }
    }
}

fn id(number: u64) -> SessionId {
    SessionId::new(format!("{number:040}"))
}

/// Starts Lucia JS on the same server.
fn start_lucia_js(url: &str) -> NodeBench {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (package, script) = (folder.join("tests/npm/lucia-js"), folder.join("benches/get/lucia_js.mjs"));
    let arguments = [url.to_owned(), SESSIONS.to_string()];
    NodeBench::start(&package, &script, arguments, Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap()
}

#[expect(clippy::print_stdout, reason = "prints its results")]
fn main() {
    let rounds = env::var("LUCIA_BENCH_ROUNDS").map_or(40, |rounds| rounds.parse().unwrap());
    let unstorage = Unstorage::start(NEWEST, Driver::Memory);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let bench = Arc::new(Bench::new(&unstorage).await);
        let mut lucia_js = start_lucia_js(&bench.url);
        println!("µs per call over all tasks, and relative to reqwest alone");
        for tasks in TASKS {
            let times = Turns::<{ SUBJECTS.len() }>::measure(rounds, async |index| {
                let (bench, subject) = (Arc::clone(&bench), SUBJECTS[index]);
                if subject == Subject::ValidateInLuciaJs {
                    return lucia_js.time_of("validate", tasks as usize, CALLS as usize, 0);
                }
                let call = move |number| {
                    let bench = Arc::clone(&bench);
                    async move { bench.run(subject, number).await }
                };
                time_of_calls(tasks, CALLS, call).await
            });
            let times = times.await;
            for (index, subject) in SUBJECTS.iter().enumerate() {
                let (time, ratio) = (times.median(index), times.ratio(index, 0));
                println!("{tasks:>3} tasks  {:<18} {time:>8.1} {ratio:>6.2}", format!("{subject:?}"));
            }
        }
    });
}
