//! Tables that the configuration creates and checks.

use adapter_cloudflare_d1::{Attribute, AttributeType, D1Adapter, D1Config, Mismatch, SetupError, Table};
use adapter_tests::BoxError;
use lucia_core::{Attributes, UserAdapter as _, UserSchema};
use serde_json::json;
use worker::Env;

use super::samples::config;
use crate::check::{Check, CheckResult, ensure, ensure_eq};

pub(crate) const CHECKS: &[Check] = &[
    Check("d1_tables_are_created_and_fit", |env| Box::pin(created(env))),
    Check("d1_tables_that_do_not_fit_are_described", |env| Box::pin(misfits(env))),
];

async fn mismatches(env: &Env, config: &D1Config) -> Result<Vec<Mismatch>, BoxError> {
    match config.check(&env.d1("DB")?).await {
        Ok(()) => Ok(Vec::new()),
        Err(SetupError::Mismatch(mismatches)) => Ok(mismatches),
        Err(error) => Err(error.into()),
    }
}

async fn created(env: Env) -> CheckResult {
    let users = Table::named("created_user")
        .attribute("name", Attribute::string().unique())
        .attribute("role", Attribute::enumeration(["USER", "ADMIN"]).default_value("USER"))
        .attribute("visits", Attribute::new(AttributeType::BigInt).default_value(7))
        .attribute("joined", Attribute::new(AttributeType::DateTime).default_now())
        .attribute("score", Attribute::new(AttributeType::Float).optional());
    let config = config("created").user(users).token(Table::named("created_token"));
    let missing = mismatches(&env, &config).await?;
    ensure(
        missing.len() == 4 && missing.iter().all(|mismatch| matches!(mismatch, Mismatch::MissingTable { .. })),
        format!("{missing:?}"),
    )?;
    let database = env.d1("DB")?;
    config.create_tables(&database).await?;
    ensure_eq(&mismatches(&env, &config).await?.len(), &0, "mismatches of new tables")?;
    config.create_tables(&database).await?;
    config.create_expiry_index(&database).await?;
    config.create_expiry_index(&database).await?;
    ensure_eq(&mismatches(&env, &config).await?.len(), &0, "mismatches of tables that were there")?;

    let adapter = D1Adapter::with_config(database, config).await?;
    let user = UserSchema::new("u1").with_attributes(Attributes::from([("name", "ada")]))?;
    adapter.set_user(&user, None).await?;
    let found = adapter.get_user(&user.id).await?.ok_or("no user")?;
    let stored = found.attributes();
    ensure_eq(&stored.get("role"), &Some(&json!("USER")), "a default")?;
    ensure_eq(&stored.get("visits"), &Some(&json!(7)), "a default")?;
    ensure_eq(&stored.get("score"), &Some(&json!(null)), "an optional attribute")?;
    let joined = stored.get("joined").and_then(|joined| joined.as_str()).unwrap_or_default();
    ensure(joined.starts_with("20") && joined.ends_with('Z'), format!("a default time: {joined}"))
}

async fn misfits(env: Env) -> CheckResult {
    config("misfits").create_tables(&env.d1("DB")?).await?;
    let users = Table::named("misfits_user")
        .attribute("name", Attribute::new(AttributeType::BigInt))
        .attribute("age", Attribute::new(AttributeType::Int));
    let found = mismatches(&env, &config("misfits").user(users)).await?;
    ensure(
        matches!(
            found.as_slice(),
            [Mismatch::WrongType { column, .. }, Mismatch::MissingColumn { column: missing, .. }]
                if column == "name" && missing == "age"
        ),
        format!("{found:?}"),
    )
}
