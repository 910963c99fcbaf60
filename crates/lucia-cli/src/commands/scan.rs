//! Reads all sessions of a store.

use std::{collections::HashSet, sync::Arc};

use indicatif::ProgressBar;
use lucia_core::{AdapterErrorKind, AdapterResult, SessionId, SessionScan, SessionSchema};

use crate::{failure::Failure, interrupt::Interrupt};

/// Small enough to stop soon.
pub(super) const BATCH: usize = 500;

/// One page of a store's sessions.
pub(super) struct Page {
    pub(super) ids: Vec<SessionId>,
    pub(super) sessions: Vec<SessionSchema>,
    /// How many sessions cannot be read.
    pub(super) unreadable: usize,
}

/// A scan of a whole store.
pub(super) struct Scan {
    store: Arc<dyn SessionScan>,
    cursor: Option<String>,
    is_done: bool,
    scanned: u64,
    interrupt: Interrupt,
    progress: ProgressBar,
}

impl Scan {
    pub(super) fn new(store: &Arc<dyn SessionScan>, progress: ProgressBar) -> Self {
        let interrupt = Interrupt::listen();
        Self { store: Arc::clone(store), cursor: None, is_done: false, scanned: 0, interrupt, progress }
    }

    /// Returns the next sessions, `None` at the end. A session may occur twice.
    pub(super) async fn next(&mut self) -> Result<Option<Page>, Failure> {
        if self.is_done {
            self.progress.finish_and_clear();
            return Ok(None);
        }
        self.interrupt.check()?;
        let page = self.store.scan_sessions(self.cursor.as_deref(), BATCH).await?;
        (self.is_done, self.cursor) = (page.next.is_none(), page.next);
        self.scanned += page.session_ids.len() as u64;
        self.progress.set_message(format!("{} sessions read", self.scanned));
        let (sessions, unreadable) = read(&*self.store, &page.session_ids).await?;
        Ok(Some(Page { ids: page.session_ids, sessions, unreadable }))
    }
}

/// Reads sessions, and counts those that cannot be read. A store may leave them out of a list.
async fn read(store: &dyn SessionScan, ids: &[SessionId]) -> AdapterResult<(Vec<SessionSchema>, usize)> {
    let mut sessions = match store.get_sessions(ids).await {
        Err(error) if error.kind() == AdapterErrorKind::Decode => Vec::new(),
        sessions => sessions?,
    };
    let found: HashSet<_> = sessions.iter().map(|session| session.id.clone()).collect();
    let mut unreadable = 0;
    for id in ids.iter().filter(|id| !found.contains(*id)) {
        match store.get_session(id).await {
            Err(error) if error.kind() == AdapterErrorKind::Decode => unreadable += 1,
            session => sessions.extend(session?),
        }
    }
    Ok((sessions, unreadable))
}
