//! Prints the memory that sign-ins retain, and its bound. Linux only: `cargo bench -p lucia-auth --bench hashing`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails on errors, and prints its results")]

use lucia_auth::{Argon2id, Auth, LuciaScrypt, PasswordHasher, Throttle, memory::MemoryAdapter};

const SIGN_INS: usize = 300;

/// Returns the resident memory of this process, in MiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1_024
}

/// Makes batches of concurrent sign-ins that fail.
async fn sign_ins(name: &str, hasher: impl PasswordHasher, block: usize, concurrency: usize) {
    let adapter = MemoryAdapter::new();
    let builder = Auth::builder(adapter).password_hash(hasher).hash_concurrency(concurrency);
    let auth = builder.throttle(Throttle::off()).build().unwrap();
    let before = resident();
    for _ in 0..SIGN_INS / (2 * concurrency) {
        let batch: Vec<_> = (0..2 * concurrency)
            .map(|_| {
                let auth = auth.clone();
                tokio::spawn(async move {
                    auth.use_key_with_password(("username", "nobody"), "correct horse").await.is_err()
                })
            })
            .collect();
        for sign_in in batch {
            assert!(sign_in.await.unwrap());
        }
    }
    let (after, bound) = (resident(), before + concurrency * block);
    println!("{name} x {concurrency}: {before} MiB before, {after} MiB after {SIGN_INS} sign-ins, bound {bound} MiB");
}

#[tokio::main]
async fn main() {
    for concurrency in [1, 4] {
        sign_ins("Argon2id", Argon2id::default(), 19, concurrency).await;
        sign_ins("LuciaScrypt", LuciaScrypt::default(), 32, concurrency).await;
    }
}
