//! Creates tables with any names, types and defaults: either exactly these tables exist and work, or none was created,
//! and existing tables are unchanged.
#![no_main]

use std::sync::LazyLock;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, SetupError, Table, sqlite, sqlx};
use libfuzzer_sys::fuzz_target;
use lucia_core::{Attributes, UserAdapter as _, UserSchema};
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

// Separated by unit separators: the three tables, a column, an attribute, its column, type and default.
fuzz_target!(|input: &str| {
    let parts: Vec<_> = input.split('\x1f').collect();
    let [user, session, key, id, attribute, column, native_type, default] = parts[..] else {
        return;
    };
    let declared = Attribute::string().map(column).native_type(native_type).default_value(default);
    let config = PrismaConfig::default()
        .user(Table::named(user).column("id", id).attribute(attribute, declared))
        .session(Table::named(session))
        .key(Table::named(key));
    RUNTIME.block_on(async {
        let pool = sqlite::connect("sqlite::memory:").await.expect("memory");
        for statement in ["CREATE TABLE canary (song TEXT)", "INSERT INTO canary VALUES ('tweet')"] {
            sqlx::query(statement).execute(&pool).await.expect("a new table");
        }
        let made = config.create_tables(&pool).await;
        let song: String = sqlx::query_scalar("SELECT song FROM canary").fetch_one(&pool).await.expect("it sings");
        assert_eq!(song, "tweet");
        let tables = "SELECT lower(name) FROM sqlite_master WHERE type <> 'index' ORDER BY 1";
        let found: Vec<String> = sqlx::query_scalar(tables).fetch_all(&pool).await.expect("a list");
        if made.is_err() {
            assert_eq!(found, ["canary"], "{made:?}");
        } else {
            let mut expected: Vec<_> = ["canary", user, session, key].map(str::to_ascii_lowercase).to_vec();
            expected.sort();
            expected.dedup();
            let found: Vec<_> = found.iter().map(|name| name.to_ascii_lowercase()).collect();
            assert_eq!(found, expected);
            match PrismaAdapter::with_config(pool.clone(), config).await {
                Ok(adapter) => {
                    let attributes = Attributes::from([(attribute, "x")]);
                    let user = UserSchema::new("u").with_attributes(attributes).expect("the check has seen the name");
                    if adapter.set_user(&user, None).await.is_ok() {
                        let found = adapter.get_user(&"u".into()).await.expect("it was written by us");
                        assert_eq!(found.as_ref(), Some(&user));
                    }
                }
                Err(error) => assert!(matches!(error, SetupError::Mismatch(_)), "{error:?}"),
            }
        }
        pool.close().await;
    });
});
