use std::cmp::Reverse;

use axum::{extract::Query, response::Response};
use lucia_axum::AuthRejection;
use minijinja::{Value, context};

use super::{
    answer::Failure,
    auth::{Profile, Request, Session, StoredSession},
    date::date,
    form::{FieldErrors, Notice},
    pages,
};

pub(super) type SignedIn = Result<Session, AuthRejection>;

pub(super) async fn page(
    request: Request,
    session: SignedIn,
    Query(notice): Query<Notice>,
) -> Result<Response, Failure> {
    let notice = match notice.notice.as_deref() {
        Some("password") => Some("Your password was changed, and you were signed out everywhere else."),
        Some("link-sent") => Some("We have sent you a link. Please look into your mail."),
        Some("link-too-early") => {
            Some("You asked for a link a moment ago. You can ask for another one in two minutes.")
        }
        Some("verified") => Some("Your e-mail address is confirmed."),
        Some("revoked") => Some("That session was signed out."),
        Some("not-revoked") => Some("That session has ended already."),
        Some("revoked-others") => Some("You were signed out everywhere else."),
        _ => None,
    };
    let session = session?;
    show(&request, &session, notice, &FieldErrors::none()).await
}

/// Shows the page again, with what is wrong with one of its forms.
pub(super) async fn show_errors(
    request: &Request,
    session: &StoredSession,
    errors: &FieldErrors,
) -> Result<Response, Failure> {
    show(request, session, None, errors).await
}

async fn show(
    request: &Request,
    session: &StoredSession,
    notice: Option<&str>,
    errors: &FieldErrors,
) -> Result<Response, Failure> {
    let mut sessions = request.auth().get_all_user_sessions(&session.user.id).await?;
    sessions.sort_by_key(|other| (other.id != session.id, Reverse(other.last_renewed_at)));
    let rows: Vec<Value> = sessions
        .iter()
        .map(|other| {
            context! {
                handle => other.handle().to_string(),
                device => &other.attributes.device,
                created => other.created_at.map(date),
                last_used => date(other.last_renewed_at),
                expires => date(other.idle_period_expires_at),
                is_this => other.id == session.id,
            }
        })
        .collect();
    let Profile { username, email, email_verified } = &session.user.attributes;
    let values = context! { username, email, email_verified, sessions => rows, notice };
    Ok(pages::form("account.html", errors, values))
}
