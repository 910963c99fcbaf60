//! Settings of connections without which the server would lose or change values without an error.

use crate::{
    driver::{Driver, DriverError, Query, SqlValue},
    mismatch::Mismatch,
};

const LIST_SETTINGS: &str = "SELECT CAST(@@SESSION.sql_mode AS CHAR), CAST(@@SESSION.autocommit + 0 AS CHAR), \
     CAST(@@SESSION.character_set_client AS CHAR), CAST(@@SESSION.character_set_connection AS CHAR), \
     CAST(@@SESSION.character_set_results AS CHAR), CAST(DATABASE() AS CHAR)";

/// Returns the settings of a connection that an adapter cannot work with.
pub(super) async fn wrong(driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
    let row = driver.fetch_optional(&Query::new(LIST_SETTINGS, [])).await?.unwrap_or_default();
    let mut found = row.into_iter().map(|cell| if let SqlValue::Text(text) = cell { Some(text) } else { None });
    let mut wrong = Vec::new();
    let mut check = |setting, is_right: fn(&str) -> bool, needed| {
        let found = found.next().flatten();
        if !found.as_deref().is_some_and(is_right) {
            wrong.push(Mismatch::WrongSetting { setting, found: found.unwrap_or_default(), needed });
        }
    };
    // Without it the server truncates values that are too long for a column.
    let is_strict =
        |mode: &str| mode.split(',').any(|part| matches!(part, "STRICT_TRANS_TABLES" | "STRICT_ALL_TABLES"));
    check("sql_mode", is_strict, "a list with STRICT_TRANS_TABLES, which `mysql::pool_options` sets");
    // Without it writes would never be committed.
    check("autocommit", |value| value == "1", "1");
    for setting in ["character_set_client", "character_set_connection", "character_set_results"] {
        check(setting, |charset| charset == "utf8mb4", "utf8mb4");
    }
    if schema.is_none() {
        check("database", |name| !name.is_empty(), "a name, set it in the URL or with `schema` in the configuration");
    }
    Ok(wrong)
}
