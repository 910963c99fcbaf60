use lucia_auth::{NewSession, SessionState};
use lucia_core::{Adapter, SessionToken};
use serde_json::json;

use super::app::{MILLISECOND, PERIODS, code, ids};
use crate::{
    case::{Case, case},
    context::{Joined, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
    schema::COUNTRY,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_sessions_live_until_their_last_millisecond),
    case!(core_renews_an_idle_session),
    case!(core_parallel_renewals_agree),
    case!(core_sessions_of_an_unknown_user_are_refused),
    case!(core_sessions_cannot_change_hands),
    case!(core_rotates_a_session),
    case!(core_revokes_all_sessions_but_one),
    case!(core_dead_sessions_are_gone_when_the_call_returns),
];

async fn core_sessions_live_until_their_last_millisecond(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    app.clock.set(session.active_period_expires_at);
    let found = app.auth.validate_session(&session.token).await?;
    ensure_eq(&(found.state, found.fresh), &(SessionState::Active, false), "at the end of the active period")?;
    app.clock.set(session.idle_period_expires_at);
    let found = app.auth.get_session(&session.token).await?;
    ensure_eq(&found.state, &SessionState::Idle, "at the end of the idle period")?;
    app.clock.advance(MILLISECOND);
    let dead = app.auth.validate_session(&session.token).await;
    ensure_eq(&code(&dead), &"AUTH_INVALID_SESSION_ID", "a millisecond later")?;
    let listed = app.auth.get_all_user_sessions(&session.user.id).await?;
    ensure_eq(&listed, &vec![], "the sessions of the user, a millisecond later")
}

async fn core_renews_an_idle_session(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    let renewed = app.auth.validate_session(&session.token).await?;
    ensure_eq(&renewed.id, &session.id, "the id of a renewed session")?;
    ensure_eq(&(renewed.state, renewed.fresh), &(SessionState::Active, true), "a renewed session")?;
    let idle = app.now().saturating_add(PERIODS.active).saturating_add(PERIODS.idle);
    ensure_eq(&renewed.idle_period_expires_at, &idle, "the end of a renewed session")?;
    let again = app.auth.validate_session(&session.token).await?;
    ensure_eq(&(again.fresh, again.idle_period_expires_at), &(false, idle), "the same session, as it was stored")
}

async fn core_parallel_renewals_agree(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    let renewals = (0..8).map(|_| {
        let (auth, token) = (app.auth.clone(), session.token.clone());
        task(async move { auth.validate_session(&token).await })
    });
    let stored = app.now().saturating_add(PERIODS.active).saturating_add(PERIODS.idle);
    for renewed in cx.concurrently(renewals).await? {
        ensure_eq(&renewed?.idle_period_expires_at, &stored, "the end of a session with parallel renewals")?;
    }
    Ok(())
}

async fn core_sessions_of_an_unknown_user_are_refused(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let nobody = sample::user_id();
    let token = SessionToken::new(sample::text(40));
    let refused = app.auth.create_session(NewSession::new(nobody.clone()).token(token.clone())).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_USER_ID", "a session of an unknown user")?;
    ensure_eq(&cx.adapter.get_session(&token.hashed_id()).await?, &None, "the session that was refused")?;
    let listed = app.auth.get_all_user_sessions(&nobody).await;
    ensure_eq(&code(&listed), &"AUTH_INVALID_USER_ID", "the sessions of an unknown user")
}

async fn core_sessions_cannot_change_hands(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (session, thief) = (app.session().await?, app.user().await?);
    for name in ["id", "user_id", "active_expires", "idle_expires"] {
        let update = json!({ COUNTRY: "ZZ", name: thief.id.as_str() });
        let refused = app.auth.update_session_attributes(&session.id, &update).await;
        ensure(refused.is_err(), format!("an attribute may be named `{name}`"))?;
        let refused = app.auth.create_session(NewSession::new(thief.id.clone()).attributes(&update)).await;
        ensure(refused.is_err(), format!("an attribute of a new session may be named `{name}`"))?;
    }
    let found = app.auth.get_session(&session.token).await?;
    ensure_eq(&found, &session, "the session")?;
    let row = cx.adapter.get_session(&session.id).await?;
    let country = row.and_then(|row| row.attributes().get(COUNTRY).cloned());
    ensure(country != Some("ZZ".into()), "a rejected update was written in part")?;
    ensure_eq(&app.auth.get_all_user_sessions(&thief.id).await?, &vec![], "the sessions of the other user")
}

async fn core_rotates_a_session(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    let rotated = app.auth.rotate_session(&session.id).await?;
    ensure(rotated.fresh && rotated.id != session.id, "a rotated session has a new id and is fresh")?;
    let old = app.auth.validate_session(&session.token).await;
    ensure_eq(&code(&old), &"AUTH_INVALID_SESSION_ID", "the old id")?;
    let found = app.auth.validate_session(&rotated.token).await?;
    ensure_eq(&found.user.id, &session.user.id, "the user of the new id")?;
    ensure_eq(&app.auth.get_all_user_sessions(&session.user.id).await?.len(), &1, "the number of sessions")
}

async fn core_revokes_all_sessions_but_one(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let kept = app.session().await?;
    let user_id = &kept.user.id;
    for _ in 0..3 {
        app.auth.create_session(NewSession::new(user_id.clone())).await?;
    }
    app.auth.invalidate_other_user_sessions(user_id, &kept.id).await?;
    ensure_eq(&ids(&app.auth.get_all_user_sessions(user_id).await?), &vec![&kept.id], "the sessions of the user")?;
    app.auth.invalidate_all_user_sessions(user_id).await?;
    let revoked = app.auth.validate_session(&kept.token).await;
    ensure_eq(&code(&revoked), &"AUTH_INVALID_SESSION_ID", "the last session")
}

async fn core_dead_sessions_are_gone_when_the_call_returns(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let dead = app.session().await?;
    app.clock.set(dead.idle_period_expires_at.saturating_add(MILLISECOND));
    let alive = app.auth.create_session(NewSession::new(dead.user.id.clone())).await?;
    app.auth.delete_expired_user_sessions(&dead.user.id).await?;
    ensure_eq(&cx.adapter.get_session(&dead.id).await?, &None, "the expired session")?;
    let found = app.auth.validate_session(&alive.token).await?;
    ensure_eq(&found, &alive, "the live session")
}
