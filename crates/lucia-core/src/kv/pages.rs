//! The keys that begin with a prefix, page by page.

use std::collections::BTreeSet;

use super::KvStore;
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

/// Pages in a row that bring nothing. Some stores have empty pages where keys have expired, but not many in a row.
const MAX_IDLE_PAGES: usize = 100;
/// As many keys as are kept in memory: some gigabytes.
const MAX_KEYS: usize = 10_000_000;

#[derive(Default)]
pub(super) struct Pages {
    prefix: String,
    cursor: Option<String>,
    cursors: BTreeSet<String>,
    keys: usize,
    /// The first key of the page before.
    first: Option<String>,
    idle: usize,
    is_last: bool,
}

impl Pages {
    pub(super) fn of(prefix: String) -> Self {
        Self { prefix, ..Self::default() }
    }

    /// The keys of the next page; `None` after the last one.
    ///
    /// A store whose pages never end is an error.
    pub(super) async fn next(&mut self, store: &impl KvStore) -> AdapterResult<Option<Vec<String>>> {
        if self.is_last {
            return Ok(None);
        }
        let page = store.list(&self.prefix, self.cursor.as_deref()).await?;
        let keys: Vec<_> = page.keys.into_iter().filter(|key| key.starts_with(&self.prefix)).collect();
        self.keys += keys.len();
        self.idle = if keys.is_empty() || keys.first() == self.first.as_ref() { self.idle + 1 } else { 0 };
        self.first = keys.first().cloned();
        self.is_last = page.cursor.is_none();
        self.cursor = page.cursor;
        let is_new = self.cursor.as_ref().is_none_or(|cursor| self.cursors.insert(cursor.clone()));
        if !is_new || self.idle == MAX_IDLE_PAGES && !self.is_last {
            return Err(endless("the pages of the store do not end"));
        }
        if self.keys > MAX_KEYS {
            return Err(endless("the store lists more keys than it can have"));
        }
        Ok(Some(keys))
    }
}

fn endless(what: &'static str) -> AdapterError {
    AdapterError::new(Kind::Backend, "list").with_source(what)
}
