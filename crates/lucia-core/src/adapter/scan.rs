use std::fmt::{self, Debug};

use async_trait::async_trait;

use super::SessionAdapter;
use crate::{AdapterResult, SessionId};

/// One page of the ids that a [`SessionScan`] returns.
// Exhaustive, so that every adapter can write it as a literal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The ids, in no particular order.
    pub session_ids: Vec<SessionId>,
    /// The opaque cursor of the next page. `None` on the last page.
    pub next: Option<String>,
}

impl Debug for SessionPage {
    /// Shows the number of ids. Omits the ids and the cursor, which may be one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionPage")
            .field("session_ids", &self.session_ids.len())
            .field("is_last", &self.next.is_none())
            .finish_non_exhaustive()
    }
}

/// Finds the sessions of all users, in pages. For maintenance, such as the conversion of a whole store.
///
/// ```
/// use lucia_core::{SessionAdapter, SessionScan, SessionSchema, UnixMillis, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> lucia_core::AdapterResult<()> {
/// let adapter = MemoryAdapter::without_foreign_keys();
/// for id in ["s1", "s2", "s3"] {
///     adapter.set_session(&SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX)).await?;
/// }
/// let first = adapter.scan_sessions(None, 2).await?;
/// let second = adapter.scan_sessions(first.next.as_deref(), 2).await?;
/// assert_eq!([first.session_ids, second.session_ids].concat(), ["s1", "s2", "s3"].map(Into::into));
/// assert_eq!(second.next, None);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot find the sessions of all users",
    label = "not a `SessionScan`",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait SessionScan: SessionAdapter {
    /// Returns a page of session ids: the first page, or the one at `cursor`.
    ///
    /// The pages together contain every session that exists from the first call to the last, whatever is stored and
    /// deleted meanwhile. A session may occur twice, and an expired one may be included.
    ///
    /// `limit` is a hint: a page may have more ids or fewer, and the last one may be empty. A limit of 0 counts as 1.
    ///
    /// # Contract
    /// - `scan_sessions_returns_the_sessions_of_all_users`: and no deleted ones.
    /// - `scan_sessions_returns_more_than_a_page`: 1,100 sessions.
    /// - `scan_sessions_returns_what_exists_throughout`: while other sessions are stored and deleted.
    /// - `scan_sessions_misses_none_that_is_rotated`: as soon as a page returns it, as a conversion of ids does; the next
    ///   scan returns its new id.
    /// - `scan_sessions_returns_ids_as_they_are`: whatever characters they have.
    /// - `scan_sessions_ends_with_any_limit`: also with 0 and the greatest one.
    /// - `scan_sessions_returns_none_of_another_store`: if two adapters with different names use one server.
    async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage>;
}
