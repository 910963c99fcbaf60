use std::cmp::Reverse;

use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use lucia_auth::{Error, SessionHandle, UnixMillis};
use lucia_axum::AuthRejection;
use minijinja::{Value, context};
use serde::Deserialize;
use time::{OffsetDateTime, macros::format_description};

use super::{
    answer::Failure,
    auth::{AppAuth, Device, PROVIDER, Profile, Request, Session},
    form::{canonical, password_problem},
    pages,
};

type SignedIn = Result<Session, AuthRejection>;

#[derive(Deserialize)]
pub(super) struct Notice {
    notice: Option<String>,
}

pub(super) async fn page(
    request: Request,
    session: SignedIn,
    Query(notice): Query<Notice>,
) -> Result<Response, Failure> {
    let notice = match notice.notice.as_deref() {
        Some("password") => Some("Your password was changed, and you were signed out everywhere else."),
        Some("revoked") => Some("That session was signed out."),
        Some("revoked-others") => Some("You were signed out everywhere else."),
        _ => None,
    };
    show(StatusCode::OK, &request, &session?, notice, None).await
}

#[derive(Deserialize)]
pub(super) struct Revocation {
    #[serde(default)]
    session: String,
}

pub(super) async fn revoke(
    request: Request,
    session: SignedIn,
    Form(revocation): Form<Revocation>,
) -> Result<Redirect, Failure> {
    let session = session?;
    if let Ok(handle) = revocation.session.parse::<SessionHandle>() {
        request.auth().invalidate_session_by_handle(&session.user.id, &handle).await?;
        if handle == session.handle() {
            request.clear_session();
            return Ok(Redirect::to("/"));
        }
    }
    Ok(Redirect::to("/account?notice=revoked"))
}

pub(super) async fn revoke_others(request: Request, session: SignedIn) -> Result<Redirect, Failure> {
    let session = session?;
    request.auth().invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    Ok(Redirect::to("/account?notice=revoked-others"))
}

#[derive(Deserialize)]
pub(super) struct PasswordChange {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

pub(super) async fn change_password(
    request: Request,
    session: SignedIn,
    Form(change): Form<PasswordChange>,
) -> Result<Response, Failure> {
    let session = session?;
    if !is_password(&request, &session, &change.current_password).await? {
        let error = "The current password is wrong.";
        return show(StatusCode::BAD_REQUEST, &request, &session, None, Some(error)).await;
    }
    // A handler is dropped at its current `await` when the client disconnects or a timeout fires; a task is not.
    let replacing = replace_password(request.auth().clone(), session.clone(), change.new_password);
    match tokio::spawn(replacing).await? {
        Ok(rotated) => {
            request.set_session(Some(&rotated));
            Ok(Redirect::to("/account?notice=password").into_response())
        }
        Err(error) => match password_problem(&error) {
            Some(problem) => show(StatusCode::BAD_REQUEST, &request, &session, None, Some(&problem)).await,
            None => Err(error.into()),
        },
    }
}

/// Signs out everybody who knew the old password, and invalidates an id that was stolen earlier.
async fn replace_password(
    auth: AppAuth,
    session: Session,
    password: String,
) -> Result<lucia_auth::Session<Profile, Device>, Error> {
    let username = canonical(&session.user.attributes.username);
    auth.update_key_password((PROVIDER, &username), Some(&password)).await?;
    auth.invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    auth.rotate_session(&session.id).await
}

#[derive(Deserialize)]
pub(super) struct Deletion {
    #[serde(default)]
    password: String,
}

pub(super) async fn delete(
    request: Request,
    session: SignedIn,
    Form(deletion): Form<Deletion>,
) -> Result<Response, Failure> {
    let session = session?;
    if !is_password(&request, &session, &deletion.password).await? {
        let error = "The password is wrong; your account was not deleted.";
        return show(StatusCode::BAD_REQUEST, &request, &session, None, Some(error)).await;
    }
    request.auth().delete_user(&session.user.id).await?;
    request.clear_session();
    Ok(Redirect::to("/").into_response())
}

async fn is_password(request: &Request, session: &Session, password: &str) -> Result<bool, Failure> {
    let username = canonical(&session.user.attributes.username);
    match request.auth().use_key_with_password((PROVIDER, &username), password).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_invalid_credentials() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn show(
    status: StatusCode,
    request: &Request,
    session: &Session,
    notice: Option<&str>,
    error: Option<&str>,
) -> Result<Response, Failure> {
    let mut sessions = request.auth().get_all_user_sessions(&session.user.id).await?;
    sessions.sort_by_key(|other| (other.id != session.id, Reverse(other.created_at)));
    let rows: Vec<Value> = sessions
        .iter()
        .map(|other| {
            context! {
                handle => other.handle().to_string(),
                device => &other.attributes.device,
                created => other.created_at.map(date),
                expires => date(other.idle_period_expires_at),
                is_this => other.id == session.id,
            }
        })
        .collect();
    let username = &session.user.attributes.username;
    Ok(pages::render(status, "account.html", context! { username, sessions => rows, notice, error }))
}

fn date(time: UnixMillis) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    let date = OffsetDateTime::from_unix_timestamp(time.get() / 1000).ok();
    date.and_then(|date| date.format(&format).ok()).unwrap_or_else(|| "never".to_owned())
}
