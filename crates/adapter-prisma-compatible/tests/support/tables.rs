//! The tables of the conformance suite.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaConfig, Table};
use adapter_tests::schema::{self, AttributeKind};

pub(crate) fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(with_attributes(Table::named("User"), schema::USER_ATTRIBUTES))
        .session(with_attributes(Table::named("Session"), schema::SESSION_ATTRIBUTES))
        .token(Table::named("Token"))
}

fn with_attributes(table: Table, attributes: &[schema::Attribute]) -> Table {
    attributes.iter().fold(table, |table, attribute| {
        let declared = Attribute::new(match attribute.kind {
            AttributeKind::BigInt => AttributeType::BigInt,
            AttributeKind::Boolean => AttributeType::Boolean,
            AttributeKind::Json => AttributeType::Json,
            _ => AttributeType::String,
        });
        let declared = if attribute.nullable { declared.optional() } else { declared };
        table.attribute(attribute.name, if attribute.unique { declared.unique() } else { declared })
    })
}
