use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use argon2::Block;

/// Memory for Argon2, reused from one hash to the next.
///
/// An allocator such as glibc's does not reuse the memory of the previous hash for the next one, and keeps both.
pub(super) struct Blocks {
    free: Mutex<Vec<Vec<Block>>>,
    /// The largest number of blocks that is kept.
    max_kept: usize,
}

/// In blocks of 1 KiB. glibc maps a larger allocation, and returns it to the system when it is freed.
const MAPPED: usize = 32 * 1_024;

impl Blocks {
    /// Creates the memory for hashes that need `default_blocks` each.
    pub(super) const fn new(default_blocks: usize) -> Self {
        let max_kept = if default_blocks > MAPPED { default_blocks } else { MAPPED };
        Self { free: Mutex::new(Vec::new()), max_kept }
    }

    /// Runs `compute` on `count` blocks. Argon2 overwrites their previous content.
    pub(super) fn lend<T>(&self, count: usize, compute: impl FnOnce(&mut [Block]) -> T) -> T {
        let free = self.free().pop().filter(|blocks| blocks.len() >= count);
        let mut blocks = free.unwrap_or_else(|| vec![Block::new(); count]);
        let result = compute(&mut blocks[..count]);
        if blocks.len() <= self.max_kept {
            self.free().push(blocks);
        }
        result
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Blocks {
    /// Omits the blocks, in which passwords were hashed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks").field("free", &self.free().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(blocks: &Blocks) -> Vec<usize> {
        blocks.free().iter().map(Vec::len).collect()
    }

    #[test]
    fn memory_is_kept_for_as_many_hashes_as_ran_concurrently() {
        let blocks = Blocks::new(16);
        for _ in 0..3 {
            blocks.lend(16, |first| blocks.lend(16, |second| assert_eq!((first.len(), second.len()), (16, 16))));
            assert_eq!(free(&blocks), [16, 16]);
        }
        blocks.lend(8, |lent| assert_eq!(lent.len(), 8));
        assert_eq!(free(&blocks), [16, 16], "a smaller hash takes the same");
        blocks.lend(20, |lent| assert_eq!(lent.len(), 20));
        assert_eq!(free(&blocks), [16, 20], "a larger one replaces it");
    }

    #[test]
    fn memory_of_a_huge_hash_is_not_kept() {
        let blocks = Blocks::new(16);
        blocks.lend(MAPPED + 1, |_| {});
        assert_eq!(free(&blocks), [0; 0]);
        let blocks = Blocks::new(MAPPED + 1);
        blocks.lend(MAPPED + 1, |_| {});
        assert_eq!(free(&blocks), [MAPPED + 1]);
    }
}
