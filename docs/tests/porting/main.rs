//! Tests the migration in `porting-from-lucia-js.md` on tables with the rows of Lucia JS.

mod lucia_3;

use adapter_prisma_compatible::{
    sqlite,
    sqlx::{self, AssertSqlSafe},
};
use lucia_auth::{NewKey, NewUser, SessionToken};

include!("auth.rs");

const GUIDE: &str = include_str!("../../porting-from-lucia-js.md");

/// What Lucia JS stored: a password hash of `hunter2`, and a session whose id is the client's token.
const ROWS: &str = "
    INSERT INTO members (id, user_name, joined_at, is_admin) VALUES ('m1', 'Ada', '2023-07-06T05:04:03.021+00:00', 1);
    INSERT INTO credentials (id, hash, member_id) VALUES ('username:ada',
        's2:4fe0xa0623jszy9h:534e1acbf4260ebb0bebc948dff1e6bda32e7587db7151c7f563633a32703cf6a65cd2b7866f0a287923e0298eba23689bcb7c34905ebf8e46df6999e5464555',
        'm1');
    INSERT INTO logins (id, member_id, active_until, idle_until, country)
        VALUES ('vqf6acv8b1eno6ehy1hdphwyn0zgxf2dw0ruo2zb', 'm1', 4000000000000, 4000000000001, 'NZ');";

#[test]
fn the_guide_shows_this_configuration() {
    assert!(GUIDE.contains(&format!("```rust\n{}```", include_str!("auth.rs"))));
}

#[tokio::test]
async fn the_configuration_fits_the_tables_and_rows_of_lucia_js() {
    let pool = sqlite::connect("sqlite::memory:").await.unwrap();
    let schema = GUIDE.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    for sql in [schema, ROWS] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let auth = auth(pool).await.unwrap();

    let token = SessionToken::new("vqf6acv8b1eno6ehy1hdphwyn0zgxf2dw0ruo2zb");
    let session = auth.validate_session(&token).await.unwrap();
    let member = &session.user.attributes;
    assert_eq!((member.username.as_str(), member.joined_at.as_str()), ("Ada", "2023-07-06T05:04:03.021Z"));
    assert!(member.admin);
    assert_eq!(session.attributes.country.as_deref(), Some("NZ"));
    auth.use_key_with_password(("username", "ada"), "hunter2").await.unwrap();
    assert_eq!(auth.create_session_cookie(Some(&session)).name(), "sid");

    let new = Member { username: "Bob".to_owned(), joined_at: "2024-01-01T00:00:00Z".to_owned(), admin: false };
    let key = NewKey::with_password(("username", "bob"), "correct horse battery");
    auth.create_user(NewUser::new().key(key).attributes(&new)).await.unwrap();
}
