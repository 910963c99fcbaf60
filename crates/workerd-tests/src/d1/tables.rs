use adapter_cloudflare_d1::{Attribute, AttributeType, D1Config, Table};
use adapter_tests::{
    BoxError,
    schema::{self, AttributeKind},
};
use worker::{Env, send::SendFuture};

use crate::number::next_number;

/// The columns `user_id`: foreign keys, or not, as in the tables of some applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owners {
    References,
    Plain,
}

/// Creates the tables of a case, with foreign keys as Prisma does. Returns the name of the session table as well.
pub(super) async fn create(env: &Env, owners: Owners) -> Result<(D1Config, String), BoxError> {
    let number = next_number();
    let [users, sessions, keys, tokens] = ["User", "Session", "Key", "Token"].map(|name| format!("{name}{number}"));
    let owner = match owners {
        Owners::References => {
            format!(r#", FOREIGN KEY ("user_id") REFERENCES "{users}" ("id") ON DELETE CASCADE ON UPDATE CASCADE"#)
        }
        Owners::Plain => String::new(),
    };
    let approver =
        format!(r#", FOREIGN KEY ("approved_by") REFERENCES "{users}" ("id") ON DELETE SET NULL ON UPDATE CASCADE"#);
    let statements = [
        format!(r#"CREATE TABLE "{users}" ("id" TEXT NOT NULL PRIMARY KEY, "username" TEXT NOT NULL, "country" TEXT)"#),
        format!(
            r#"CREATE TABLE "{sessions}" ("id" TEXT NOT NULL PRIMARY KEY, "user_id" TEXT NOT NULL, "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL, "country" TEXT, "device" TEXT, "visits" BIGINT, "trusted" BOOLEAN, "data" JSONB, "approved_by" TEXT{owner}{approver})"#
        ),
        format!(
            r#"CREATE TABLE "{keys}" ("id" TEXT NOT NULL PRIMARY KEY, "hashed_password" TEXT, "user_id" TEXT NOT NULL{owner})"#
        ),
        format!(
            r#"CREATE TABLE "{tokens}" ("id" TEXT NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "user_id" TEXT, "data" TEXT NOT NULL, "expires" BIGINT NOT NULL{owner})"#
        ),
        format!(r#"CREATE UNIQUE INDEX "{users}_id_key" ON "{users}"("id")"#),
        format!(r#"CREATE UNIQUE INDEX "{users}_username_key" ON "{users}"("username")"#),
        format!(r#"CREATE UNIQUE INDEX "{sessions}_id_key" ON "{sessions}"("id")"#),
        format!(r#"CREATE INDEX "{sessions}_user_id_idx" ON "{sessions}"("user_id")"#),
        format!(r#"CREATE UNIQUE INDEX "{keys}_id_key" ON "{keys}"("id")"#),
        format!(r#"CREATE INDEX "{keys}_user_id_idx" ON "{keys}"("user_id")"#),
        format!(r#"CREATE INDEX "{tokens}_user_id_idx" ON "{tokens}"("user_id")"#),
        format!(r#"CREATE INDEX "{tokens}_expires_idx" ON "{tokens}"("expires")"#),
    ];
    let database = env.d1("DB")?;
    SendFuture::new(database.batch(statements.iter().map(|sql| database.prepare(sql)).collect())).await?;
    let config = D1Config::default()
        .user(with_attributes(Table::named(users), schema::USER_ATTRIBUTES))
        .session(with_attributes(Table::named(&sessions), schema::SESSION_ATTRIBUTES))
        .key(Table::named(keys))
        .token(Table::named(tokens));
    Ok((config, sessions))
}

fn with_attributes(table: Table, attributes: &[schema::Attribute]) -> Table {
    attributes.iter().fold(table, |table, attribute| {
        let declared = Attribute::new(match attribute.kind {
            AttributeKind::BigInt => AttributeType::BigInt,
            AttributeKind::Boolean => AttributeType::Boolean,
            AttributeKind::Json => AttributeType::Json,
            _ => AttributeType::String,
        });
        table.attribute(attribute.name, if attribute.nullable { declared.optional() } else { declared })
    })
}
