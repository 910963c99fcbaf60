//! Data that Prisma Client wrote on SQLite, and tests of its formats.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::{Attributes, SessionAdapter, SessionUpdate, UserAdapter, UserSchema};
use serde_json::json;

use crate::{
    shared::prisma_data::attrs,
    support::{Database, Pool, Scratch, fixture_text, one, rows, run, text},
};

/// Those with times exist in both formats of times.
pub(crate) const FIXTURES: [&str; 6] = ["lucia", "test", "custom", "custom_unixms", "attrs", "attrs_unixms"];

/// Returns the tables that `prisma migrate` creates for a schema.
pub(crate) fn tables(name: &str) -> String {
    let file = if name == "lucia" { "schema_sqlite.sql".to_owned() } else { format!("sqlite_{name}.sql") };
    fixture_text(&file)
}

/// Creates the tables and rows of Prisma.
pub(crate) async fn fixture(name: &str) -> Scratch {
    let file = match name.strip_suffix("_unixms") {
        Some(schema) => format!("{schema}_bs3_unixms.db"),
        None => format!("{name}_bs3.db"),
    };
    Scratch::fixture(&file).await
}

/// Returns the rows as Prisma Client reads them.
pub(crate) fn as_prisma_reads(name: &str) -> String {
    fixture_text(&format!("bs3_{}.json", name.replace("unixms", "unixepoch-ms")))
}

/// Returns every value of every row, with its storage class.
pub(crate) async fn stored(pool: &Pool) -> Vec<Vec<Option<String>>> {
    let tables = rows(pool, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").await;
    let mut stored = Vec::new();
    for table in tables.iter().map(|row| row[0].as_deref().unwrap()) {
        let columns = rows(pool, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
        let columns = columns.iter().map(|row| row[0].as_deref().unwrap());
        let values: Vec<_> = columns.map(|name| format!("typeof(\"{name}\") || ' ' || quote(\"{name}\")")).collect();
        stored.extend(rows(pool, &format!("SELECT {} FROM \"{table}\" ORDER BY id", values.join(", "))).await);
    }
    stored
}

#[tokio::test]
async fn the_format_of_times_follows_the_newest_row() {
    let database = Database::on(fixture("attrs").await, attrs()).await;
    let time = || one("last_seen", "2024-05-06T07:08:09.123+02:00");
    let id = "sessactive00000000000000000000000000000a".into();
    let update = || SessionUpdate::default().with_attributes(time()).unwrap();
    let stored = "SELECT typeof(last_seen) || ' ' || last_seen FROM Session WHERE id LIKE 'sessactive%'";

    database.update_session(&id, &update()).await.unwrap();
    assert_eq!(text(&database.pool, stored).await.as_deref(), Some("text 2024-05-06T05:08:09.123+00:00"));

    run(&database.pool, "UPDATE Session SET last_seen = 5 WHERE rowid = (SELECT max(rowid) FROM Session)").await;
    database.update_session(&id, &update()).await.unwrap();
    assert_eq!(
        text(&database.pool, stored).await.as_deref(),
        Some("text 2024-05-06T05:08:09.123+00:00"),
        "the format is determined at construction"
    );

    let later = PrismaAdapter::with_config(database.pool.clone(), attrs()).await.unwrap();
    later.update_session(&id, &update()).await.unwrap();
    assert_eq!(text(&database.pool, stored).await.as_deref(), Some("integer 1714972089123"));
    let read = later.get_session(&id).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("last_seen"), Some(&json!("2024-05-06T05:08:09.123Z")));
}

#[tokio::test]
async fn defaults_of_the_database_apply_to_omitted_columns() {
    let database = Database::on(fixture("attrs").await, attrs()).await;
    run(&database.pool, "DELETE FROM User").await;
    let required = [
        ("username", json!("carol")),
        ("updated_at", json!(0)),
        ("uu", json!("u")),
        ("cu", json!("c")),
        ("blob", json!([1])),
    ];
    let carol = UserSchema::new("carol").with_attributes(Attributes::from(required)).unwrap();
    database.set_user(&carol, None).await.unwrap();
    let read = database.get_user(&carol.id).await.unwrap().unwrap();
    let attribute = |name| read.attributes().get(name).unwrap().clone();
    assert_eq!(attribute("nick_def"), json!("n'o\"ne"));
    assert_eq!(attribute("big"), json!(9_007_199_254_740_993_i64));
    assert_eq!(attribute("role"), json!("USER"));
    assert_eq!(attribute("meta"), json!({"a": 1}));
    assert_eq!(attribute("price"), json!("1.1"));
    assert_eq!(attribute("dt_fixed"), json!("2024-01-02T03:04:05.678Z"), "Prisma's default contains a space");
    assert_eq!(attribute("nick"), json!(null));
}
