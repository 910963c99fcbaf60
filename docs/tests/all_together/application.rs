use std::{net::SocketAddr, time::Duration};

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, RusqlitePool, Table,
};
use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use lucia_auth::{
    Attributes, Auth, BuildError, Env, Error, KeyId, NewKey, NewSession, NewToken, NewUser, PasswordRules,
    SessionHandle, SessionPeriods, Throttle, ThrottleKey, TokenPurpose, Tokens, VerifiedKey,
};
use lucia_axum::{AuthLayer, AuthRejection, AuthRequest, CurrentSession, RecentSession, RequireSession, next_path};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// The origin of links. A deployed application reads it from its configuration, never from the header `Host`.
const ORIGIN: &str = "http://127.0.0.1:3000";

#[derive(Debug, Serialize, Deserialize)]
struct Profile {
    email: String,
    email_verified: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Device {
    name: Option<String>,
    remember: bool,
}

type AppAuth = Auth<Profile, Device>;
type AppTokens = Tokens<Profile, Device>;
type AppRequest = AuthRequest<Profile, Device>;
type AppSession = CurrentSession<Profile, Device>;
type AppRecentSession = RecentSession<{ 10 * 60 }, Profile, Device>;
type Guard = RequireSession<Profile, Device>;

async fn open(url: &str) -> Result<(PrismaAdapter, PrismaTokenAdapter), Box<dyn std::error::Error>> {
    let pool = RusqlitePool::connect(url).await?;
    let users = Table::named("User")
        .attribute("email", Attribute::string().unique())
        .attribute("email_verified", Attribute::new(AttributeType::Boolean));
    let sessions = Table::named("Session")
        .attribute("name", Attribute::string().optional())
        .attribute("remember", Attribute::new(AttributeType::Boolean))
        .attribute("created_at", Attribute::new(AttributeType::BigInt).optional())
        .attribute("authenticated_at", Attribute::new(AttributeType::BigInt).optional());
    let config = PrismaConfig::default().user(users).session(sessions).token(Table::named("Token"));
    config.create_tables(&pool).await?;
    let adapter = PrismaAdapter::with_config(pool.clone(), config.clone()).await?;
    Ok((adapter, PrismaTokenAdapter::with_config(pool, config).await?))
}

const HOUR: Duration = Duration::from_secs(3_600);

fn build(
    adapter: PrismaAdapter,
    token_adapter: PrismaTokenAdapter,
    key: ThrottleKey,
) -> Result<(AppAuth, AppTokens), BuildError> {
    let auth: AppAuth = Auth::builder(adapter)
        .user_attributes()
        .session_attributes()
        .session_created_at("created_at")
        .session_authenticated_at("authenticated_at")
        .max_sessions_per_user(20)
        .persistent_cookie(is_kept)
        .session_periods(|attributes| {
            let hours = if is_kept(attributes) { 15 * 24 } else { 12 };
            SessionPeriods { active: HOUR, idle: HOUR * (hours - 1) }
        })
        .password_rules(PasswordRules::new().min_length(15).words(["Acme"]))
        .throttle(Throttle::new(token_adapter.clone(), key))
        .env(Env::Dev) // allows plain HTTP; remove it in production
        .build()?;
    Ok((auth.clone(), Tokens::new(auth, token_adapter)))
}

fn is_kept(attributes: &Attributes) -> bool {
    attributes.get("remember").is_some_and(|value| value == true)
}

struct Mail {
    to: String,
    text: String,
}

#[derive(Clone)]
struct Site {
    tokens: AppTokens,
    mails: mpsc::UnboundedSender<Mail>,
}

impl Site {
    fn send(&self, to: &str, text: &str) {
        if self.mails.send(Mail { to: to.to_owned(), text: text.to_owned() }).is_err() {
            tracing::error!("the task that sends mails has ended");
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt::init();
    let key = std::env::var("THROTTLE_KEY")?.parse()?; // openssl rand -hex 32
    let (adapter, token_adapter) = open("sqlite://app.db?mode=rwc").await?;
    let (auth, tokens) = build(adapter, token_adapter, key)?;
    let (mails, mut queue) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Mail { to, text }) = queue.recv().await {
            println!("To {to}: {text}"); // lettre, or the API of a mail service
        }
    });
    tokio::spawn(delete_expired(auth.clone(), tokens.clone()));
    let app = app(auth, Site { tokens, mails }).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

async fn delete_expired(auth: AppAuth, tokens: AppTokens) {
    let mut hours = tokio::time::interval(HOUR);
    loop {
        hours.tick().await;
        for result in [auth.delete_expired_sessions().await, tokens.delete_expired_tokens().await] {
            if let Err(error) = result {
                tracing::error!(error = &error as &dyn std::error::Error, "expired rows are left");
            }
        }
    }
}

fn recent_pages() -> Router<Site> {
    let guard = Guard::new()
        .redirect_to("/sign-in")
        .authenticated_within(Duration::from_secs(10 * 60))
        .redirect_to_confirm("/confirm-password");
    Router::new()
        .route("/change-email", get(|| async { Html(CHANGE_EMAIL) }))
        .route("/delete-account", get(|| async { Html(DELETE_ACCOUNT) }))
        .route_layer(guard)
        // `AppRecentSession` guards these.
        .route("/change-email", post(request_change))
        .route("/delete-account", post(delete_account))
}

fn app(auth: AppAuth, site: Site) -> Router {
    let signed_in = Router::new()
        .route("/account", get(account))
        .route("/password", get(|| async { Html(CHANGE_PASSWORD) }).post(change_password))
        .route("/devices", get(devices))
        .route("/devices/sign-out", post(sign_one_out))
        .route("/devices/sign-out-others", post(sign_others_out))
        .route("/confirm-password", get(|| async { Html(CONFIRM) }).post(confirm))
        .route_layer(Guard::new().redirect_to("/sign-in"));
    Router::new()
        .route("/sign-up", get(|| async { Html(CREDENTIALS) }).post(sign_up))
        .route("/sign-in", get(|| async { Html(CREDENTIALS) }).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/forgot-password", get(|| async { Html(FORGOT_PASSWORD) }).post(forgot_password))
        .route("/reset-password/{token}", get(reset_form).post(reset_password))
        .route("/verify/{token}", get(verify_form).post(verify))
        .route("/change-email/{token}", get(change_form).post(change_email))
        .merge(signed_in)
        .merge(recent_pages())
        .with_state(site)
        .layer(AuthLayer::new(auth).reject_foreign_origins())
}
