//! The state of a deletion of expired keys that takes several calls.

use std::{
    fmt, mem,
    sync::{Mutex, PoisonError},
};

use super::pages::Pages;
use crate::{AdapterResult, UnixMillis};

/// One pass over all keys, which may take several calls.
pub(super) struct Pass {
    /// The time at which sessions are compared.
    pub(super) now: UnixMillis,
    pub(super) stage: Stage,
    pub(super) pages: Pages,
    /// The remaining keys of the page, the next one last.
    pub(super) keys: Vec<String>,
    /// The first error of a skipped key.
    pub(super) outcome: AdapterResult<()>,
}

#[derive(Clone, Copy)]
pub(super) enum Stage {
    Sessions,
    Tombstones,
    Entries,
    Marks,
}

/// The unfinished pass of the previous call.
#[derive(Default)]
pub(super) struct UnfinishedPass(Mutex<Option<Pass>>);

impl UnfinishedPass {
    pub(super) fn take(&self) -> Running<'_> {
        Running { pass: self.replace(None), unfinished: self }
    }

    fn replace(&self, pass: Option<Pass>) -> Option<Pass> {
        mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), pass)
    }
}

impl fmt::Debug for UnfinishedPass {
    /// Omits the keys, which contain session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnfinishedPass").finish_non_exhaustive()
    }
}

/// The pass of a call, which is kept for the next one however this one ends.
pub(super) struct Running<'a> {
    unfinished: &'a UnfinishedPass,
    pub(super) pass: Option<Pass>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.unfinished.replace(Some(pass));
        }
    }
}
