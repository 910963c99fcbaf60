//! The same page with axum-login.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use axum::{Router, routing::get};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
use http::{StatusCode, header};
use tower_sessions::{MemoryStore, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::{
    RedisStore,
    fred::{clients::Pool, interfaces::ClientLike as _, types::config::Config},
};

use crate::{
    Result,
    site::{Site, page, serve},
};

#[derive(Clone, Debug)]
struct User {
    username: String,
    password_hash: Vec<u8>,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.username.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.password_hash
    }
}

/// The users, in memory.
#[derive(Clone, Debug)]
struct Users(Arc<HashMap<String, User>>);

impl AuthnBackend for Users {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, username: String) -> Result<Option<User>, Infallible> {
        self.get_user(&username).await
    }

    async fn get_user(&self, username: &String) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(username).cloned())
    }
}

pub(crate) async fn in_memory(name: &'static str) -> Result<Site> {
    with_store(name, MemoryStore::default()).await
}

pub(crate) async fn in_redis(name: &'static str, url: &str) -> Result<Site> {
    let pool = Pool::new(Config::from_url(url)?, None, None, None, 1)?;
    pool.init().await?;
    with_store(name, RedisStore::new(pool)).await
}

async fn with_store(name: &'static str, store: impl SessionStore + Clone) -> Result<Site> {
    let user = User { username: "ada".to_owned(), password_hash: vec![7; 32] };
    let users = Users(Arc::new(HashMap::from([(user.username.clone(), user)])));
    let account = async |session: AuthSession<Users>| match session.user {
        Some(user) => Ok(page(&user.username)),
        None => Err(StatusCode::UNAUTHORIZED),
    };
    let sign_in = async |mut session: AuthSession<Users>| {
        let Ok(Some(user)) = session.authenticate("ada".to_owned()).await else { return StatusCode::UNAUTHORIZED };
        match session.login(&user).await {
            Ok(()) => StatusCode::OK,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    };
    let router = Router::new().route("/account", get(account)).route("/sign-in", get(sign_in));
    let layer = AuthManagerLayerBuilder::new(users, SessionManagerLayer::new(store)).build();
    let origin = serve(router.layer(layer)).await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let response = client.get(format!("{origin}/sign-in")).send().await?.error_for_status()?;
    let cookie = response.headers().get(header::SET_COOKIE).ok_or("no cookie of a session")?;
    let cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
    Ok(Site { name, url: format!("{origin}/account"), cookie })
}
