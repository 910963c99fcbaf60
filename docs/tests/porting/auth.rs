use std::time::Duration;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlx::SqlitePool};
use lucia_auth::{Auth, SessionCookie, SessionPeriods};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    username: String,
    joined_at: String, // or a time of `jiff` or `chrono`
    admin: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Login {
    country: Option<String>,
}

async fn auth(pool: SqlitePool) -> Result<Auth<Member, Login>, Box<dyn std::error::Error>> {
    let members = Table::named("members")
        .attribute("username", Attribute::string().unique().map("user_name"))
        .attribute("joinedAt", Attribute::new(AttributeType::DateTime).map("joined_at"))
        .attribute("admin", Attribute::new(AttributeType::Boolean).map("is_admin"));
    let credentials = Table::named("credentials").column("user_id", "member_id").column("hashed_password", "hash");
    let logins = Table::named("logins")
        .column("user_id", "member_id")
        .column("active_expires", "active_until")
        .column("idle_expires", "idle_until");
    let config = PrismaConfig::default().user(members).key(credentials).session(logins);
    let adapter = PrismaAdapter::with_config(pool, config).await?;
    Ok(Auth::builder(adapter)
        .user_attributes()
        .session_attributes()
        .session_cookie(SessionCookie::new().name("sid"))
        .session_expires_in(SessionPeriods {
            active: Duration::from_secs(60 * 60),
            idle: Duration::from_secs(7 * 24 * 60 * 60),
        })
        .beside_lucia_js() // until Lucia JS is off
        .build()?)
}
