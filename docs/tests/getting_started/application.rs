use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, RusqlitePool, Table};

async fn open(url: &str) -> Result<PrismaAdapter, Box<dyn std::error::Error>> {
    let pool = RusqlitePool::connect(url).await?;
    let users = Table::named("User").attribute("username", Attribute::string().unique());
    let config = PrismaConfig::default().user(users);
    config.create_tables(&pool).await?;
    Ok(PrismaAdapter::with_config(pool, config).await?)
}

use std::net::SocketAddr;

use lucia_auth::{Auth, Env};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Profile {
    username: String,
}

type AppAuth = Auth<Profile>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt::init();
    let auth: AppAuth = Auth::builder(open("sqlite://app.db?mode=rwc").await?)
        .user_attributes()
        .env(Env::Dev) // allows plain HTTP; remove it in production
        .build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    // With the addresses of clients, for the limits of guesses.
    axum::serve(listener, app(auth).into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

use lucia_auth::{Client, Error, NewKey, NewSession, NewUser, Session, VerifiedKey};

async fn sign_up(auth: &AppAuth, username: &str, password: &str) -> Result<Session<Profile>, Error> {
    let key = NewKey::with_password(("username", username.to_lowercase()), password);
    let profile = Profile { username: username.to_owned() };
    let user = auth.create_user(NewUser::new().key(key).attributes(&profile)).await?;
    auth.create_session(NewSession::new(user.id)).await
}

async fn sign_in(
    auth: &AppAuth,
    client: &Client,
    username: &str,
    password: &str,
) -> Result<Option<Session<Profile>>, Error> {
    match auth.use_key_with_password(("username", &username.to_lowercase()), password).client(client).await {
        Ok(key) => auth.create_session(NewSession::for_key(&key)).await.map(Some),
        // One answer for all of these errors: different ones would reveal who has an account.
        Err(error) if error.is_invalid_credentials() => Ok(None),
        Err(error) => Err(error),
    }
}

use axum::{
    Form, Router,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use lucia_axum::{AuthLayer, AuthRejection, AuthRequest, CurrentSession, RequireSession};

const HOME: &str = r#"
    <a href="/sign-up">Sign up</a> <a href="/sign-in">Sign in</a> <a href="/account">Account</a>
    <a href="/password">Change password</a>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
"#;

/// Posts to the address at which it is shown.
const CREDENTIALS: &str = r#"
    <form method="post">
        <input name="username" placeholder="User name" required>
        <input name="password" type="password" placeholder="Password" required>
        <button>Continue</button>
    </form>
"#;

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

async fn submit_sign_up(
    request: AuthRequest<Profile>,
    Form(form): Form<Credentials>,
) -> Result<Response, AuthRejection> {
    let username = form.username.trim();
    if username.is_empty() {
        return Ok(bad_request("Choose a user name."));
    }
    match sign_up(request.auth(), username, &form.password).await {
        Ok(session) => start(&request, &session).await,
        Err(Error::DuplicateKeyId { .. } | Error::DuplicateAttribute { .. }) => {
            Ok(bad_request("That user name is taken."))
        }
        Err(Error::Password(error)) if error.is_unacceptable() => Ok(bad_request(&error.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn submit_sign_in(
    request: AuthRequest<Profile>,
    Form(form): Form<Credentials>,
) -> Result<Response, AuthRejection> {
    match sign_in(request.auth(), request.client(), form.username.trim(), &form.password).await? {
        Some(session) => start(&request, &session).await,
        None => Ok(bad_request("Wrong user name or password.")),
    }
}

/// Signs the browser in, and out of the session that it may already have: in this order, because `sign_out` after
/// `set_session` would end the new one.
async fn start(request: &AuthRequest<Profile>, session: &Session<Profile>) -> Result<Response, AuthRejection> {
    request.sign_out().await?;
    request.set_session(Some(session));
    Ok(Redirect::to("/account").into_response())
}

fn bad_request(reason: &str) -> Response {
    (StatusCode::BAD_REQUEST, reason.to_owned()).into_response()
}

async fn account(session: CurrentSession<Profile>) -> String {
    format!("Hello {}", session.user.attributes.username)
}

async fn sign_out(request: AuthRequest<Profile>) -> Result<Redirect, AuthRejection> {
    request.sign_out().await?;
    Ok(Redirect::to("/"))
}

fn app(auth: AppAuth) -> Router {
    let signed_in = Router::new()
        .route("/account", get(account))
        .route("/password", get(|| async { Html(PASSWORD) }).post(submit_password))
        .route_layer(RequireSession::<Profile>::new().redirect_to("/sign-in"));
    Router::new()
        .route("/", get(|| async { Html(HOME) }))
        .route("/sign-up", get(|| async { Html(CREDENTIALS) }).post(submit_sign_up))
        .route("/sign-in", get(|| async { Html(CREDENTIALS) }).post(submit_sign_in))
        .route("/sign-out", post(sign_out))
        .merge(signed_in)
        .layer(AuthLayer::new(auth).reject_foreign_origins())
}

const PASSWORD: &str = r#"
    <form method="post">
        <input name="current" type="password" placeholder="Current password" required>
        <input name="new" type="password" placeholder="New password" required>
        <button>Change</button>
    </form>
"#;

#[derive(Deserialize)]
struct PasswordChange {
    current: String,
    new: String,
}

async fn submit_password(
    request: AuthRequest<Profile>,
    session: CurrentSession<Profile>,
    Form(form): Form<PasswordChange>,
) -> Result<Response, AuthRejection> {
    let username = session.user.attributes.username.to_lowercase();
    let verified = request.auth().use_key_with_password(("username", &username), &form.current);
    let changed = match verified.client(request.client()).await {
        Ok(key) => change_password(request.auth(), &session, key, form.new).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(session) => {
            request.set_session(Some(&session));
            Ok(Redirect::to("/account").into_response())
        }
        // With `?` this would be a 401, which clients take for "signed out".
        Err(error) if error.is_invalid_credentials() => Ok(bad_request("The current password is wrong.")),
        Err(Error::Password(error)) if error.is_unacceptable() => Ok(bad_request(&error.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn change_password(
    auth: &AppAuth,
    session: &CurrentSession<Profile>,
    key: VerifiedKey,
    password: String,
) -> Result<Session<Profile>, Error> {
    let (auth, session) = (auth.clone(), session.clone());
    let changing = tokio::spawn(async move {
        // Sets nothing if the password has changed since it was verified.
        auth.replace_password(&key, &password).await?;
        auth.invalidate_other_user_sessions(&session.user.id, &session.id).await?;
        auth.rotate_session(&session.id).await
    });
    changing.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use lucia_auth::{ManualClock, UnixMillis, memory::MemoryAdapter};

    use super::*;

    #[tokio::test]
    async fn sessions_expire() {
        let clock = Arc::new(ManualClock::new(UnixMillis::new(1_700_000_000_000)));
        let builder = Auth::builder(MemoryAdapter::new()).user_attributes().clock(Arc::clone(&clock));
        let auth: AppAuth = builder.build().unwrap();
        let session = sign_up(&auth, "Ada", "correct horse battery").await.unwrap();
        assert!(auth.validate_session(&session.token).await.is_ok());
        clock.advance(Duration::from_secs(16 * 86_400));
        assert!(auth.validate_session(&session.token).await.is_err());
    }
}
