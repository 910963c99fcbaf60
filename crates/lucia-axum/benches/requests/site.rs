use std::path::Path;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, RusqlitePool, Table};
use adapter_redis::RedisSessionAdapter;
use axum::{Router, response::Html, routing::get};
use http::header;
use lucia_auth::{Adapter, Auth, Env, NewSession, NewUser, SplitAdapter, ThrottleKey, memory::MemoryAdapter};
use lucia_axum::{AuthLayer, CurrentSession};
use reqwest::redirect;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::{
    Result,
    app::{self, AppAuth, AppTokens, Links, Mailer, Origin, Store},
};

/// A server with a page for users, and the cookie of one who has signed in.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    pub(crate) cookie: String,
}

#[derive(Serialize, Deserialize)]
struct Profile {
    username: String,
}

pub(crate) fn page(username: &str) -> Html<String> {
    Html(format!("<!doctype html><title>Account</title><p>Signed in as {username}.</p>"))
}

/// Starts a server on a free port, and returns its address.
pub(crate) async fn serve(router: Router) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

pub(crate) async fn without_authentication(name: &'static str) -> Result<Site> {
    let origin = serve(Router::new().route("/account", get(async || page("ada")))).await?;
    // As long as that of the others.
    Ok(Site { name, url: format!("{origin}/account"), cookie: format!("auth_session={}", "a".repeat(40)) })
}

pub(crate) async fn in_memory(name: &'static str) -> Result<Site> {
    with_adapter(name, MemoryAdapter::new()).await
}

pub(crate) async fn in_redis(name: &'static str, url: &str) -> Result<Site> {
    let sessions = RedisSessionAdapter::new(adapter_redis::connect(url).await?).await?;
    with_adapter(name, SplitAdapter::new(MemoryAdapter::new(), sessions)).await
}

pub(crate) async fn in_sqlite(name: &'static str, file: &Path) -> Result<Site> {
    let pool = RusqlitePool::connect(&format!("file:{}?mode=rwc", file.display())).await?;
    let config = PrismaConfig::default().user(Table::named("User").attribute("username", Attribute::string()));
    config.create_tables(&pool).await?;
    with_adapter(name, PrismaAdapter::with_config(pool, config).await?).await
}

async fn with_adapter(name: &'static str, adapter: impl Adapter) -> Result<Site> {
    let auth: Auth<Profile> = Auth::builder(adapter).user_attributes().env(Env::Dev).build()?;
    let user = auth.create_user(NewUser::new().attributes(&Profile { username: "ada".to_owned() })).await?;
    let session = auth.create_session(NewSession::new(user.id)).await?;
    let account = async |session: CurrentSession<Profile>| page(&session.user.attributes.username);
    let origin = serve(Router::new().route("/account", get(account)).layer(AuthLayer::new(auth))).await?;
    let cookie = format!("auth_session={}", session.token.as_str());
    Ok(Site { name, url: format!("{origin}/account"), cookie })
}

pub(crate) async fn example(name: &'static str, file: &Path) -> Result<Site> {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let Store { accounts, tokens, .. } = app::open_store(&url).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let origin: Origin = address.parse()?;
    let auth: AppAuth = app::auth(accounts, tokens.clone(), ThrottleKey::generate()?, Some(&origin)).build()?;
    let links = Links::new(auth.clone(), AppTokens::new(auth.clone(), tokens), Mailer::outbox(), origin);
    tokio::spawn(async move { axum::serve(listener, app::router(AuthLayer::new(auth), links)).await });

    let client = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy().build()?;
    let form = [("username", "ada"), ("email", "ada@example.com"), ("password", "correct horse battery")];
    let request = client.post(format!("{address}/sign-up")).header(header::ORIGIN, &address).form(&form);
    let response = request.send().await?.error_for_status()?;
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookie = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .find(|cookie| cookie.starts_with("auth_session="))
        .ok_or("no cookie of a session")?;
    Ok(Site { name, url: format!("{address}/account"), cookie: cookie.to_owned() })
}
