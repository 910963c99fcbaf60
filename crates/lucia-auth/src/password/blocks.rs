use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use argon2::Block;

/// Argon2's memory, which one hash leaves to the next.
///
/// An allocator such as glibc's does not fit the next hash into the memory of the last one, and keeps both.
pub(super) struct Blocks {
    free: Mutex<Vec<Vec<Block>>>,
    /// So many blocks are kept at most.
    most: usize,
}

/// Blocks of a KiB: what is larger glibc maps, and gives back at once.
const MAPPED: usize = 32 * 1_024;

impl Blocks {
    /// For hashes that take `usual` blocks.
    pub(super) const fn new(usual: usize) -> Self {
        Self { free: Mutex::new(Vec::new()), most: if usual > MAPPED { usual } else { MAPPED } }
    }

    /// Lends so many blocks. What was in them does not matter to Argon2.
    pub(super) fn lend<T>(&self, count: usize, compute: impl FnOnce(&mut [Block]) -> T) -> T {
        let free = self.free().pop().filter(|blocks| blocks.len() >= count);
        let mut blocks = free.unwrap_or_else(|| vec![Block::new(); count]);
        let result = compute(&mut blocks[..count]);
        if blocks.len() <= self.most {
            self.free().push(blocks);
        }
        result
    }

    /// Nothing panics while it holds the lock.
    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Blocks {
    /// Shows no memory: passwords were hashed in it.
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
    fn memory_is_kept_for_as_many_hashes_as_ran_at_once() {
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
