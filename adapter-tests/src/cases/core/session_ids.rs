use lucia_auth::NewSession;
use lucia_core::{Adapter, SessionId, SessionSchema, SessionToken};
use serde_json::json;

use super::app::{App, MILLISECOND, PERIODS, code, ids};
use crate::{
    Access,
    case::{Case, Requirement::Opens, case},
    context::{Joined, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
    schema::COUNTRY,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_stores_hashes_of_session_tokens),
    case!(core_moves_a_plain_session_at_its_renewal),
    case!(core_parallel_renewals_move_a_plain_session_once),
    case!(core_revokes_a_plain_session_that_has_moved),
    case!(core_stores_no_byte_of_a_session_token, Opens(Access::StoredBytes)),
];

/// Stores a session as Lucia v2 does: its id is the token.
pub(super) async fn plain_session(cx: &Joined, app: &App) -> CaseResult<(SessionToken, SessionSchema)> {
    let token = SessionToken::new(sample::text(40));
    let user = app.user().await?;
    let active = app.now().saturating_add(PERIODS.active);
    let row = SessionSchema::new(token.as_str(), user.id, active, active.saturating_add(PERIODS.idle));
    cx.adapter.set_session(&row).await?;
    Ok((token, row))
}

async fn core_stores_hashes_of_session_tokens(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    let stored = cx.adapter.get_session(&session.token.hashed_id()).await?;
    ensure(stored.is_some(), "the session is not stored under the hash of its token")?;
    let plain = SessionId::new(session.token.as_str());
    ensure_eq(&cx.adapter.get_session(&plain).await?, &None, "the session with the token as its id")?;
    for stolen in [session.id.as_str().to_owned(), session.id.as_str().to_uppercase()] {
        let stolen = app.auth.validate_session(&SessionToken::new(stolen)).await;
        ensure_eq(&code(&stolen), &"AUTH_INVALID_SESSION_ID", "a stored id that is presented as a token")?;
    }
    let found = app.auth.validate_session(&session.token).await?;
    ensure_eq(&found, &session, "the session of the token")
}

async fn core_moves_a_plain_session_at_its_renewal(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (token, row) = plain_session(&cx, &app).await?;
    let session = app.auth.validate_session(&token).await?;
    ensure_eq(&(&session.id, session.fresh), &(&row.id, false), "an active session with a plain id")?;

    app.clock.set(row.active_expires.saturating_add(MILLISECOND));
    let renewed = app.auth.validate_session(&token).await?;
    ensure_eq(&(&renewed.id, renewed.fresh), &(&token.hashed_id(), true), "a renewed session with a plain id")?;
    ensure_eq(&cx.adapter.get_session(&row.id).await?, &None, "the session with the plain id")?;
    let again = app.auth.validate_session(&token).await?;
    ensure_eq(&again.idle_period_expires_at, &renewed.idle_period_expires_at, "the session as it was stored")?;
    let listed = app.auth.get_all_user_sessions(&row.user_id).await?;
    ensure_eq(&ids(&listed), &vec![&token.hashed_id()], "the sessions of the user")
}

async fn core_parallel_renewals_move_a_plain_session_once(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (token, row) = plain_session(&cx, &app).await?;
    app.clock.set(row.active_expires.saturating_add(MILLISECOND));
    let renewals = (0..8).map(|_| {
        let (auth, token) = (app.auth.clone(), token.clone());
        task(async move { auth.validate_session(&token).await })
    });
    let stored = app.now().saturating_add(PERIODS.active).saturating_add(PERIODS.idle);
    for renewed in cx.concurrently(renewals).await? {
        let renewed = renewed?;
        ensure_eq(&renewed.id, &token.hashed_id(), "the id of a session with parallel renewals")?;
        ensure_eq(&renewed.idle_period_expires_at, &stored, "the end of a session with parallel renewals")?;
    }
    ensure_eq(&cx.adapter.get_sessions_by_user_id(&row.user_id).await?.len(), &1, "the number of sessions")
}

/// A handler that read the session before it moved knows only its plain id.
async fn core_revokes_a_plain_session_that_has_moved(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (token, row) = plain_session(&cx, &app).await?;
    let other = app.auth.create_session(NewSession::new(row.user_id.clone())).await?;
    app.clock.set(row.active_expires.saturating_add(MILLISECOND));
    app.auth.validate_session(&token).await?;
    app.auth.invalidate_other_user_sessions(&row.user_id, &row.id).await?;
    let revoked = app.auth.validate_session(&other.token).await;
    ensure_eq(&code(&revoked), &"AUTH_INVALID_SESSION_ID", "another session")?;
    app.auth.validate_session(&token).await?;
    app.auth.invalidate_session(&row.id).await?;
    let revoked = app.auth.validate_session(&token).await;
    ensure_eq(&code(&revoked), &"AUTH_INVALID_SESSION_ID", "the session that has moved")?;
    ensure_eq(&app.auth.get_all_user_sessions(&row.user_id).await?, &vec![], "the sessions of the user")
}

async fn core_stores_no_byte_of_a_session_token(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (moved, _) = plain_session(&cx, &app).await?;
    let session = app.session().await?;
    app.auth.update_session_attributes(&session.id, &json!({ COUNTRY: "NZ" })).await?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    app.auth.validate_session(&session.token).await?;
    app.auth.validate_session(&moved).await?;
    let rotated = app.auth.rotate_session(&session.id).await?;
    let unknown = SessionToken::new(sample::text(40));
    let refused = app.auth.validate_session(&unknown).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_SESSION_ID", "an unknown token")?;

    let stored = cx.door()?.stored_bytes().await?;
    let contains = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    for id in [rotated.id, moved.hashed_id()] {
        ensure(contains(id.as_str()), "the back door does not show a stored session")?;
    }
    for token in [&session.token, &rotated.token, &moved, &unknown] {
        ensure(!contains(token.as_str()), "the store contains a session token")?;
    }
    Ok(())
}
