//! The operations, and the states from which they start.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    AdapterError, AdapterErrorKind, AdapterResult, Attributes, Clock as _, ManualClock, SessionAdapter, SessionId,
    SessionSchema, SessionToken, SessionUpdate, UnixMillis,
    kv::{KvConfig, KvLayout, KvSessionAdapter, KvStore},
};

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Creates a session.
    Create,
    /// Renews the first session by hours: its index entry is kept long enough.
    Renew,
    /// Renews the first session by months: its index entry is rewritten.
    RenewFar,
    /// Renews the first session by hours, if nobody has renewed it.
    RenewOnce,
    /// Revokes the first session.
    Delete,
    /// Revokes all sessions of the user.
    DeleteAll,
    /// Lists the sessions of the user, and deletes stale index entries.
    List,
    /// Revokes all sessions except the first.
    DeleteOthers,
    /// Revokes all sessions except the created one, which may not exist.
    KeepAnother,
    /// Revokes all sessions except the first under the hash of its id.
    KeepHash,
    /// Rotates the first session.
    Rotate,
    /// Rotates the first session twice.
    RotateTwice,
    /// Rotates the first session, and changes an attribute.
    RotateAndChange,
    /// Rotates the first session to the id of the created one.
    RotateToCreated,
    /// Moves the first session to the hash of its id.
    Move,
    /// The same, and renews it.
    MoveAndRenew,
    /// Revokes the first session under both ids, the plain one first.
    SignOut,
    /// Changes an attribute of the first session.
    Change,
    /// Creates a session with the old password; reads the key before and afterwards.
    SignIn,
    /// Stores a new password, and revokes all sessions of the user.
    ChangePassword,
    /// Deletes expired entries.
    DeleteExpired,
}

/// The content of the store when the operations start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The first session, with its index entry.
    Session,
    /// The same; updates add sessions that the index does not name.
    UnindexedSessions,
    /// The first session, named by a list of Lucia JS.
    ListOfLuciaJs,
    /// The first session, and an expired mark, in a store that keeps expired entries.
    ExpiredMark,
    /// The first session, in a store that keeps expired entries. A deletion of the user's mark is still under way: it had
    /// expired, and another process deleted it, too.
    LateDeletion,
}

pub(crate) const USER: &str = "user";
pub(crate) const FIRST: &str = "first";
/// Hashes, as the ids of new sessions are. No move of them has to be barred, which would multiply the states.
pub(crate) const CREATED: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
/// In reverse order of their rotations, so that a rotated session precedes the cursor of a listing.
pub(crate) const ROTATED: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
pub(crate) const AGAIN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const SIGNED_IN: &str = "signed-in";

/// The key under which an application stores the hash of the user's password.
pub(crate) const KEY: &str = "key";

/// Returns the hash of the first session's id.
pub(crate) fn hashed() -> SessionId {
    SessionToken::new(FIRST).hashed_id()
}

pub(crate) fn session(id: &str) -> SessionSchema {
    SessionSchema::new(id, USER, NOW.saturating_add(HOUR), NOW.saturating_add(2 * HOUR))
}

pub(crate) fn layout() -> KvLayout {
    KvLayout::new("session", "user_session").unwrap()
}

impl Start {
    /// Returns `true` if the store keeps expired entries.
    pub(crate) fn keeps_expired(self) -> bool {
        matches!(self, Self::ExpiredMark | Self::LateDeletion)
    }

    pub(crate) fn adapter<S: KvStore>(self, store: S, clock: Arc<ManualClock>) -> KvSessionAdapter<S> {
        let config = KvConfig::from(layout()).clock(clock).unindexed_sessions(self == Self::UnindexedSessions);
        KvSessionAdapter::with_config(store, config).unwrap()
    }

