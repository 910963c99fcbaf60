use std::{fs, path::Path};

/// Types that this test cannot create, or that have nothing to show, by reason.
const EXEMPT: &[(&str, &[&str])] = &[
    (
        "traits",
        &[
            "Adapter",
            "UserAdapter",
            "SessionAdapter",
            "SessionScan",
            "TokenAdapter",
            "Clock",
            "KvStore",
            "PasswordCheck",
            "PasswordHasher",
            "Pool",
            "Connection",
            "Connections",
            "Driver",
            "Family",
            "Timer",
        ],
    ),
    ("shown under another name", &["Sessions", "SqlAdapter", "SqlConfig", "SqlTokenAdapter", "SqlUserAdapter"]),
    ("what shows a driver or its time", &["Backoff", "Retrying"]),
    ("an alias", &["AdapterResult", "Row", "D1Config"]),
    ("types without values", &["D1", "NoSessions", "Prisma"]),
    (
        "created with a server only: shown by the tests of the adapter",
        &["RedisSessionAdapter", "RedisTokenAdapter", "SentinelConnection", "ConnectionError", "InvalidPrefixes"],
    ),
    ("created in a Worker only: shown by the tests in workerd", &["CloudflareKvError", "CloudflareKvStore", "D1Error"]),
];

/// Returns the names of the types that the crates re-export, from their sources.
pub(super) fn public_types() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut names = Vec::new();
    for file in [
        "lucia-core/src/lib.rs",
        "lucia-core/src/kv/mod.rs",
        "lucia-core/src/memory/mod.rs",
        "lucia-auth/src/lib.rs",
        "lucia-axum/src/lib.rs",
        "lucia-sql/src/lib.rs",
        "lucia-sql/src/driver/mod.rs",
        "lucia-http/src/lib.rs",
        "adapter-prisma-compatible/src/lib.rs",
        "adapter-redis/src/lib.rs",
        "adapter-kv-http/src/lib.rs",
        "adapter-cloudflare-d1/src/lib.rs",
        "adapter-cloudflare-kv/src/lib.rs",
        "adapter-object-store/src/lib.rs",
    ] {
        let source = fs::read_to_string(root.join(file)).unwrap();
        let exports = source.split("pub use ").skip(1).filter_map(|export| export.split_once(';'));
        let before = names.len();
        for (export, _) in exports {
            let words = export.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
            // `SqlAdapter as PrismaAdapter` exports the second name only.
            let exported = words.iter().enumerate().filter(|(index, _)| words.get(index + 1) != Some(&"as"));
            let is_type = |word: &str| word.starts_with(|first: char| first.is_ascii_uppercase());
            names.extend(exported.map(|(_, word)| (*word).to_owned()).filter(|word| is_type(word)));
        }
        assert!(names.len() > before, "{file} exports nothing");
    }
    names.retain(|name| !EXEMPT.iter().any(|(_, exempt)| exempt.contains(&name.as_str())));
    names.sort();
    names.dedup();
    names
}
