//! The operations, and what they begin with.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    AdapterError, AdapterErrorKind, AdapterResult, Clock as _, ManualClock, SessionAdapter, SessionSchema,
    SessionUpdate, UnixMillis,
    kv::{KvLayout, KvSessionAdapter, KvStore},
};

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A new session of the user.
    Create,
    /// The first session is renewed for hours: its index entry lives long enough.
    Renew,
    /// The first session is renewed for months: its index entry has to live longer.
    RenewFar,
    /// The first session is revoked.
    Delete,
    /// All sessions of the user are revoked.
    DeleteAll,
    /// The sessions of the user are listed, and the index is tidied up.
    List,
    /// All sessions of the user but the first one are revoked.
    DeleteOthers,
    /// All sessions of the user but another one, which may not be there, are revoked.
    KeepAnother,
    /// The first session gets another id.
    Rotate,
    /// The first session gets another id, and yet another.
    RotateTwice,
    /// The session of whoever knows the old password: the key is read before it is made and after.
    SignIn,
    /// A new password is stored, and all sessions of the user are revoked.
    ChangePassword,
    /// What has expired is deleted.
    DeleteExpired,
}

/// What is there when the operations begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The first session, in the index.
    Session,
    /// The same, and updates look whether the index names what they update.
    LookingAtTheIndex,
    /// The first session, in a list of Lucia JS.
    ListOfLuciaJs,
    /// The first session, and a mark of long ago, in a store that keeps what has expired.
    OverdueMark,
}

pub(crate) const USER: &str = "user";
pub(crate) const FIRST: &str = "first";
pub(crate) const CREATED: &str = "created";
/// Ids in the order of their keys: a session that moves gets ahead of whoever lists them.
pub(crate) const ROTATED: &str = "beyond";
pub(crate) const AGAIN: &str = "again";
pub(crate) const SIGNED_IN: &str = "signed-in";

/// Where an application keeps the hash of the user's password.
pub(crate) const KEY: &str = "key";

pub(crate) fn session(id: &str) -> SessionSchema {
    SessionSchema::new(id, USER, NOW.saturating_add(HOUR), NOW.saturating_add(2 * HOUR))
}

pub(crate) fn layout() -> KvLayout {
    KvLayout::new("session", "user_session").unwrap()
}

impl Start {
    pub(crate) fn adapter<S: KvStore>(self, store: S, clock: Arc<ManualClock>) -> KvSessionAdapter<S> {
        let adapter = KvSessionAdapter::new(store, layout(), clock);
        if self == Self::LookingAtTheIndex { adapter.with_unindexed_sessions() } else { adapter }
    }

    pub(crate) async fn set_up<S: KvStore>(self, adapter: &KvSessionAdapter<S>) -> AdapterResult<()> {
        adapter.set_session(&session(FIRST)).await?;
        if self == Self::ListOfLuciaJs {
            let (layout, store) = (adapter.layout(), adapter.store());
            store.delete(&layout.index_key(&USER.into(), &FIRST.into())).await?;
            let ids = format!(r#"["{FIRST}","gone"]"#);
            store.put(&layout.list_key(&USER.into()), ids.as_bytes(), UnixMillis::MAX).await?;
        }
        if self == Self::OverdueMark {
            let mark = format!(r#"{{"expires":{},"epoch":"long ago"}}"#, NOW.get() - 3 * 24 * 3_600_000);
            adapter.store().put(&adapter.layout().user_revoked_key(&USER.into()), mark.as_bytes(), NOW).await?;
        }
        Ok(())
    }
}

/// The password is another one.
fn refused() -> AdapterResult<()> {
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
            Self::RenewFar => adapter.update_session(&first.id, &renewal(24 * 60 * HOUR)).await,
            Self::Delete => adapter.delete_session(&first.id).await,
            Self::DeleteAll => adapter.delete_sessions_by_user_id(&first.user_id).await,
            Self::List => adapter.get_sessions_by_user_id(&first.user_id).await.map(drop),
            Self::DeleteOthers => adapter.delete_other_sessions(&first.user_id, &first.id).await,
            Self::KeepAnother => adapter.delete_other_sessions(&first.user_id, &CREATED.into()).await,
            Self::Rotate => adapter.rotate_session(&first.id, &ROTATED.into(), &SessionUpdate::default()).await,
            Self::RotateTwice => {
                adapter.rotate_session(&first.id, &ROTATED.into(), &SessionUpdate::default()).await?;
                adapter.rotate_session(&ROTATED.into(), &AGAIN.into(), &SessionUpdate::default()).await
            }
            Self::SignIn => {
                if store.get(KEY).await?.is_some() {
                    return refused();
                }
                adapter.set_session(&session(SIGNED_IN)).await?;
                if store.get(KEY).await?.is_none() {
                    return Ok(());
                }
                adapter.delete_session(&SIGNED_IN.into()).await?;
                refused()
            }
            Self::ChangePassword => {
                store.put(KEY, b"another", UnixMillis::MAX).await?;
                adapter.delete_sessions_by_user_id(&first.user_id).await
            }
            Self::DeleteExpired => {
                // Time may pass before it looks at the clock.
                store.get(KEY).await?;
                adapter.delete_expired_sessions(clock.now(), 10).await.map(drop)
            }
        }
    }
}
