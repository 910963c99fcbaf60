//! A database with a column of each Prisma type, for the targets that store values.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite, sqlx};
use lucia_core::{UserAdapter as _, UserSchema};
use serde_json::Value;
use tokio::runtime::Runtime;

const COLUMNS: [(&str, AttributeType); 9] = [
    ("string", AttributeType::String),
    ("int", AttributeType::Int),
    ("bigint", AttributeType::BigInt),
    ("float", AttributeType::Float),
    ("boolean", AttributeType::Boolean),
    ("datetime", AttributeType::DateTime),
    ("json", AttributeType::Json),
    ("bytes", AttributeType::Bytes),
    ("decimal", AttributeType::Decimal),
];

pub struct Database {
    pub runtime: Runtime,
    /// A pool of one connection, because the in-memory database lives as long as the connection.
    pub pool: sqlx::SqlitePool,
    /// An adapter with one user, `u`.
    pub adapter: PrismaAdapter,
}

impl Database {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (pool, adapter) = runtime.block_on(async {
            let pool = sqlite::connect("sqlite::memory:").await.expect("memory");
            let users = COLUMNS.iter().fold(Table::named("User"), |users, (name, kind)| {
                users.attribute(*name, Attribute::new(*kind).optional())
            });
            let config = PrismaConfig::default().user(users);
            config.create_tables(&pool).await.expect("new tables");
            let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("our own tables");
            adapter.set_user(&UserSchema::new("u"), None).await.expect("a new user");
            (pool, adapter)
        });
        Self { runtime, pool, adapter }
    }
}

/// Returns the column of a digit.
pub fn column(digit: u8) -> (&'static str, AttributeType) {
    COLUMNS[usize::from(digit.wrapping_sub(b'0')) % COLUMNS.len()]
}

/// Compares values apart from the spelling of numbers, because JavaScript prints 1.0 as 1.
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let exact = one.is_f64() || other.is_f64() || one.as_i128() == other.as_i128();
            exact && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let found = |(name, one)| other.get(name).is_some_and(|other| is_same(one, other));
            one.len() == other.len() && one.iter().all(found)
        }
        (one, other) => one == other,
    }
}
