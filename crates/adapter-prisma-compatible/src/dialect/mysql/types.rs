use crate::{config::AttributeType, schema::Limit};

/// What `information_schema` says of a column's type.
#[derive(Debug)]
pub(super) struct Declared<'a> {
    /// `varchar`
    pub(super) name: &'a str,
    /// `varchar(191)`
    pub(super) full: &'a str,
    /// Characters of a text, digits of a number.
    pub(super) length: Option<i64>,
    pub(super) scale: Option<i64>,
    /// Whether it is MariaDB's JSON: text that a check keeps valid.
    pub(super) is_json: bool,
}

impl Declared<'_> {
    /// What its values are and what they cannot be. None for what no attribute is.
    pub(super) fn kind(&self) -> (Option<AttributeType>, Limit) {
        use AttributeType::{BigInt, Boolean, Bytes, DateTime, Decimal, Float, Int, Json, String};
        let length = || self.length.and_then(|length| usize::try_from(length).ok());
        let (kind, limit) = match self.name {
            "json" => (Json, Limit::None),
            _ if self.is_json => (Json, Limit::None),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
                (String, Limit::Text { max_chars: length(), nul: true })
            }
            "enum" => (String, Limit::Labels(labels(self.full))),
            // Its width is all that tells a Boolean of Prisma's from a number.
            "tinyint" if self.full.starts_with("tinyint(1)") => (Boolean, Limit::None),
            "bit" if self.length == Some(1) => (Boolean, Limit::None),
            "tinyint" => (Int, self.range(8)),
            "smallint" => (Int, self.range(16)),
            "mediumint" => (Int, self.range(24)),
            "int" => (Int, self.range(32)),
            // Other numbers than those are taken for years of two digits.
            "year" => (Int, Limit::Range(1901, 2155)),
            "bigint" => (BigInt, self.range(64)),
            "float" => (Float, Limit::Single),
            "double" => (Float, Limit::None),
            "decimal" => (Decimal, self.digits()),
            "datetime" | "timestamp" => (DateTime, Limit::None),
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => (Bytes, Limit::None),
            _ => return (None, Limit::None),
        };
        (Some(kind), limit)
    }

    fn range(&self, bits: u32) -> Limit {
        let highest = i64::MAX >> (64 - bits);
        if self.full.contains("unsigned") {
            Limit::Range(0, if bits == 64 { i64::MAX } else { highest * 2 + 1 })
        } else {
            Limit::Range(-highest - 1, highest)
        }
    }

    fn digits(&self) -> Limit {
        let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        match (number(self.length), number(self.scale)) {
            (Some(precision), Some(scale)) => Limit::Digits { precision, scale },
            _ => Limit::None,
        }
    }
}

/// The labels of `enum('USER','it''s')`.
fn labels(declared: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut label: Option<String> = None;
    let mut rest = declared.chars().peekable();
    while let Some(next) = rest.next() {
        match (&mut label, next) {
            (None, '\'') => label = Some(String::new()),
            (None, _) => {}
            (Some(text), '\'') if rest.peek() == Some(&'\'') => {
                rest.next();
                text.push('\'');
            }
            (Some(_), '\'') => labels.extend(label.take()),
            (Some(text), '\\') => text.extend(rest.next()),
            (Some(text), next) => text.push(next),
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(full: &str, length: Option<i64>, scale: Option<i64>) -> (Option<AttributeType>, Limit) {
        let name = full.split(['(', ' ']).next().unwrap();
        Declared { name, full, length, scale, is_json: false }.kind()
    }

    #[test]
    fn types_have_the_limits_of_their_columns() {
        use AttributeType::{BigInt, Boolean, Decimal, Int, String};
        assert_eq!(
            kind("varchar(191)", Some(191), None),
            (Some(String), Limit::Text { max_chars: Some(191), nul: true })
        );
        assert_eq!(kind("int(11)", Some(10), Some(0)), (Some(Int), Limit::Range(-2_147_483_648, 2_147_483_647)));
        assert_eq!(kind("int unsigned", Some(10), Some(0)), (Some(Int), Limit::Range(0, 4_294_967_295)));
        assert_eq!(kind("tinyint(4)", Some(3), Some(0)), (Some(Int), Limit::Range(-128, 127)));
        assert_eq!(kind("tinyint(1)", Some(3), Some(0)), (Some(Boolean), Limit::None));
        assert_eq!(kind("bigint(20)", Some(19), Some(0)), (Some(BigInt), Limit::Range(i64::MIN, i64::MAX)));
        assert_eq!(kind("bigint(20) unsigned", Some(20), Some(0)), (Some(BigInt), Limit::Range(0, i64::MAX)));
        assert_eq!(
            kind("decimal(65,30)", Some(65), Some(30)),
            (Some(Decimal), Limit::Digits { precision: 65, scale: 30 })
        );
        for refused in ["time(3)", "date", "geometry", "set('a')", "bit(8)", "uuid", "inet6"] {
            assert_eq!(kind(refused, Some(8), None).0, None, "{refused}");
        }
    }

    #[test]
    fn labels_of_an_enum_are_read() {
        assert_eq!(labels("enum('USER','super-admin')"), ["USER", "super-admin"]);
        assert_eq!(labels("enum('it''s','a,b','\\\\','')"), ["it's", "a,b", "\\", ""]);
        assert!(labels("enum").is_empty());
    }
}
