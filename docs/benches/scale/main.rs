//! Ten million sessions in SQLite, Postgres and Redis, beside 10,000 in the same server: bytes for each session, the time
//! of reading, listing, revoking and deleting expired ones, and the memory of this process.
//!
//! `cargo bench -p lucia-docs --bench scale [-- sqlite | postgres | redis]`. `LUCIA_BENCH_SESSIONS` sets the number of
//! sessions of the large store. Ten million take up to 6 GB of disk, or of memory for Redis. Both stores are measured in
//! alternating turns.

#![expect(clippy::print_stdout, reason = "prints its results")]
#![expect(clippy::unwrap_used, reason = "a failed benchmark panics")]

mod measure;
mod population;
mod postgres;
mod redis;
#[path = "../shared/rows.rs"]
mod rows;
mod sqlite;

use std::env;

use self::population::Population;

/// Sessions of the small store.
const FEW: u64 = 10_000;

fn main() {
    // `cargo bench` adds an argument of its own.
    let wanted: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let many = env::var("LUCIA_BENCH_SESSIONS").map_or(10_000_000, |sessions| sessions.parse().unwrap());
    if let [part, file] = &*wanted
        && part == sqlite::FILL
    {
        return sqlite::fill(file.as_ref(), Population::of(many));
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let [few, many] = [FEW, many].map(Population::of);
        if wants("sqlite") {
            sqlite::run(few, many).await;
        }
        if wants("postgres") {
            postgres::run(few, many).await;
        }
        if wants("redis") {
            redis::run(few, many).await;
        }
    });
}
