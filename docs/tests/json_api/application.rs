use std::net::SocketAddr;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, RusqlitePool, Table};
use axum::{
    Json, Router,
    http::StatusCode,
    routing::{get, post},
};
use lucia_auth::{Auth, Env, Error, NewKey, NewSession, NewUser, Session};
use lucia_axum::{AnySession, AuthLayer, AuthRejection, AuthRequest};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Profile {
    email: String,
}

type AppAuth = Auth<Profile>;

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize)]
struct Issued {
    token: String,
}

fn app(auth: AppAuth) -> Router {
    let layer = AuthLayer::new(auth);
    // Apps send neither a cookie nor an `Origin`, and get no cookie.
    let apps =
        Router::new().route("/v1/users", post(sign_up)).route("/v1/tokens", post(issue_token)).layer(layer.clone());
    // These set or accept the cookie.
    let everybody = Router::new()
        .route("/v1/session", post(start_session).delete(sign_out))
        .route("/v1/me", get(me))
        .layer(layer.reject_foreign_origins());
    apps.merge(everybody)
}

async fn sign_up(request: AuthRequest<Profile>, Json(new): Json<Credentials>) -> Result<StatusCode, AuthRejection> {
    let email = new.email.trim().to_lowercase();
    let key = NewKey::with_password(("email", &email), new.password);
    request.auth().create_user(NewUser::new().key(key).attributes(&Profile { email })).await?;
    Ok(StatusCode::CREATED)
}

async fn sign_in(request: &AuthRequest<Profile>, credentials: &Credentials) -> Result<Session<Profile>, Error> {
    let email = credentials.email.trim().to_lowercase();
    let auth = request.auth();
    let key = auth.use_key_with_password(("email", &email), &credentials.password).client(request.client()).await?;
    auth.create_session(NewSession::for_key(&key)).await
}

/// For an app, which stores the token and sends it as `Authorization: Bearer …`.
async fn issue_token(
    request: AuthRequest<Profile>,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, Json<Issued>), AuthRejection> {
    let session = sign_in(&request, &credentials).await?;
    Ok((StatusCode::CREATED, Json(Issued { token: session.token.as_str().to_owned() })))
}

/// For a browser, which gets a cookie that its scripts cannot read.
async fn start_session(
    request: AuthRequest<Profile>,
    Json(credentials): Json<Credentials>,
) -> Result<StatusCode, AuthRejection> {
    let session = sign_in(&request, &credentials).await?;
    // Ends the session that the browser may already have.
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(StatusCode::NO_CONTENT)
}

async fn sign_out(request: AuthRequest<Profile>, session: AnySession<Profile>) -> Result<StatusCode, AuthRejection> {
    request.auth().invalidate_session(&session.id).await?;
    if request.session_token().is_some_and(|token| token == session.token) {
        request.clear_session();
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn me(session: AnySession<Profile>) -> Json<Profile> {
    Json(Profile { email: session.user.attributes.email.clone() })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt::init();
    let pool = RusqlitePool::connect("sqlite://api.db?mode=rwc").await?;
    let users = Table::named("User").attribute("email", Attribute::string().unique());
    let config = PrismaConfig::default().user(users);
    config.create_tables(&pool).await?;
    let adapter = PrismaAdapter::with_config(pool, config).await?;
    let auth: AppAuth = Auth::builder(adapter)
        .user_attributes()
        .env(Env::Dev) // allows plain HTTP; remove it in production
        .build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    // With the addresses of clients, for the limits of guesses.
    axum::serve(listener, app(auth).into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
