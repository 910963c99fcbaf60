//! The cost of reading a session on an unstorage server: the store, the adapter and Lucia's validation, compared to a plain
//! reqwest client that asks the same server for the same value.
//!
//! All run in turns of some hundred calls, so that other load affects all of them equally.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start panics")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{hint::black_box, time::Instant};

use adapter_kv_http::{UnstorageStore, reqwest};
use lucia_auth::{Auth, SessionIds};
use lucia_core::{
    SessionAdapter as _, SessionId, SessionSchema, SplitAdapter, UnixMillis, UserAdapter as _, UserSchema,
    kv::{KvSessionAdapter, KvStore as _},
    memory::MemoryAdapter,
};

use self::support::unstorage::{Driver, NEWEST, Unstorage};

const SESSIONS: usize = 1_000;
const ROUNDS: usize = 60;
const CALLS: usize = 200;

struct Bench {
    url: String,
    raw: reqwest::Client,
    adapter: KvSessionAdapter<UnstorageStore>,
    auth: Auth,
    ids: Vec<SessionId>,
}

#[derive(Clone, Copy, Debug)]
enum Subject {
    Reqwest,
    ReqwestAgain,
    Get,
    GetSession,
    ValidateSession,
}

const SUBJECTS: [Subject; 5] =
    [Subject::Reqwest, Subject::ReqwestAgain, Subject::Get, Subject::GetSession, Subject::ValidateSession];

impl Bench {
    async fn new(unstorage: &Unstorage) -> Self {
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
        let users = MemoryAdapter::without_foreign_keys();
        users.set_user(&UserSchema::new("u1"), None).await.unwrap();
        let auth =
            Auth::builder(SplitAdapter::new(users, adapter.clone())).session_ids(SessionIds::Plain).build().unwrap();
        let ids: Vec<_> = (0..SESSIONS).map(|n| SessionId::new(format!("{n:040}"))).collect();
        for id in &ids {
            let session = SessionSchema::new(id.clone(), "u1", UnixMillis::MAX, UnixMillis::MAX);
            adapter.set_session(&session).await.unwrap();
        }
        let raw = reqwest::Client::builder().build().unwrap();
        Self { url: unstorage.url(), raw, adapter, auth, ids }
    }

    async fn run(&self, subject: Subject, call: usize) {
        let id = &self.ids[call * 7 % SESSIONS];
        match subject {
            Subject::Reqwest | Subject::ReqwestAgain => {
                let url = format!("{}/session/{}", self.url, id.as_str());
                let request = self.raw.get(url).header("accept", "application/octet-stream");
                let answer = request.send().await.unwrap().error_for_status().unwrap();
                black_box(answer.bytes().await.unwrap());
            }
            Subject::Get => {
                let key = self.adapter.layout().session_key(id);
                black_box(self.adapter.store().get(&key).await.unwrap().unwrap());
            }
            Subject::GetSession => drop(black_box(self.adapter.get_session(id).await.unwrap().unwrap())),
            Subject::ValidateSession => drop(black_box(self.auth.validate_session(&id.as_str().into()).await.unwrap())),
        }
    }

    /// Returns the microseconds per call.
    #[expect(clippy::disallowed_methods, reason = "measures time")]
    async fn time_of(&self, subject: Subject) -> f64 {
        let start = Instant::now();
        for call in 0..CALLS {
            self.run(subject, call).await;
        }
        start.elapsed().as_secs_f64() * 1e6 / CALLS as f64
    }
}

/// Returns the mean without the fastest and the slowest tenth of the rounds.
fn mean_of_most(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let tenth = times.len() / 10;
    let most = &times[tenth..times.len() - tenth];
    most.iter().sum::<f64>() / most.len() as f64
}

#[expect(clippy::print_stdout, reason = "prints its results")]
fn main() {
    let unstorage = Unstorage::start(NEWEST, Driver::Memory);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let bench = Bench::new(&unstorage).await;
        let mut times = SUBJECTS.map(|_| Vec::with_capacity(ROUNDS));
        for subject in SUBJECTS {
            bench.time_of(subject).await;
        }
        for round in 0..ROUNDS {
            for turn in 0..SUBJECTS.len() {
                let index = (round + turn) % SUBJECTS.len();
                times[index].push(bench.time_of(SUBJECTS[index]).await);
            }
        }
        let means = times.map(mean_of_most);
        println!("in turns             µs   to reqwest alone");
        for (subject, time) in SUBJECTS.iter().zip(means) {
            println!("{:<16} {time:>6.1} {:>18.2}", format!("{subject:?}"), time / means[0]);
        }
    });
}
