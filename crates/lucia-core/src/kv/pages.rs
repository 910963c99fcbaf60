//! Lists the keys that start with a prefix, in pages.

use std::collections::BTreeSet;

use super::KvStore;
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

/// The limit of pages in a row without a new key. Some stores return empty pages for expired keys, but not many in a
/// row.
const MAX_IDLE_PAGES: usize = 100;

#[derive(Default)]
pub(super) struct Pages {
    prefix: String,
    cursor: Option<String>,
    cursors: BTreeSet<String>,
    /// The first key of the previous page.
    first: Option<String>,
    idle: usize,
    is_last: bool,
}

impl Pages {
    pub(super) fn of(prefix: String) -> Self {
        Self { prefix, ..Self::default() }
    }

    /// Returns the keys of the next page. `None` after the last one.
    ///
    /// A listing that does not end is an error.
    pub(super) async fn next(&mut self, store: &impl KvStore) -> AdapterResult<Option<Vec<String>>> {
        if self.is_last {
            return Ok(None);
        }
        let page = store.list(&self.prefix, self.cursor.as_deref()).await?;
        let keys: Vec<_> = page.keys.into_iter().filter(|key| key.starts_with(&self.prefix)).collect();
        self.idle = if keys.is_empty() || keys.first() == self.first.as_ref() { self.idle + 1 } else { 0 };
        self.first = keys.first().cloned();
        self.is_last = page.cursor.is_none();
        self.cursor = page.cursor;
        let is_new = self.cursor.as_ref().is_none_or(|cursor| self.cursors.insert(cursor.clone()));
        if !is_new || self.idle == MAX_IDLE_PAGES && !self.is_last {
            return Err(endless("the pages of the store do not end"));
        }
        Ok(Some(keys))
    }
}

pub(super) fn endless(what: &'static str) -> AdapterError {
    AdapterError::new(Kind::Backend).with_source(what)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{UnixMillis, kv::KvPage};

    /// Lists more keys than fit into memory.
    #[derive(Debug)]
    struct Vast;

    const PAGES: usize = 12;

    #[async_trait]
    impl KvStore for Vast {
        async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
            let page = cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let mut keys = vec![prefix.to_owned(); 1_000_000];
            keys[0].push_str(&page.to_string());
            Ok(KvPage { keys, cursor: (page + 1 < PAGES).then(|| (page + 1).to_string()) })
        }

        async fn get(&self, _: &str) -> AdapterResult<Option<Vec<u8>>> {
            unreachable!()
        }

        async fn put(&self, _: &str, _: &[u8], _: UnixMillis) -> AdapterResult<()> {
            unreachable!()
        }

        async fn delete(&self, _: &str) -> AdapterResult<()> {
            unreachable!()
        }
    }

    /// Only a caller that keeps the keys needs to count them.
    #[tokio::test]
    async fn any_number_of_keys_has_an_end() {
        let mut pages = Pages::of("s:".to_owned());
        for _ in 0..PAGES {
            assert_eq!(pages.next(&Vast).await.unwrap().unwrap().len(), 1_000_000);
        }
        assert_eq!(pages.next(&Vast).await.unwrap(), None);
    }
}
