//! An application that reads users only at the renewal of a session.

use lucia_core::{Adapter, SessionToken, UnixMillis, UserId};

use super::{
    app::{App, MILLISECOND, code},
    session_ids::plain_session,
};
use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_checks_a_user_at_the_renewal),
    case!(core_renews_no_session_of_a_deleted_user),
    case!(core_rotates_no_session_of_a_deleted_user),
];

fn lean_app(cx: &Joined) -> CaseResult<App> {
    cx.app_with(|builder| builder.check_users_only_at_renewal())
}

async fn core_checks_a_user_at_the_renewal(cx: Joined) -> CaseResult {
    let app = lean_app(&cx)?;
    let session = app.session().await?;
    ensure_eq(&app.auth.validate_session(&session.token).await?, &session, "an active session")?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    let renewed = app.auth.validate_session(&session.token).await?;
    ensure(renewed.fresh, "an idle session is not renewed")?;
    ensure_eq(&renewed.user, &session.user, "the user of a renewed session")
}

/// The user is deleted in the database, not by `Auth`.
async fn core_renews_no_session_of_a_deleted_user(cx: Joined) -> CaseResult {
    for renews in [true, false] {
        let app = lean_app(&cx)?;
        let session = app.session().await?;
        ensure_renewal_fails(&cx, &app, &session.token, &session.user.id, session.active_period_expires_at, renews)
            .await?;
        let app = lean_app(&cx)?;
        let (token, row) = plain_session(&cx, &app).await?;
        ensure_renewal_fails(&cx, &app, &token, &row.user_id, row.active_expires, renews).await?;
    }
    Ok(())
}

async fn ensure_renewal_fails(
    cx: &Joined,
    app: &App,
    token: &SessionToken,
    user_id: &UserId,
    active_expires: UnixMillis,
    renews: bool,
) -> CaseResult {
    cx.adapter.delete_user(user_id).await?;
    app.clock.set(active_expires.saturating_add(MILLISECOND));
    for what in ["an idle session of a deleted user", "the session, with a new user of that id"] {
        let read = match renews {
            true => app.auth.validate_session(token).await,
            false => app.auth.get_session(token).await,
        };
        ensure_eq(&code(&read), &"AUTH_INVALID_SESSION_ID", what)?;
        let left = cx.adapter.get_sessions_by_user_id(user_id).await?;
        ensure_eq(&left, &vec![], "the sessions of a deleted user")?;
        if cx.adapter.get_user(user_id).await?.is_none() {
            cx.adapter.set_user(&sample::user(user_id), None).await?;
        }
    }
    Ok(())
}

async fn core_rotates_no_session_of_a_deleted_user(cx: Joined) -> CaseResult {
    let app = lean_app(&cx)?;
    let session = app.session().await?;
    cx.adapter.delete_user(&session.user.id).await?;
    let rotated = app.auth.rotate_session(&session.id).await;
    ensure_eq(&code(&rotated), &"AUTH_INVALID_SESSION_ID", "an active session of a deleted user, rotated")?;
    let left = cx.adapter.get_sessions_by_user_id(&session.user.id).await?;
    ensure_eq(&left, &vec![], "the sessions of a deleted user")
}
