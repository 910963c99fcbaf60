use std::{env, error::Error};

use adapter_prisma_compatible::{Attribute, PrismaConfig, PrismaUserAdapter, Table, postgres};
use adapter_redis::{RedisSessionAdapter, RedisTokenAdapter};
use lucia_auth::{Auth, Error as AuthError, NewKey, NewSession, NewUser, SplitAdapter, Throttle, Tokens};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Profile {
    username: String,
}

/// Connects to both, and creates the tables of users and keys that are missing.
async fn open(
    postgres_url: &str,
    redis_url: &str,
    throttle_key: &str,
) -> Result<(Auth<Profile>, Tokens<Profile>), Box<dyn Error>> {
    let pool = postgres::connect(postgres_url).await?;
    let users = Table::named("User").attribute("username", Attribute::string().unique());
    let config = PrismaConfig::default().user(users);
    config.create_user_tables(&pool).await?; // unless your migrations do
    let users = PrismaUserAdapter::with_config(pool, config).await?;

    // Clones share one connection, which reconnects.
    let redis = adapter_redis::connect(redis_url).await?;
    let sessions = RedisSessionAdapter::new(redis.clone()).await?;
    let counters = RedisTokenAdapter::new(redis.clone()).await?;
    let tokens = RedisTokenAdapter::new(redis).await?;

    let auth = Auth::builder(SplitAdapter::new(users, sessions))
        .user_attributes::<Profile>()
        .throttle(Throttle::new(counters, throttle_key.parse()?))
        .build()?;
    Ok((auth.clone(), Tokens::new(auth, tokens)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let (auth, _tokens) = open(&variable("DATABASE_URL")?, &variable("REDIS_URL")?, &variable("THROTTLE_KEY")?).await?;

    let key = NewKey::with_password(("username", "ada"), "correct horse battery");
    let new = NewUser::new().key(key).attributes(&Profile { username: "Ada".into() });
    match auth.create_user(new).await {
        Ok(user) => println!("created {}", user.id),
        // Of an earlier run.
        Err(AuthError::DuplicateKeyId { .. } | AuthError::DuplicateAttribute { .. }) => println!("Ada exists"),
        Err(error) => return Err(error.into()),
    }

    let key = auth.use_key_with_password(("username", "ada"), "correct horse battery").await?;
    let session = auth.create_session(NewSession::for_key(&key)).await?;
    let session = auth.validate_session(&session.token).await?;
    let sessions = auth.get_all_user_sessions(&session.user.id).await?;
    println!("{} is signed in, with {} sessions", session.user.attributes.username, sessions.len());
    Ok(())
}
