use jiff::Timestamp;
use lucia_auth::SessionHandle;
use lucia_core::{Clock as _, SessionSchema, SystemClock, UnixMillis, UserId};
use serde_json::{Value, json};

use crate::{
    arguments::{StoreArguments, WhichSessions},
    failure::Failure,
    output::{Outcome, Output, table},
    store::{SessionStore, auth_of_sessions},
};

pub(super) async fn list(stores: &StoreArguments, user_id: UserId, output: Output) -> Result<Outcome, Failure> {
    let store = SessionStore::of(stores).await?.adapter(&stores.names).await?;
    let mut sessions = store.get_sessions_by_user_id(&user_id).await?;
    sessions.sort_by_key(|session| session.idle_expires);
    let now = SystemClock.now();
    let state = |session: &SessionSchema| match session {
        session if session.is_expired(now) => "expired",
        session if now > session.active_expires => "idle",
        _ => "active",
    };
    let id_kind = |session: &SessionSchema| if session.id.is_hash() { "hash" } else { "plain" };
    let rows: Vec<_> = sessions
        .iter()
        .map(|session| {
            let (handle, expires) = (session.id.handle().to_string(), date(session.idle_expires));
            [handle, state(session).to_owned(), expires, id_kind(session).to_owned()]
        })
        .collect();
    let value: Vec<Value> = sessions
        .iter()
        .map(|session| {
            json!({
                "handle": session.id.handle(),
                "state": state(session),
                "active_expires": session.active_expires,
                "idle_expires": session.idle_expires,
                "id": id_kind(session),
            })
        })
        .collect();
    output.print(&value, || table(["handle", "state", "expires", "id"], &rows))?;
    Ok(Outcome::Done)
}

pub(super) async fn revoke(
    stores: &StoreArguments,
    user_id: UserId,
    which: WhichSessions,
    output: Output,
) -> Result<Outcome, Failure> {
    let auth = auth_of_sessions(SessionStore::of(stores).await?.adapter(&stores.names).await?)?;
    let Some(handle) = which.handle else {
        auth.invalidate_all_user_sessions(&user_id).await?;
        output.print(&json!({"revoked": "all"}), || "all sessions of the user are revoked".to_owned())?;
        return Ok(Outcome::Done);
    };
    let handle: SessionHandle = handle.parse()?;
    let was_found = auth.invalidate_session_by_handle(&user_id, &handle).await?;
    let text = if was_found { "the session is revoked" } else { "not a session of this user" };
    output.print(&json!({"revoked": was_found}), || text.to_owned())?;
    Ok(if was_found { Outcome::Done } else { Outcome::Problems })
}

/// Returns a time to the second, or in milliseconds if it is after the year 9999.
fn date(time: UnixMillis) -> String {
    Timestamp::from_second(time.get().div_euclid(1_000)).map_or_else(|_| time.to_string(), |date| date.to_string())
}
