//! The statements for the tables of Lucia 3.

use adapter_prisma_compatible::{
    PrismaAdapter, postgres,
    sqlx::{self, AssertSqlSafe},
};
use lucia_auth::{Attributes, Auth, NewKey, NewUser, SessionToken};

use crate::GUIDE;

include!("lucia_3_config.rs");

/// The tables of the guides of Lucia 3, and what its release 3.2.2 stored: the hash of a password, and a live session.
const LUCIA_3: &str = "
    CREATE TABLE auth_user (id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL);
    CREATE TABLE user_session (
        id TEXT PRIMARY KEY, expires_at TIMESTAMPTZ NOT NULL, user_id TEXT NOT NULL REFERENCES auth_user(id));
    CREATE TABLE oauth_account (
        provider_id TEXT, provider_user_id TEXT, user_id TEXT NOT NULL, PRIMARY KEY (provider_id, provider_user_id));
    INSERT INTO auth_user VALUES ('m1', 'Ada', '0787b74b9f14e740f1cde0e9a9c8ea72:79e832fce4063dbe00477e409c98880287120753f24b67fe1d9040652fcdefbfb9658a155903d4eb43e03cfc91e0d26f68d8a10f056e0915c1ffd0c1856b1d05');
    INSERT INTO user_session VALUES ('vqf6acv8b1eno6ehy1hdphwyn0zgxf2dw0ruo2zb', now() + interval '20 days', 'm1');
    INSERT INTO oauth_account VALUES ('github', '1234', 'm1');";

#[test]
fn the_guide_shows_the_configuration_for_lucia_3() {
    assert!(GUIDE.contains(&format!("```rust\n{}```", include_str!("lucia_3_config.rs"))));
}

#[tokio::test]
async fn users_passwords_and_live_sessions_of_lucia_3_are_kept() {
    let server = test_servers::postgres_server().unwrap().start().unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port());
    let pool = postgres::connect(&url).await.unwrap();
    let statements = GUIDE.split("```sql\n").last().unwrap().split("```").next().unwrap();
    for sql in [LUCIA_3, statements] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let adapter = PrismaAdapter::with_config(pool, lucia_3()).await.unwrap();
    let auth = Auth::builder(adapter).build().unwrap();

    let session = auth.validate_session(&SessionToken::new("vqf6acv8b1eno6ehy1hdphwyn0zgxf2dw0ruo2zb")).await.unwrap();
    assert_eq!(session.user.id.as_str(), "m1");
    auth.use_key_with_password(("username", "ada"), "correct horse battery").await.unwrap();
    auth.use_key_with_password(("username", "ada"), "incorrect horse").await.unwrap_err();
    assert_eq!(auth.use_key(("github", "1234")).await.unwrap().user_id.as_str(), "m1");
    let bob = NewUser::new().attributes(&Attributes::from([("username", "Bob")]));
    let bob = auth.create_user(bob.key(NewKey::new(("github", "5678")))).await.unwrap();
    for user_id in [bob.id, session.user.id] {
        auth.delete_user(&user_id).await.unwrap();
    }
}
