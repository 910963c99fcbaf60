use crate::{
    config::AttributeType,
    tables::{Limit, Repertoire},
};

/// The type of a column according to `information_schema`.
#[derive(Debug)]
pub(super) struct Declared<'a> {
    /// `varchar`
    pub(super) name: &'a str,
    /// `varchar(191)`
    pub(super) full: &'a str,
    /// The characters of text, or the digits of a number.
    pub(super) length: Option<i64>,
    pub(super) scale: Option<i64>,
    /// The digits of fractional seconds.
    pub(super) fraction: Option<i64>,
    /// The characters of text, or `None` if its character set is not supported.
    pub(super) repertoire: Option<Repertoire>,
    /// `true` for JSON on MariaDB, which is text with a check.
    pub(super) is_json: bool,
}

impl Declared<'_> {
    /// Returns the type of the values and their limit. The type is `None` if attributes do not support it.
    pub(super) fn kind(&self) -> (Option<AttributeType>, Limit) {
        use AttributeType::{BigInt, Boolean, Bytes, DateTime, Decimal, Float, Int, Json, String};
        let length = || self.length.and_then(|length| usize::try_from(length).ok());
        let (kind, limit) = match self.name {
            "json" => (Json, Limit::None),
            _ if self.is_json => (Json, Limit::None),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => match self.repertoire {
                None => return (None, Limit::None),
                Some(Repertoire::Unicode) if self.name != "char" => {
                    (String, Limit::Text { max_chars: length(), nul: true })
                }
                // CHAR has a fixed width, and is read without trailing spaces.
                Some(repertoire) => {
                    let max_chars = length().unwrap_or(usize::MAX);
                    (String, Limit::Encoded { max_chars, repertoire, trims: self.name == "char" })
                }
            },
            "enum" => (String, Limit::Labels(labels(self.full))),
            // Only the width distinguishes a boolean of Prisma from a number.
            "tinyint" if self.full.starts_with("tinyint(1)") => (Boolean, Limit::None),
            "bit" if self.length == Some(1) => (Boolean, Limit::None),
            "tinyint" => (Int, self.range(8)),
            "smallint" => (Int, self.range(16)),
            "mediumint" => (Int, self.range(24)),
            "int" => (Int, self.range(32)),
            // Other numbers are interpreted as years with two digits.
            "year" => (Int, Limit::Range(1901, 2155)),
            "bigint" if self.full.contains("unsigned") => (BigInt, Limit::Range(0, i64::MAX)),
            "bigint" => (BigInt, Limit::None),
            "float" => (Float, Limit::Single),
            "double" => (Float, Limit::None),
            "decimal" => (Decimal, self.digits()),
            "datetime" | "timestamp" => (DateTime, Limit::Times { step: self.step(), of_day: false }),
            "date" => (DateTime, Limit::Times { step: 86_400_000, of_day: false }),
            "time" => (DateTime, Limit::Times { step: self.step(), of_day: true }),
            // Shorter values would be padded with zeros.
            "binary" => {
                let length = length().unwrap_or(1);
                (Bytes, Limit::Bytes { min: length, max: length })
            }
            "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
                (Bytes, length().map_or(Limit::None, |max| Limit::Bytes { min: 0, max }))
            }
            _ => return (None, Limit::None),
        };
        (Some(kind), limit)
    }

    fn range(&self, bits: u32) -> Limit {
        let highest = i64::MAX >> (64 - bits);
        if self.full.contains("unsigned") {
            Limit::Range(0, highest * 2 + 1)
        } else {
            Limit::Range(-highest - 1, highest)
        }
    }

    /// Returns the precision of a time in milliseconds.
    fn step(&self) -> i64 {
        let places = self.fraction.and_then(|places| u32::try_from(places).ok()).unwrap_or_default();
        10_i64.pow(3_u32.saturating_sub(places))
    }

    fn digits(&self) -> Limit {
        let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        match (number(self.length), number(self.scale)) {
            (Some(precision), Some(scale)) => Limit::Digits { precision, scale },
            _ => Limit::None,
        }
    }
}

