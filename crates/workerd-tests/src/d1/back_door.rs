use adapter_tests::{BackDoor, BoxError, Corruption};
use async_trait::async_trait;
use lucia_core::SessionId;
use worker::{D1Database, send::SendFuture};

/// The database itself, beside the adapter.
#[derive(Debug)]
pub(super) struct D1BackDoor {
    pub(super) database: D1Database,
    /// The table of sessions.
    pub(super) sessions: String,
}

#[async_trait]
impl BackDoor for D1BackDoor {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let change = match how {
            Corruption::Garbage => r#""data" = '{"cut": '"#,
            _ => r#""idle_expires" = 'soon'"#,
        };
        let sql = format!(r#"UPDATE "{}" SET {change} WHERE "id" = ?1 RETURNING 1"#, self.sessions);
        let corrupted = async {
            let statement = self.database.prepare(sql).bind(&[session_id.as_str().into()])?;
            statement.raw_js_value().await
        };
        if SendFuture::new(corrupted).await?.len() == 1 { Ok(()) } else { Err("unknown session".into()) }
    }
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        SendFuture::new(self.dump()).await
    }
}

impl D1BackDoor {
    /// Returns the rows of all tables of a case.
    async fn dump(&self) -> Result<Vec<u8>, BoxError> {
        let number = self.sessions.trim_start_matches("Session");
        let mut stored = String::new();
        for table in ["User", "Session", "Key", "Token"] {
            let rows = self.database.prepare(format!(r#"SELECT * FROM "{table}{number}""#)).all().await?;
            for row in rows.results::<serde_json::Value>()? {
                stored.push_str(&row.to_string());
                stored.push('\n');
            }
        }
        Ok(stored.into_bytes())
    }
}
