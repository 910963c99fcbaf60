//! Stores any JSON value as an attribute: it is read back unchanged, or rejected as a value of another type without a
//! change.
#![no_main]

#[path = "../src/prisma.rs"]
mod prisma;

use std::sync::LazyLock;

use adapter_prisma_compatible::{AttributeType, PrismaAdapter};
use libfuzzer_sys::fuzz_target;
use lucia_core::{AdapterErrorKind, Attributes, UserAdapter as _, UserUpdate};
use serde_json::Value;

use self::prisma::{Database, column, is_same};

static DATABASE: LazyLock<Database> = LazyLock::new(Database::new);

// A digit for the column, and a JSON value.
fuzz_target!(|input: &[u8]| {
    let [digit, json @ ..] = input else {
        return;
    };
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    let (name, kind) = column(*digit);
    let Database { runtime, pool, adapter } = &*DATABASE;
    assert!(!pool.is_closed());
    runtime.block_on(async {
        let before = read(adapter, name).await;
        match write(adapter, name, &value).await {
            Ok(()) => {
                let stored = read(adapter, name).await;
                // Times and decimals have many spellings, but are read in one.
                let has_spellings = matches!(kind, AttributeType::DateTime | AttributeType::Decimal);
                assert!(has_spellings || is_same(&value, &stored), "{kind:?} {value} {stored}");
                write(adapter, name, &stored).await.expect("what was read can be written");
                assert_eq!(read(adapter, name).await, stored, "{kind:?} {value}");
            }
            Err(refusal) => {
                assert_eq!(refusal, AdapterErrorKind::InvalidAttribute, "{kind:?} {value}");
                assert_eq!(read(adapter, name).await, before);
            }
        }
    });
});

async fn read(adapter: &PrismaAdapter, name: &str) -> Value {
    let user = adapter.get_user(&"u".into()).await.expect("what we wrote is read").expect("it is there");
    user.attributes().get(name).expect("every column is read").clone()
}

async fn write(adapter: &PrismaAdapter, name: &str, value: &Value) -> Result<(), AdapterErrorKind> {
    let update =
        UserUpdate::default().with_attributes(Attributes::from([(name, value.clone())])).expect("no reserved name");
    adapter.update_user(&"u".into(), &update).await.map_err(|error| {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        error.kind()
    })
}
