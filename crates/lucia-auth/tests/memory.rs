//! What hashing keeps of memory, in a process of its own. glibc keeps most.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use lucia_auth::{Auth, Error, memory::MemoryAdapter};

/// What Argon2id takes with its default parameters, in KiB.
const BLOCK: usize = 19_456;

/// What else may come up meanwhile: stacks, and the allocator's own.
const SLACK: usize = 12 * 1_024;

/// KiB of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_keep_the_memory_of_as_many_hashes_as_run_at_once() {
    const CONCURRENCY: usize = 2;
    let auth = Auth::builder(MemoryAdapter::new()).hash_concurrency(CONCURRENCY).build().unwrap();
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
    assert!(kept <= bound + SLACK, "{kept} KiB are kept, and the hashes take {bound}");
}
