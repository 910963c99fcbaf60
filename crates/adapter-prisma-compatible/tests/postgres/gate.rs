//! A lock at which statements stop halfway.

use sqlx::{Connection as _, PgConnection, PgPool};

use crate::{
    server,
    support::{Scratch, driver, options_of, run},
};

/// The isolation levels of a pool.
pub(crate) const ISOLATIONS: [&str; 3] = ["read committed", "repeatable read", "serializable"];

/// Opens a pool with an isolation level.
pub(crate) async fn isolated(scratch: &Scratch, isolation: &str) -> PgPool {
    let options = options_of(scratch).options([("default_transaction_isolation", isolation)]);
    driver::pool_options().connect_with(options).await.unwrap()
}

pub(crate) struct Gate {
    holder: PgConnection,
    schema: String,
}

impl Gate {
    /// Stops inserts of rows of users, after they have read the user.
    pub(crate) async fn before_inserts(scratch: &Scratch) -> Self {
        Self::create(
            scratch,
            &["Session", "Key", "Token"].map(|table| format!(r#"BEFORE INSERT ON "{table}" FOR EACH ROW"#)),
        )
        .await
    }

    /// Stops deletions in a table, after they have found a row.
    pub(crate) async fn before_deletions(scratch: &Scratch, table: &str) -> Self {
        Self::create(scratch, &[format!(r#"BEFORE DELETE ON "{table}" FOR EACH ROW"#)]).await
    }

    /// Stops deletions of users, after the statement that may have deleted the user.
    pub(crate) async fn after_deletions(scratch: &Scratch) -> Self {
        Self::create(scratch, &[r#"AFTER DELETE ON "User" FOR EACH STATEMENT"#.to_owned()]).await
    }

    async fn create(scratch: &Scratch, events: &[String]) -> Self {
        let schema = scratch.schema.clone();
        let function = format!(
            "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_advisory_xact_lock_shared(hashtext('{schema}'));
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        );
        run(&scratch.pool, &function).await;
        for event in events {
            run(&scratch.pool, &format!("CREATE TRIGGER gate {event} EXECUTE FUNCTION gate()")).await;
            let table = event.split('"').nth(1).unwrap();
            run(&scratch.pool, &format!(r#"ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER gate"#)).await;
        }
        Self { holder: PgConnection::connect(server::url()).await.unwrap(), schema }
    }

    pub(crate) async fn close(&mut self) {
        self.run("SELECT pg_advisory_lock(hashtext($1))").await;
    }

    pub(crate) async fn open(&mut self) {
        self.run("SELECT pg_advisory_unlock(hashtext($1))").await;
    }

    async fn run(&mut self, sql: &'static str) {
        sqlx::query(sql).bind(&self.schema).execute(&mut self.holder).await.unwrap();
    }
}
