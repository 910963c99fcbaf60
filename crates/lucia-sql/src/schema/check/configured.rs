//! Tables that are only known from the configuration.

use super::{content::Content, names::TOKEN_FIELDS};
use crate::{
    catalogs::{FoundColumn, FoundTable, Unique},
    config::{AttributeType, SqlConfig, Table},
    tables::Limit,
};

/// Describes a table as `create_tables` would create it.
pub(super) fn as_configured(table: &Table, config: &SqlConfig, fields: &[&str]) -> FoundTable {
    let own = fields.iter().map(|field| {
        let nullable = match *field {
            "hashed_password" => !config.password_keys_only,
            "user_id" => fields == TOKEN_FIELDS,
            _ => false,
        };
        FoundColumn { nullable, ..column(table.column_of(field), Content::of(field).kind()) }
    });
    let attributes = table.attributes.iter().map(|(name, attribute)| FoundColumn {
        list: attribute.list,
        nullable: attribute.optional || attribute.list,
        has_default: attribute.default.is_some(),
        ..column(attribute.column.as_deref().unwrap_or(name), attribute.kind)
    });
    FoundTable {
        kind: "table".to_owned(),
        columns: own.chain(attributes).collect(),
        unique: vec![Unique { column: table.column_of("id").to_owned(), inexact: None }],
        ..FoundTable::default()
    }
}

fn column(name: &str, kind: AttributeType) -> FoundColumn {
    FoundColumn {
        name: name.to_owned(),
        declared: format!("a {kind:?}"),
        sql_type: String::new(),
        collation: String::new(),
        kind: Some(kind),
        list: false,
        limit: Limit::None,
        nullable: false,
        has_default: false,
        generated: false,
        inexact: None,
        has_numbers: false,
        stores_any: false,
    }
}
