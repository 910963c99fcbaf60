//! Tests how much memory hashing retains. This needs a separate process, and glibc, which retains the most.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use lucia_auth::{Auth, Error, Throttle, memory::MemoryAdapter};

/// The memory of one Argon2id hash with the default parameters, in KiB.
const BLOCK: usize = 19_456;

/// Tolerance for stacks and the allocator, in KiB.
const SLACK: usize = 12 * 1_024;

/// Returns the resident memory of this process, in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_retain_the_memory_of_the_concurrent_hashes_only() {
    const CONCURRENCY: usize = 2;
    let auth =
        Auth::builder(MemoryAdapter::new()).hash_concurrency(CONCURRENCY).throttle(Throttle::off()).build().unwrap();
    let sign_in = || {
        let auth = auth.clone();
        tokio::spawn(async move { auth.use_key_with_password(("username", "nobody"), "correct horse").await })
    };
    let before = resident();
    for _ in 0..15 {
        let sign_ins = [sign_in(), sign_in(), sign_in()];
        for sign_in in sign_ins {
            assert!(matches!(sign_in.await.unwrap(), Err(Error::InvalidKeyId { .. })));
        }
        assert!(matches!(sign_in().await.unwrap(), Err(Error::InvalidKeyId { .. })));
    }
    let (kept, bound) = (resident().saturating_sub(before), CONCURRENCY * BLOCK);
    assert!(kept <= bound + SLACK, "{kept} KiB were retained, more than the {bound} KiB of the concurrent hashes");
}
