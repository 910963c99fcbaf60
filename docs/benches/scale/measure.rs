//! The measurements of a small and a large store, and the table of their results.

use std::{fs, future::Future, hint::black_box, pin::Pin, sync::Arc, time::Instant};

use lucia_core::{Adapter, SessionAdapter, SessionId};
use test_servers::{Turns, time_of_calls};

use crate::{
    population::{Population, SESSIONS_OF_A_USER},
    rows::{token, user_id},
};

const ROUNDS: usize = 20;
/// What `Auth::delete_expired_sessions` deletes at once.
const BATCH: usize = 500;
const REVOKED: u64 = 40;
const REVOKED_USERS: u64 = 5;

type Read = dyn Fn(SessionId) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// An adapter, with the rows of its database.
#[derive(Clone)]
pub(crate) struct Store {
    adapter: Arc<dyn SessionAdapter>,
    read: Arc<Read>,
    population: Population,
}

impl Store {
    /// A store that reads a session with its user.
    pub(crate) fn with_users<A: Adapter + Clone + 'static>(adapter: A, population: Population) -> Self {
        let read = {
            let adapter = adapter.clone();
            move |id| -> Pin<Box<dyn Future<Output = ()> + Send>> {
                let adapter = adapter.clone();
                Box::pin(async move { drop(black_box(adapter.get_session_and_user(&id).await.unwrap().unwrap())) })
            }
        };
        Self { adapter: Arc::new(adapter), read: Arc::new(read), population }
    }

    /// A store of sessions alone.
    pub(crate) fn without_users<A: SessionAdapter + Clone + 'static>(adapter: A, population: Population) -> Self {
        let read = {
            let adapter = adapter.clone();
            move |id| -> Pin<Box<dyn Future<Output = ()> + Send>> {
                let adapter = adapter.clone();
                Box::pin(async move { drop(black_box(adapter.get_session(&id).await.unwrap().unwrap())) })
            }
        };
        Self { adapter: Arc::new(adapter), read: Arc::new(read), population }
    }

    async fn time_of_reads(&self, tasks: u64, calls: u64, first: u64) -> f64 {
        let (read, population) = (Arc::clone(&self.read), self.population);
        let call = move |number| read(token(population.some_session(first + number)).hashed_id());
        time_of_calls(tasks, calls, call).await
    }

    async fn time_of_lists(&self, calls: u64, first: u64) -> f64 {
        let store = self.clone();
        let call = move |number| {
            let store = store.clone();
            async move {
                let user = store.population.some_user(first + number);
                let sessions = store.adapter.get_sessions_by_user_id(&user).await.unwrap();
                assert_eq!(sessions.len() as u64, SESSIONS_OF_A_USER);
            }
        };
        time_of_calls(1, calls, call).await
    }

    async fn time_of_revocations(&self, first: u64) -> f64 {
        let store = self.clone();
        let call = move |number| {
            let store = store.clone();
            async move {
                let index = store.population.index(store.population.unique_user(first + number), 0);
                store.adapter.delete_session(&token(index).hashed_id()).await.unwrap();
            }
        };
        time_of_calls(1, REVOKED, call).await
    }

    async fn time_of_revoked_users(&self, first: u64) -> f64 {
        let store = self.clone();
        let call = move |number| {
            let store = store.clone();
            async move {
                let user = user_id(store.population.unique_user(first + number)).into();
                store.adapter.delete_sessions_by_user_id(&user).await.unwrap();
            }
        };
        time_of_calls(1, REVOKED_USERS, call).await
    }

    /// Deletes all expired sessions, and returns the microseconds of each batch.
    async fn delete_expired(&self) -> Vec<f64> {
        let mut times = Vec::new();
        loop {
            let start = now();
            let deleted = self.adapter.delete_expired_sessions(self.population.now(), BATCH).await.unwrap();
            times.push(start.elapsed().as_secs_f64() * 1e6);
            if deleted < BATCH {
                return times;
            }
        }
    }
}

/// Prints the head of a table.
pub(crate) fn head(name: &str, [small, large]: [Population; 2]) {
    let [small, large] = [small, large].map(Population::sessions);
    println!("\n| {name} | {small} sessions | {large} | ratio | control against itself | memory of the process |");
    println!("|---|---|---|---|---|---|");
}

/// Prints a line of it.
pub(crate) fn row(name: &str, [small, large]: [f64; 2], unit: &str) {
    print(name, [small, large], unit, large / small, "");
}

fn compared(name: &str, times: &Turns<3>) {
    let again = format!("{:.2} ×", times.ratio(1, 0));
    print(name, [times.median(0), times.median(2)], "µs", times.ratio(2, 0), &again);
}

fn print(name: &str, [small, large]: [f64; 2], unit: &str, ratio: f64, again: &str) {
    println!(
        "| {name} | {small:.1} {unit} | {large:.1} {unit} | {ratio:.2} × | {again} | {} MB |",
        resident_megabytes()
    );
}

/// Reads, lists and revokes sessions of both stores in turns.
pub(crate) async fn read_and_revoke(small: &Store, large: &Store) {
    // The small one again is the noise of the machine.
    let stores = [small, small, large];
    let mut call = 0;
    for (tasks, name) in [(1, "read a session, 1 task"), (16, "read a session, 16 tasks")] {
        let times = Turns::measure(ROUNDS, async |index| {
            call += 5_000;
            stores[index].time_of_reads(tasks, 5_000, call).await
        });
        compared(name, &times.await);
    }
    let times = Turns::measure(ROUNDS, async |index| {
        call += 500;
        stores[index].time_of_lists(500, call).await
    });
    compared("list the 10 sessions of a user", &times.await);

    let stores = [small, large];
    let mut users = [0; 2];
    let revoked = Turns::<2>::measure(ROUNDS, async |index| {
        users[index] += REVOKED;
        stores[index].time_of_revocations(users[index] - REVOKED).await
    });
    let revoked = revoked.await;
    print("revoke a session", [revoked.median(0), revoked.median(1)], "µs", revoked.ratio(1, 0), "");
    let revoked = Turns::<2>::measure(ROUNDS, async |index| {
        users[index] += REVOKED_USERS;
        stores[index].time_of_revoked_users(users[index] - REVOKED_USERS).await
    });
    let revoked = revoked.await;
    print("revoke the 10 sessions of a user", [revoked.median(0), revoked.median(1)], "µs", revoked.ratio(1, 0), "");
}

/// Deletes the tenth of the sessions that has expired.
pub(crate) async fn delete_expired(small: &Store, large: &Store) {
    let mut times = [small.delete_expired().await, large.delete_expired().await];
    row("delete all expired sessions", times.each_ref().map(|times| times.iter().sum::<f64>() / 1e6), "s");
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    row(&format!("the median batch of {BATCH}"), times.each_ref().map(|times| times[times.len() / 2] / 1e3), "ms");
    row("the slowest batch", times.each_ref().map(|times| times[times.len() - 1] / 1e3), "ms");
}

/// Runs a step and prints its duration.
pub(crate) async fn step<T>(name: &str, run: impl Future<Output = T>) -> T {
    let start = now();
    let value = run.await;
    println!("{name}: {:.1} s", start.elapsed().as_secs_f64());
    value
}

/// Returns the memory of this process.
fn resident_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1_000
}

#[expect(clippy::disallowed_methods, reason = "measuring")]
fn now() -> Instant {
    Instant::now()
}
