//! A database behind a proxy that makes statements fail.

use adapter_prisma_compatible::{
    Attribute, AttributeType, Pool as _, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Table,
    sqlx::{self, AssertSqlSafe},
};
use lucia_sql::driver::Driver;
use test_servers::{FailingProxy, Server};

use crate::{any_pool::AnyPool, disguise::AsMySql, pools, site};

/// Rows for every call to find.
const ROWS: &str = r#"
    DELETE FROM "Token"; DELETE FROM "Key"; DELETE FROM "Session"; DELETE FROM "User";
    INSERT INTO "User" ("id", "name") VALUES ('u1', 'Ada'), ('u2', 'Bob');
    INSERT INTO "Key" ("id", "user_id", "hashed_password") VALUES ('p:k1', 'u1', 'hash'), ('p:k2', 'u1', NULL);
    INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires", "created_at")
        VALUES ('s1', 'u1', 1000, 2000, 1), ('s2', 'u1', 1000, 3000, 2), ('s3', 'u1', 1000, 4000, 3),
        ('s4', 'u2', 1000, 1500, 1);
    INSERT INTO "Token" ("id", "kind", "user_id", "data", "expires")
        VALUES ('t1', 'reset', 'u1', 'data', 2000), ('c1', ':counter', NULL, '10', 61000)"#;

const STORED: &str = r#"
    SELECT concat_ws(' ', 'user', "id", "name") FROM "User"
    UNION ALL SELECT concat_ws(' ', 'key', "id", "user_id", "hashed_password") FROM "Key"
    UNION ALL SELECT concat_ws(' ', 'session', "id", "user_id", "active_expires", "idle_expires", "created_at")
        FROM "Session"
    UNION ALL SELECT concat_ws(' ', 'token', "id", "kind", "user_id", "data", "expires") FROM "Token" ORDER BY 1"#;

impl site::Kind {
    /// Converts the double quotes of names to the quotes of this database.
    pub(super) fn sql(self, standard: &str) -> String {
        if self == Self::MySql { standard.replace('"', "`") } else { standard.to_owned() }
    }
}

pub(super) fn config() -> PrismaConfig {
    let users = Table::named("User").attribute("name", Attribute::string().optional());
    let created_at = Attribute::new(AttributeType::BigInt).optional();
    let sessions = Table::named("Session").attribute("created_at", created_at);
    PrismaConfig::default().user(users).session(sessions).token(Table::named("Token"))
}

/// The adapters on one pool.
pub(super) struct Adapters {
    pub(super) name: &'static str,
    pub(super) kind: site::Kind,
    pub(super) adapter: PrismaAdapter,
    pub(super) tokens: PrismaTokenAdapter,
    pub(super) driver: Box<dyn Driver>,
}

/// A server with tables, a direct way to it, and one through a proxy.
pub(super) struct Line {
    pub(super) kind: site::Kind,
    pub(super) proxy: FailingProxy,
    direct: site::Pool,
    _server: Server,
}

impl Line {
    pub(super) async fn start(kind: site::Kind) -> Self {
        let server = kind.server().start().unwrap();
        kind.prepare_with(server.port(), &config()).await;
        let proxy = match kind {
            site::Kind::Postgres => FailingProxy::postgres(server.port()).unwrap(),
            site::Kind::MySql => FailingProxy::mysql(server.port()).unwrap(),
        };
        let direct = kind.pool(&kind.url(server.port()), 1).await;
        Self { kind, proxy, direct, _server: server }
    }

    /// Returns the URL of the way through the proxy.
    pub(super) fn url(&self) -> String {
        self.kind.url(self.proxy.port())
    }

    /// Returns pools of both drivers, whose connections go through the proxy.
    pub(super) async fn pools(&self, connections: u32) -> Vec<(&'static str, AnyPool)> {
        let url = self.url();
        let (sqlx, other, diesel) = match self.kind.pool(&url, connections).await {
            site::Pool::Postgres(pool) => {
                let unnamed = match self.kind.pool(&format!("{url}?pgbouncer=true"), connections).await {
                    site::Pool::Postgres(pool) => AnyPool::new(pool),
                    site::Pool::MySql(pool) => AnyPool::new(pool),
                };
                let unnamed = ("sqlx, each statement in a transaction", unnamed);
                (AnyPool::new(pool), unnamed, AnyPool::new(pools::postgres(&url).unwrap()))
            }
            site::Pool::MySql(pool) => {
                let as_mysql = ("sqlx, with the statements of MySQL", AnyPool::new(AsMySql(pool.clone())));
                let diesel = pools::mysql(&url).unwrap();
                (AnyPool::new(pool), as_mysql, AnyPool::new(diesel))
            }
        };
        vec![("sqlx", sqlx), other, ("diesel", diesel)]
    }

    /// Returns adapters on these pools.
    pub(super) async fn adapters(&self, connections: u32) -> Vec<Adapters> {
        let mut adapters = Vec::new();
        for (name, pool) in self.pools(connections).await {
            let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
            let tokens = PrismaTokenAdapter::with_config(pool.clone(), config()).await.unwrap();
            adapters.push(Adapters { name, kind: self.kind, adapter, tokens, driver: pool.driver() });
        }
        adapters
    }

    /// Replaces all rows.
    pub(super) async fn reset(&self) {
        let sql = self.kind.sql(ROWS);
        site::on_pool!(&self.direct, pool => { sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap(); });
    }

    /// Returns all rows as text.
    pub(super) async fn stored(&self) -> Vec<String> {
        let sql = self.kind.sql(STORED);
        site::on_pool!(&self.direct, pool => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap())
    }

    pub(super) async fn drop_tables(&self) {
        let sql = self.kind.sql(r#"DROP TABLE IF EXISTS "Token", "Key", "Session", "User""#);
        site::on_pool!(&self.direct, pool => { sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap(); });
    }
}