/// Returns the characters of a character set. Unusual character sets are not supported, because ids are compared by
/// their bytes in UTF-8.
pub(super) fn repertoire(charset: &str) -> Option<Repertoire> {
    match charset {
        "" | "utf8mb4" | "utf16" | "utf16le" | "utf32" => Some(Repertoire::Unicode),
        "utf8" | "utf8mb3" | "ucs2" => Some(Repertoire::BasicPlane),
        "latin1" => Some(Repertoire::Windows1252),
        "ascii" => Some(Repertoire::Ascii),
        _ => None,
    }
}

/// Parses the labels of `enum('USER','it''s')`.
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
    use proptest::prelude::*;

    use super::*;

    fn kind(full: &str, length: Option<i64>, scale: Option<i64>) -> (Option<AttributeType>, Limit) {
        let name = full.split(['(', ' ']).next().unwrap();
        Declared { name, full, length, scale, fraction: scale, repertoire: Some(Repertoire::Unicode), is_json: false }
            .kind()
    }

    #[test]
    fn types_have_the_limits_of_their_columns() {
        use AttributeType::{BigInt, Boolean, Bytes, DateTime, Decimal, Int, String};
        assert_eq!(
            kind("varchar(191)", Some(191), None),
            (Some(String), Limit::Text { max_chars: Some(191), nul: true })
        );
        assert_eq!(kind("int(11)", Some(10), Some(0)), (Some(Int), Limit::Range(-2_147_483_648, 2_147_483_647)));
        assert_eq!(kind("int unsigned", Some(10), Some(0)), (Some(Int), Limit::Range(0, 4_294_967_295)));
        assert_eq!(kind("tinyint(4)", Some(3), Some(0)), (Some(Int), Limit::Range(-128, 127)));
        assert_eq!(kind("tinyint(1)", Some(3), Some(0)), (Some(Boolean), Limit::None));
        assert_eq!(kind("bigint(20)", Some(19), Some(0)), (Some(BigInt), Limit::None));
        assert_eq!(kind("bigint(20) unsigned", Some(20), Some(0)), (Some(BigInt), Limit::Range(0, i64::MAX)));
        assert_eq!(
            kind("decimal(65,30)", Some(65), Some(30)),
            (Some(Decimal), Limit::Digits { precision: 65, scale: 30 })
        );
        assert_eq!(
            kind("char(5)", Some(5), None),
            (Some(String), Limit::Encoded { max_chars: 5, repertoire: Repertoire::Unicode, trims: true })
        );
        assert_eq!(kind("binary(4)", Some(4), None), (Some(Bytes), Limit::Bytes { min: 4, max: 4 }));
        assert_eq!(kind("blob", Some(65_535), None), (Some(Bytes), Limit::Bytes { min: 0, max: 65_535 }));
        let times = |step, of_day| (Some(DateTime), Limit::Times { step, of_day });
        assert_eq!(kind("datetime", None, Some(0)), times(1_000, false));
        assert_eq!(kind("datetime(3)", None, Some(3)), times(1, false));
        assert_eq!(kind("timestamp(6)", None, Some(6)), times(1, false));
        assert_eq!(kind("date", None, None), times(86_400_000, false));
        assert_eq!(kind("time(1)", None, Some(1)), times(100, true));
        for unsupported in ["geometry", "set('a')", "bit(8)", "uuid", "inet6"] {
            assert_eq!(kind(unsupported, Some(8), None).0, None, "{unsupported}");
        }
    }

    #[test]
    fn labels_of_an_enum_are_read() {
        assert_eq!(labels("enum('USER','super-admin')"), ["USER", "super-admin"]);
        assert_eq!(labels("enum('it''s','a,b','\\\\','')"), ["it's", "a,b", "\\", ""]);
        assert!(labels("enum").is_empty());
    }

    proptest! {
        #[test]
        fn labels_survive(expected in proptest::collection::vec(".{0,8}|['\\\\,a]{0,6}", 0..4)) {
            let quoted: Vec<_> =
                expected.iter().map(|label| format!("'{}'", label.replace('\\', "\\\\").replace('\'', "''"))).collect();
            prop_assert_eq!(labels(&format!("enum({})", quoted.join(","))), expected);
        }

        #[test]
        fn no_declaration_panics(declared in "(enum\\()?['\\\\,a)é]{0,12}") {
            let _ = labels(&declared);
        }
    }
}