    pub(crate) async fn set_up<S: KvStore>(self, adapter: &KvSessionAdapter<S>) -> AdapterResult<()> {
        adapter.set_session(&session(FIRST)).await?;
        if self == Self::ListOfLuciaJs {
            let (layout, store) = (adapter.layout(), adapter.store());
            store.delete(&layout.index_key(&USER.into(), &FIRST.into())).await?;
            let ids = format!(r#"["{FIRST}","gone"]"#);
            store.put(&layout.list_key(&USER.into()), ids.as_bytes(), UnixMillis::MAX).await?;
        }
        if self == Self::ExpiredMark {
            let mark = format!(r#"{{"expires":{},"epoch":"long ago"}}"#, NOW.get() - 3 * 24 * 3_600_000);
            adapter.store().put(&adapter.layout().user_revoked_key(&USER.into()), mark.as_bytes(), NOW).await?;
        }
        Ok(())
    }
}

fn change() -> SessionUpdate {
    SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap()
}

/// The password has changed.
fn rejected() -> AdapterResult<()> {
    Err(AdapterError::new(AdapterErrorKind::InvalidKeyId))
}

impl Operation {
    pub(crate) async fn perform<S: KvStore>(
        self,
        adapter: &KvSessionAdapter<S>,
        clock: &ManualClock,
    ) -> AdapterResult<()> {
        let (first, store) = (session(FIRST), adapter.store());
        let renewal = |by: Duration| {
            SessionUpdate::renewal(first.active_expires.saturating_add(by), first.idle_expires.saturating_add(by))
        };
        match self {
            Self::Create => adapter.set_session(&session(CREATED)).await,
            Self::Renew => adapter.update_session(&first.id, &renewal(HOUR)).await,
            Self::RenewOnce => {
                let renewal = renewal(HOUR).with_expected_idle_expires(first.idle_expires);
                adapter.update_session(&first.id, &renewal).await
            }
            Self::RenewFar => adapter.update_session(&first.id, &renewal(24 * 60 * HOUR)).await,
            Self::Delete => adapter.delete_session(&first.id).await,
            Self::DeleteAll => adapter.delete_sessions_by_user_id(&first.user_id).await,
            Self::List => adapter.get_sessions_by_user_id(&first.user_id).await.map(drop),
            Self::DeleteOthers => adapter.delete_other_sessions(&first.user_id, &first.id).await,
            Self::KeepAnother => adapter.delete_other_sessions(&first.user_id, &CREATED.into()).await,
            Self::KeepHash => adapter.delete_other_sessions(&first.user_id, &hashed()).await,
            Self::Rotate => adapter.rotate_session(&first.id, &ROTATED.into(), &SessionUpdate::default()).await,
            Self::RotateTwice => {
                adapter.rotate_session(&first.id, &ROTATED.into(), &SessionUpdate::default()).await?;
                adapter.rotate_session(&ROTATED.into(), &AGAIN.into(), &SessionUpdate::default()).await
            }
            Self::RotateAndChange => {
                adapter.rotate_session(&first.id, &ROTATED.into(), &SessionUpdate::default()).await?;
                adapter.update_session(&ROTATED.into(), &change()).await
            }
            Self::RotateToCreated => {
                adapter.rotate_session(&first.id, &CREATED.into(), &SessionUpdate::default()).await
            }
            Self::Move => adapter.rotate_session(&first.id, &hashed(), &SessionUpdate::default()).await,
            Self::MoveAndRenew => {
                let renewal = renewal(HOUR).with_expected_idle_expires(first.idle_expires);
                adapter.rotate_session(&first.id, &hashed(), &renewal).await
            }
            Self::SignOut => {
                adapter.delete_session(&first.id).await?;
                adapter.delete_session(&hashed()).await
            }
            Self::Change => adapter.update_session(&first.id, &change()).await,
            Self::SignIn => {
                if store.get(KEY).await?.is_some() {
                    return rejected();
                }
                adapter.set_session(&session(SIGNED_IN)).await?;
                if store.get(KEY).await?.is_none() {
                    return Ok(());
                }
                adapter.delete_session(&SIGNED_IN.into()).await?;
                rejected()
            }
            Self::ChangePassword => {
                store.put(KEY, b"another", UnixMillis::MAX).await?;
                adapter.delete_sessions_by_user_id(&first.user_id).await
            }
            Self::DeleteExpired => {
                // Time may pass before the clock is read.
                store.get(KEY).await?;
                adapter.delete_expired_sessions(clock.now(), 10).await.map(drop)
            }
        }
    }
}
