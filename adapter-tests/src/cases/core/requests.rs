use http::{Request, header};
use lucia_core::Adapter;

use super::app::{App, MILLISECOND, code};
use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseError, CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_sets_the_cookie_of_a_renewed_session),
    case!(core_forgets_the_session_of_a_deleted_user),
    case!(core_tries_several_cookies_of_one_name),
    case!(core_signs_a_client_out),
    case!(core_cookie_and_bearer_token_do_not_mix),
    case!(core_a_foreign_origin_reaches_no_session),
];

fn post(app: &App, headers: &[(header::HeaderName, String)]) -> CaseResult<lucia_auth::AuthRequest> {
    let mut request = Request::post("/account").header(header::HOST, "example.com");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(()).map_err(|error| CaseError::new(error.to_string()))?;
    Ok(app.auth.handle_request(&request))
}

fn own_origin() -> (header::HeaderName, String) {
    (header::ORIGIN, "https://example.com".to_owned())
}

fn cookie(session: &lucia_auth::Session) -> (header::HeaderName, String) {
    (header::COOKIE, format!("auth_session={}", session.token.as_str()))
}

async fn core_sets_the_cookie_of_a_renewed_session(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    let request = post(&app, &[own_origin(), cookie(&session)])?;
    ensure(request.validate().await?.is_some(), "the session of the cookie is not found")?;
    ensure(request.pending_cookie().is_none(), "an active session sets its cookie again")?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    let request = post(&app, &[own_origin(), cookie(&session)])?;
    let renewed = request.validate().await?.ok_or_else(|| CaseError::new("an idle session is not found"))?;
    let set = request.pending_cookie().ok_or_else(|| CaseError::new("a renewed session sets no cookie"))?;
    ensure_eq(&set.value(), &session.token.as_str(), "the cookie's value")?;
    let expected = app.auth.create_session_cookie(Some(&renewed));
    ensure_eq(&set.expires(), &expected.expires(), "the cookie's expiry")
}

async fn core_forgets_the_session_of_a_deleted_user(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    cx.adapter.delete_user(&session.user.id).await?;
    let request = post(&app, &[own_origin(), cookie(&session)])?;
    ensure(request.validate().await?.is_none(), "a session of a deleted user is valid")?;
    ensure(request.pending_cookie().is_none(), "a session that is not found sets or deletes a cookie")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session of the deleted user")?;
    let gone = app.auth.validate_session(&session.token).await;
    ensure_eq(&code(&gone), &"AUTH_INVALID_SESSION_ID", "the session of the deleted user")
}

async fn core_tries_several_cookies_of_one_name(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (dead, session) = (app.session().await?, app.session().await?);
    app.auth.invalidate_session(&dead.id).await?;
    let cookies = [cookie(&dead), cookie(&session)].map(|(_, cookie)| cookie).join("; ");
    let request = post(&app, &[own_origin(), (header::COOKIE, cookies.clone())])?;
    let found = request.validate().await?.map(|found| found.id.clone());
    ensure_eq(&found, &Some(session.id.clone()), "the session of the second cookie")?;
    app.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    let request = post(&app, &[own_origin(), (header::COOKIE, cookies)])?;
    let renewed = request.validate().await?.map(|found| (found.id.clone(), found.fresh));
    ensure_eq(&renewed, &Some((session.id, true)), "the session of the second cookie, renewed")
}

async fn core_signs_a_client_out(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (session, other) = (app.session().await?, app.session().await?);
    let request = post(&app, &[own_origin(), cookie(&session)])?;
    request.sign_out().await?;
    let set = request.pending_cookie().ok_or_else(|| CaseError::new("signing out does not delete the cookie"))?;
    ensure_eq(&set.value(), &"", "the cookie's value")?;
    let gone = app.auth.validate_session(&session.token).await;
    ensure_eq(&code(&gone), &"AUTH_INVALID_SESSION_ID", "the ended session")?;
    ensure_eq(&app.auth.validate_session(&other.token).await?, &other, "another session")
}

async fn core_cookie_and_bearer_token_do_not_mix(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (by_cookie, by_token) = (app.session().await?, app.session().await?);
    let bearer = (header::AUTHORIZATION, format!("Bearer {}", by_token.token.as_str()));
    let request = post(&app, &[own_origin(), cookie(&by_cookie), bearer.clone()])?;
    for _ in 0..2 {
        let token = request.validate_bearer_token().await?.map(|session| session.id.clone());
        ensure_eq(&token, &Some(by_token.id.clone()), "the session of the token")?;
        let cookie = request.validate().await?.map(|session| session.id.clone());
        ensure_eq(&cookie, &Some(by_cookie.id.clone()), "the session of the cookie")?;
    }
    let request = post(&app, &[bearer])?;
    ensure(request.validate_bearer_token().await?.is_some(), "a token without a cookie is not accepted")?;
    ensure(request.validate().await?.is_none(), "the session of the token is returned for the cookie")
}

async fn core_a_foreign_origin_reaches_no_session(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let session = app.session().await?;
    for origin in
        ["https://evil.example", "http://example.com", "null", "not an origin", "https://example.com.evil.example"]
    {
        let request = post(&app, &[(header::ORIGIN, origin.to_owned()), cookie(&session)])?;
        ensure(request.validate().await?.is_none(), format!("a request from {origin} reaches the session"))?;
    }
    let request = post(&app, &[own_origin(), cookie(&session)])?;
    ensure(request.validate().await?.is_some(), "a request from the own origin does not reach the session")?;
    let unknown = post(&app, &[own_origin(), (header::COOKIE, format!("auth_session={}", sample::text(40)))])?;
    ensure(unknown.validate().await?.is_none(), "an unknown id reads a session")
}
