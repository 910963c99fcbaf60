use std::{
    cell::RefCell,
    hint::black_box,
    path::{Path, PathBuf},
};

use adapter_prisma_compatible::{
    PrismaUserAdapter, RusqlitePool,
    rusqlite::{self, Connection},
};
use adapter_redis::{
    RedisSessionAdapter, connect,
    redis::{AsyncCommands as _, aio::ConnectionManager},
};
use lucia_auth::{Auth, NoAttributes, SplitAdapter};
use lucia_core::{Attributes, SessionAdapter as _, SessionId, SessionSchema, SessionToken, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::{
    SESSIONS,
    rows::{self, FAR, token, user_id},
};

#[derive(Serialize, Deserialize)]
pub(crate) struct Profile {
    username: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Country {
    country: String,
}

/// A Redis with a hashed and a plain session for each user of a SQLite database.
pub(crate) struct Stores {
    redis: ConnectionManager,
    file: PathBuf,
    auth: Auth<Profile, Country>,
    without_user: Auth<NoAttributes, Country>,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Returns the token of a session that is stored with a plain id, such as those of Lucia JS.
pub(crate) fn plain(index: u64) -> SessionToken {
    SessionToken::new(format!("p{}", token(index).as_str()))
}

impl Stores {
    pub(crate) async fn open(url: &str, file: &Path) -> Self {
        let pool = RusqlitePool::connect(&format!("file:{}?mode=rwc", file.display())).await.expect("a database");
        rows::config().create_user_tables(&pool).await.expect("tables");
        let seeded = pool.write(|transaction| {
            for index in 0..SESSIONS {
                let row = (user_id(index), format!("name{index}"));
                transaction.execute(r#"INSERT INTO "User" VALUES (?1, ?2)"#, row)?;
            }
            Ok::<_, rusqlite::Error>(())
        });
        seeded.await.expect("users");
        let users = PrismaUserAdapter::with_config(pool, rows::config()).await.expect("an adapter");

        // All subjects share one connection: of two, one may run on a processor closer to that of the server.
        let redis = connect(url).await.expect("a connection");
        let sessions = RedisSessionAdapter::new(redis.clone()).await.expect("an adapter");
        for index in 0..SESSIONS {
            for id in [token(index).hashed_id(), SessionId::from(plain(index).as_str())] {
                let session = SessionSchema::new(id, user_id(index), UnixMillis::new(FAR), UnixMillis::new(FAR));
                let session = session.with_attributes(Attributes::from([("country", "NZ")])).expect("an attribute");
                sessions.set_session(&session).await.expect("a session");
            }
        }
        let adapter = SplitAdapter::new(users, sessions);
        let auth = Auth::builder(adapter.clone()).user_attributes::<Profile>().session_attributes::<Country>();
        let without_user = Auth::builder(adapter).session_attributes::<Country>().check_users_only_at_renewal();
        Self {
            redis,
            file: file.to_owned(),
            auth: auth.build().expect("valid options"),
            without_user: without_user.build().expect("valid options"),
        }
    }

    /// Reads a session with the driver alone.
    pub(crate) async fn read_session(&self, index: u64) {
        let key = format!("session:{}", token(index).hashed_id().as_str());
        let value: Vec<u8> = self.redis.clone().get(key).await.expect("a session");
        assert!(!black_box(value).is_empty());
    }

    /// Reads a user with the driver alone, in the caller's thread.
    pub(crate) fn read_user(&self, index: u64) {
        CONNECTION.with_borrow_mut(|connection| {
            let connection = connection.get_or_insert_with(|| Connection::open(&self.file).expect("a connection"));
            let statement = connection.prepare_cached(r#"SELECT "id", "username" FROM "User" WHERE "id" = +?1"#);
            let row: rusqlite::Result<(String, String)> =
                statement.expect("a statement").query_row([user_id(index)], |row| Ok((row.get(0)?, row.get(1)?)));
            black_box(row.expect("a user"));
        });
    }

    pub(crate) async fn validate(&self, token: &SessionToken) {
        black_box(self.auth.validate_session(token).await.expect("a session"));
    }

    pub(crate) async fn validate_without_user(&self, token: &SessionToken) {
        black_box(self.without_user.validate_session(token).await.expect("a session"));
    }
}
