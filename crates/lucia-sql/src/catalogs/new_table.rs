use serde_json::Value;

use crate::{
    config::{Attribute, AttributeDefault, AttributeType, Table, is_valid_type},
    mismatch::Mismatch,
};

/// A table to create.
#[derive(Debug)]
pub(crate) struct NewTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<NewColumn>,
}

#[derive(Debug)]
pub(crate) struct NewColumn {
    pub(crate) name: String,
    pub(crate) kind: AttributeType,
    /// The SQL type, if it is not the default for `kind`.
    pub(crate) native_type: Option<String>,
    /// `true` if the values are lists.
    pub(crate) list: bool,
    pub(crate) nullable: bool,
    pub(crate) primary: bool,
    pub(crate) unique: bool,
    /// The stored labels of an enum. Empty for other types.
    pub(crate) labels: Vec<String>,
    /// The name of the enum's type, on databases that name it.
    pub(crate) enum_name: String,
    pub(crate) indexed: bool,
    /// The table and column that a foreign key refers to.
    pub(crate) references: Option<(String, String)>,
    pub(crate) default: Option<NewDefault>,
}

#[derive(Debug)]
pub(crate) enum NewDefault {
    Now,
    /// Text that must be quoted.
    Text(String),
    /// A literal that is inserted unchanged.
    Literal(String),
}

impl NewColumn {
    pub(crate) fn new(name: &str, kind: AttributeType) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            native_type: None,
            list: false,
            nullable: false,
            primary: false,
            unique: false,
            labels: Vec::new(),
            enum_name: String::new(),
            indexed: false,
            references: None,
            default: None,
        }
    }

    /// Creates the column of an attribute.
    pub(crate) fn of_attribute(table: &str, name: &str, attribute: &Attribute) -> Result<Self, Mismatch> {
        if let Some(name) = attribute.native_type.as_ref().filter(|sql| !is_valid_type(sql)) {
            return Err(Mismatch::InvalidType { name: name.clone() });
        }
        let invalid = || Mismatch::InvalidDefault { table: table.to_owned(), name: name.to_owned() };
        let default = attribute.default.as_ref().map(|default| NewDefault::of(attribute, default).ok_or_else(invalid));
        Ok(Self {
            native_type: attribute.native_type.clone(),
            list: attribute.list,
            // Prisma lets every list be null.
            nullable: attribute.optional || attribute.list,
            unique: attribute.unique,
            labels: attribute.labels.iter().map(|(_, stored)| stored.clone()).collect(),
            enum_name: attribute.enum_name.clone().unwrap_or_else(|| Table::model(name).name),
            default: default.transpose()?,
            ..Self::new(attribute.column.as_deref().unwrap_or(name), attribute.kind)
        })
    }

    /// Returns the text after the type of the column: ` DEFAULT …`, or an empty string.
    pub(crate) fn default_clause(&self, now: &str, quote_text: impl Fn(&str) -> String) -> String {
        match &self.default {
            None => String::new(),
            Some(NewDefault::Now) => format!(" DEFAULT {now}"),
            Some(NewDefault::Text(text)) => format!(" DEFAULT {}", quote_text(text)),
            Some(NewDefault::Literal(literal)) => format!(" DEFAULT {literal}"),
        }
    }
}

impl NewDefault {
    fn of(attribute: &Attribute, default: &AttributeDefault) -> Option<Self> {
        use AttributeType::{BigInt, Boolean, DateTime, Decimal, Float, Int, String};
        let value = match default {
            AttributeDefault::Now => return (attribute.kind == DateTime).then_some(Self::Now),
            AttributeDefault::Value(value) => value,
        };
        match (attribute.kind, value) {
            _ if attribute.list => None,
            (String, Value::String(text)) if attribute.labels.is_empty() => Some(Self::Text(text.clone())),
            (String, Value::String(label)) => {
                let known = attribute.labels.iter().find(|(known, _)| known == label);
                known.map(|(_, stored)| Self::Text(stored.clone()))
            }
            (Int | BigInt, Value::Number(number)) if number.is_i64() => Some(Self::Literal(number.to_string())),
            (Float, Value::Number(number)) => Some(Self::Literal(number.to_string())),
            (Boolean, Value::Bool(value)) => Some(Self::Literal(value.to_string())),
            (Decimal, Value::String(digits)) if is_decimal(digits) => Some(Self::Literal(digits.clone())),
            _ => None,
        }
    }
}

/// Returns `true` for digits with an optional sign and point. The check is strict, because the text becomes part of a
/// statement.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn clause(attribute: &Attribute) -> Option<String> {
        let column = NewColumn::of_attribute("User", "x", attribute).ok()?;
        Some(column.default_clause("NOW", |text| format!("<{text}>")))
    }

    #[test]
    fn defaults_that_fit_their_type_are_rendered() {
        let role = || Attribute::enumeration(["USER"]).label("SUPER", "super-admin");
        let new = Attribute::new;
        let cases = [
            (Attribute::string(), ""),
            (Attribute::string().default_value("a'b"), " DEFAULT <a'b>"),
            (role().default_value("SUPER"), " DEFAULT <super-admin>"),
            (new(AttributeType::Int).default_value(18), " DEFAULT 18"),
            (new(AttributeType::BigInt).default_value(i64::MIN), " DEFAULT -9223372036854775808"),
            (new(AttributeType::Float).default_value(1.5), " DEFAULT 1.5"),
            (new(AttributeType::Boolean).default_value(true), " DEFAULT true"),
            (new(AttributeType::Decimal).default_value("-1.10"), " DEFAULT -1.10"),
            (new(AttributeType::DateTime).default_now(), " DEFAULT NOW"),
        ];
        for (attribute, expected) in cases {
            assert_eq!(clause(&attribute).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_defaults_are_rejected() {
        let new = Attribute::new;
        for attribute in [
            Attribute::string().default_value(1),
            Attribute::string().default_now(),
            Attribute::enumeration(["USER"]).default_value("ROOT"),
            new(AttributeType::Int).default_value(1.5),
            new(AttributeType::Boolean).default_value(1),
            new(AttributeType::Decimal).default_value("1; DROP TABLE x"),
            new(AttributeType::Decimal).default_value("-"),
            new(AttributeType::DateTime).default_value("2024-01-02T03:04:05Z"),
            new(AttributeType::Json).default_value(json!({})),
            new(AttributeType::Bytes).default_value(json!([1])),
            Attribute::string().list().default_value("a"),
        ] {
            assert!(
                matches!(NewColumn::of_attribute("User", "x", &attribute), Err(Mismatch::InvalidDefault { .. })),
                "{attribute:?}"
            );
        }
        let hostile = Attribute::string().native_type("TEXT; --");
        assert!(matches!(NewColumn::of_attribute("User", "x", &hostile), Err(Mismatch::InvalidType { .. })));
    }
}
