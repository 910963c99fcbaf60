use std::fmt;

use lucia_core::{AdapterErrorKind, AdapterResult, SessionId, SessionPage, SessionScan, SessionToken, SessionUpdate};

use super::Auth;
use crate::{Error, SessionIds, cookie::is_cookie_safe};

/// Small enough to report progress often.
const BATCH: usize = 500;

/// How often a session is moved while it changes.
const MOVE_ATTEMPTS: usize = 4;

/// The conversion of the plain session ids of a whole store. [`Auth::hash_plain_sessions`] returns it.
#[must_use = "a conversion does nothing unless `next_batch` is called"]
pub struct HashPlainSessions<'a, A> {
    sessions: &'a A,
    cursor: Option<String>,
    is_done: bool,
    progress: HashProgress,
}

/// The progress of a [conversion](HashPlainSessions).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashProgress {
    /// The ids that were read, among them those that are hashes.
    pub scanned: usize,
    /// The sessions that were moved to their hash.
    pub hashed: usize,
    /// The sessions that still have a plain id, because they kept changing, cannot be read, or are stored under both ids
    /// after an interrupted move.
    pub left: usize,
}

impl<U, S> Auth<U, S> {
    /// Replaces the plain session ids of a whole store by their hashes, so that nobody has to wait until the sessions are
    /// renewed. Clients keep their cookies.
    ///
    /// Sessions may be created, validated and revoked meanwhile, by any process with [`SessionIds::HashedAndPlain`]. Lucia
    /// v2 must be off, because it cannot read hashes. The conversion can be stopped and repeated at any time; a process
    /// that started earlier with [`SessionIds::Plain`] may store plain ids until it ends, so repeat it until it finds
    /// none.
    ///
    /// `sessions` is the adapter that this `Auth` has, or its half for sessions.
    ///
    /// # Errors
    /// Returns [`NotHashedAndPlain`](Error::NotHashedAndPlain) with other [`SessionIds`]: with `Plain` everybody would be
    /// signed out, and with `Hashed` sessions that have ended would be live again.
    ///
    /// ```
    /// use lucia_auth::{Auth, SessionAdapter, SessionSchema, UnixMillis, UserAdapter, UserSchema, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// adapter.set_user(&UserSchema::new("u1"), None).await?;
    /// adapter.set_session(&SessionSchema::new("plain0token", "u1", UnixMillis::MAX, UnixMillis::MAX)).await?;
    /// let auth = Auth::builder(adapter.clone()).build()?;
    ///
    /// let mut conversion = auth.hash_plain_sessions(&adapter)?;
    /// while let Some(progress) = conversion.next_batch().await? {
    ///     println!("{} of {} sessions hashed", progress.hashed, progress.scanned);
    /// }
    /// assert!(adapter.get_session(&"plain0token".into()).await?.is_none());
    /// assert!(auth.validate_session(&"plain0token".into()).await.is_ok());
    /// # Ok(()) }
    /// ```
    pub fn hash_plain_sessions<'a, A: SessionScan>(&self, sessions: &'a A) -> Result<HashPlainSessions<'a, A>, Error> {
        match self.session_ids() {
            SessionIds::HashedAndPlain => {
                Ok(HashPlainSessions { sessions, cursor: None, is_done: false, progress: HashProgress::default() })
            }
            SessionIds::Hashed | SessionIds::Plain => Err(Error::NotHashedAndPlain),
        }
    }
}

impl<A: SessionScan> HashPlainSessions<'_, A> {
    /// Converts the next 500 sessions or so, and returns the progress since the beginning. `None` at the end.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) or [`UnsupportedId`](Error::UnsupportedId) if the store fails. The next call
    /// tries the batch again, and does not count what this one has hashed.
    pub async fn next_batch(&mut self) -> Result<Option<HashProgress>, Error> {
        if self.is_done {
            return Ok(None);
        }
        let page = self.sessions.scan_sessions(self.cursor.as_deref(), BATCH).await;
        let SessionPage { session_ids, next } = page.map_err(|error| error.with_operation("scan_sessions"))?;
        let mut progress = self.progress;
        progress.scanned += session_ids.len();
        // No client can present the others.
        for id in session_ids.iter().filter(|id| !id.is_hash() && is_cookie_safe(id.as_str())) {
            match self.hash(id).await.map_err(|error| error.with_operation("rotate_session"))? {
                Some(true) => progress.hashed += 1,
                Some(false) => progress.left += 1,
                None => {}
            }
        }
        (self.progress, self.cursor) = (progress, next);
        self.is_done = self.cursor.is_none();
        let HashProgress { scanned, hashed, left } = progress;
        tracing::info!(scanned, hashed, left, "plain session ids hashed");
        Ok(Some(progress))
    }

    /// Moves a session to its hash. Returns `None` if it does not exist any more, and `false` if it cannot be moved.
    async fn hash(&self, id: &SessionId) -> AdapterResult<Option<bool>> {
        let hashed = SessionToken::new(id.as_str()).hashed_id();
        let mut retries = 1..MOVE_ATTEMPTS;
        loop {
            let Err(error) = self.sessions.rotate_session(id, &hashed, &SessionUpdate::default()).await else {
                return Ok(Some(true));
            };
            match error.kind() {
                // It was revoked, or its renewal moved it.
                AdapterErrorKind::InvalidSessionId => return Ok(None),
                AdapterErrorKind::Conflict if retries.next().is_some() => {}
                AdapterErrorKind::Conflict | AdapterErrorKind::DuplicateSessionId | AdapterErrorKind::Decode => {
                    return Ok(Some(false));
                }
                _ => return Err(error),
            }
        }
    }
}

impl<A> fmt::Debug for HashPlainSessions<'_, A> {
    /// Omits the cursor, which may be an id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashPlainSessions").field("progress", &self.progress).finish_non_exhaustive()
    }
}
