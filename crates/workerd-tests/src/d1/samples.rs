//! Tables and users of the checks.

use adapter_cloudflare_d1::{Attribute, D1Config, Table};
use adapter_tests::BoxError;
use lucia_core::{Attributes, UserSchema};

/// Users with a unique name.
pub(super) fn config(name: &str) -> D1Config {
    let users = Table::named(format!("{name}_user")).attribute("name", Attribute::string().unique());
    D1Config::default()
        .user(users)
        .session(Table::named(format!("{name}_session")))
        .key(Table::named(format!("{name}_key")))
}

pub(super) fn user(id: &str, name: &str) -> Result<UserSchema, BoxError> {
    Ok(UserSchema::new(id).with_attributes(Attributes::from([("name", name)]))?)
}
