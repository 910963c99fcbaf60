//! The reasons in the texts of errors.

use std::error::Error;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter as _, UserSchema, UserUpdate,
};
use serde_json::{Value, json};

/// Tables with constraints of the application.
pub(crate) const TABLES: &str = r#"
    CREATE TABLE "Org" ("id" VARCHAR(191) PRIMARY KEY);
    CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY, "updated_at" BIGINT NOT NULL, "role" VARCHAR(9), "age" INTEGER,
        "email_address" VARCHAR(191), "org" VARCHAR(191), CONSTRAINT "User_email_key" UNIQUE ("email_address"),
        CONSTRAINT "User_org_fkey" FOREIGN KEY ("org") REFERENCES "Org" ("id"), CONSTRAINT "adult" CHECK ("age" > 17));
    CREATE TABLE "Session" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191) NOT NULL, "active_expires" BIGINT NOT NULL,
        "idle_expires" BIGINT NOT NULL, "org" VARCHAR(191),
        CONSTRAINT "Session_org_fkey" FOREIGN KEY ("org") REFERENCES "Org" ("id"),
        CONSTRAINT "Session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User" ("id"));
    CREATE TABLE "Key" ("id" VARCHAR(191) PRIMARY KEY, "hashed_password" VARCHAR(191), "user_id" VARCHAR(191) NOT NULL);
    CREATE TABLE "Visit" ("session" VARCHAR(191),
        CONSTRAINT "Visit_session_fkey" FOREIGN KEY ("session") REFERENCES "Session" ("id"));
    CREATE TABLE "Post" ("author" VARCHAR(191), CONSTRAINT "Post_author_fkey" FOREIGN KEY ("author") REFERENCES "User" ("id"));
"#;

/// Rows that keep the user `u1` from being deleted, and the session `s1` from being rotated.
pub(crate) const POST: &str = r#"INSERT INTO "Post" VALUES ('u1'); INSERT INTO "Visit" VALUES ('s1')"#;

pub(crate) fn config() -> PrismaConfig {
    let role = Attribute::enumeration(["USER"]).label("SUPER", "super");
    let users = Table::named("User").attribute("role", role);
    PrismaConfig::default().user(users.attribute("email", Attribute::string().map("email_address")))
}

/// Returns the texts of all causes.
fn causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(" / ")
}

/// Asserts that the error has this kind and attribute, and that its causes begin with this text.
fn tells(result: AdapterResult<()>, kind: Kind, attribute: Option<&str>, reason: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (kind, attribute), "{error:?}");
    let causes = causes(&error);
    assert!(causes.starts_with(reason), "{causes:?} instead of {reason:?}");
}

fn user(id: &str, further: &[(&str, Value)]) -> UserSchema {
    let mut attributes = Attributes::from([("updated_at", 1)]);
    further.iter().for_each(|(name, value)| {
        attributes.insert(*name, value.clone());
    });
    UserSchema::new(id).with_attributes(attributes).unwrap()
}

/// Runs before and after `POST`. All databases except for SQLite report the names of foreign keys.
pub(crate) async fn rejected_writes_name_the_reason(adapter: &PrismaAdapter, named: bool) {
    let missing = adapter.set_user(&UserSchema::new("u1"), None).await;
    let reason = "column `updated_at` of table `User` is required and has no default in the database";
    tells(missing, Kind::InvalidAttribute, Some("updated_at"), reason);
    let misspelt = adapter.set_user(&user("u1", &[("emial", json!("x"))]), None).await;
    let reason =
        "table `User` has no column for the attribute; its attributes are `updated_at`, `role`, `age`, `email`, `org`";
    tells(misspelt, Kind::InvalidAttribute, Some("emial"), reason);

    adapter.set_user(&user("u1", &[("email", json!("a@b"))]), None).await.unwrap();
    let write = async |name: &str, value: Value| {
        adapter
            .update_user(
                &"u1".into(),
                &UserUpdate::default().with_attributes(Attributes::from([(name, value)])).unwrap(),
            )
            .await
    };
    let label = write("role", json!("ROOT")).await.unwrap_err();
    assert!(causes(&label).starts_with("column `role` of table `User` is "), "{}", causes(&label));
    assert!(causes(&label).ends_with(": the value must be one of `USER`, `SUPER`"), "{}", causes(&label));
    let range = causes(&write("updated_at", json!(1.5)).await.unwrap_err());
    assert!(range.ends_with(": the value must be a 64-bit integer"), "{range}");

    let foreign = |table: &str| match (named, table) {
        (true, _) => format!("foreign key `{table}_org_fkey` of column `org` of table `{table}`: the row that"),
        (false, _) => format!("foreign key of table `{table}`: the row that the value refers to does not exist"),
    };
    let org = named.then_some("org");
    tells(write("org", json!("none")).await, Kind::InvalidAttribute, org, &foreign("User"));
    let times = [UnixMillis::new(1), UnixMillis::new(2)];
    let elsewhere = SessionSchema::new("s1", "u1", times[0], times[1]);
    let elsewhere = elsewhere.with_attributes(Attributes::from([("org", "none")])).unwrap();
    tells(adapter.set_session(&elsewhere).await, Kind::InvalidAttribute, org, &foreign("Session"));

    let check = "CHECK constraint `adult` of table `User`: the database does not allow these values";
    let refused = write("age", json!(7)).await.unwrap_err();
    assert!(causes(&refused).replace(" of column `age`", "").starts_with(check), "{}", causes(&refused));
    let taken = adapter.set_user(&user("u2", &[("email", json!("a@b"))]), None).await.unwrap_err();
    assert_eq!((taken.kind(), taken.attribute()), (Kind::DuplicateAttribute, Some("email")));
    let told = causes(&taken);
    assert!(told.contains("of column `email_address` of table `User`: another row has this value"), "{told}");
    assert!(!named || told.contains("User_email_key"), "{told}");
    assert!(!told.contains("a@b"), "no value: {told}");
    adapter.set_user(&user("u2", &[]), None).await.unwrap();
    adapter.set_session(&SessionSchema::new("s1", "u2", times[0], times[1])).await.unwrap();
}

/// Runs after `POST`.
pub(crate) async fn a_referenced_row_is_not_deleted(adapter: &PrismaAdapter, named: bool) {
    let name = if named { " `Post_author_fkey`" } else { "" };
    let refused = adapter.delete_user(&"u1".into()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Backend);
    assert!(causes(&refused).starts_with(&format!("foreign key{name}")), "{}", causes(&refused));
    assert!(
        causes(&refused).contains(": its rows refer to the row to delete or to the id to change"),
        "{}",
        causes(&refused)
    );
    if named {
        let refused = adapter.rotate_session(&"s1".into(), &"s2".into(), &SessionUpdate::default()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Backend);
        assert!(
            causes(&refused).starts_with("foreign key `Visit_session_fkey` of table `Visit`: its rows"),
            "{}",
            causes(&refused)
        );
    }
}
