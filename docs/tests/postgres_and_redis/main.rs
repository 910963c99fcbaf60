//! Tests the application of `postgres-and-redis.md` on real servers.

#![expect(clippy::print_stdout, reason = "the application reports")]

use adapter_prisma_compatible::sqlx;
use lucia_auth::{NewToken, TokenPurpose};

include!("application.rs");

const GUIDE: &str = include_str!("../../postgres-and-redis.md");

#[test]
fn the_guide_shows_the_application() {
    assert!(GUIDE.contains(&format!("```rust\n{}```", include_str!("application.rs"))));
}

#[test]
fn the_guide_lists_every_dependency() {
    let manifest = GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    for krate in ["adapter-prisma-compatible", "adapter-redis", "lucia-auth", "serde", "tokio"] {
        assert!(manifest.contains(&format!("\n{krate} = ")), "{krate} is missing");
    }
}

#[tokio::test]
async fn users_are_in_postgres_and_sessions_and_tokens_in_redis() {
    let database = test_servers::postgres_server().unwrap().start().unwrap();
    let redis = test_servers::redis_server().unwrap().start().unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", database.port());
    let redis_url = format!("redis://127.0.0.1:{}", redis.port());

    let throttle_key = "5a".repeat(32);
    let (auth, tokens) = open(&url, &redis_url, &throttle_key).await.unwrap();
    let key = NewKey::with_password(("username", "ada"), "correct horse battery");
    let user = auth.create_user(NewUser::new().key(key).attributes(&Profile { username: "Ada".into() })).await.unwrap();
    let key = auth.use_key_with_password(("username", "ada"), "correct horse battery").await.unwrap();
    let session = auth.create_session(NewSession::for_key(&key)).await.unwrap();
    let token = tokens.issue(NewToken::new(TokenPurpose::MAGIC_LINK, user.id.clone())).await.unwrap();

    // Another process finds all of it.
    let (other, other_tokens) = open(&url, &redis_url, &throttle_key).await.unwrap();
    assert_eq!(other.validate_session(&session.token).await.unwrap().user.attributes.username, "Ada");
    let redeemed = other_tokens.redeem(TokenPurpose::MAGIC_LINK, token.as_str()).await.unwrap();
    assert_eq!(redeemed.user_id, user.id);
    let pool = postgres::connect(&url).await.unwrap();
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(tables.iter().map(|(name,)| name.as_str()).collect::<Vec<_>>(), ["Key", "User"]);

    // An outage is an error, and signs nobody out.
    drop(redis);
    let error = auth.validate_session(&session.token).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
}
