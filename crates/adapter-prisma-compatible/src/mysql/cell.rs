//! Values of rows in the binary protocol, which sqlx uses for all statements of `sqlx::query`.

use std::error::Error as StdError;

use lucia_sql::driver::SqlValue;
use sqlx::{Decode, MySql, Type, TypeInfo as _, ValueRef as _, mysql::MySqlValueRef};

/// Reads a value by the type that the server reports.
///
/// A zero date is read as text. sqlx would read it as null.
pub(super) fn cell(value: MySqlValueRef<'_>) -> Result<SqlValue, Box<dyn StdError + Send + Sync>> {
    let Ok(bytes) = <&[u8] as Decode<'_, MySql>>::decode(value.clone()) else {
        return Ok(SqlValue::Null);
    };
    let declared = value.type_info();
    Ok(match declared.name() {
        // A boolean of Prisma is TINYINT(1), and only 1 is true.
        "BOOLEAN" => SqlValue::Integer((bytes == [1]).into()),
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => SqlValue::Integer(Decode::<MySql>::decode(value)?),
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED"
        | "YEAR" | "BIT" => {
            let number: u64 = Decode::<MySql>::decode(value)?;
            i64::try_from(number).map_or_else(|_| SqlValue::Text(number.to_string()), SqlValue::Integer)
        }
        "FLOAT" => SqlValue::Real(widened(Decode::<MySql>::decode(value)?)?),
        "DOUBLE" => SqlValue::Real(Decode::<MySql>::decode(value)?),
        "DATE" | "DATETIME" | "TIMESTAMP" => SqlValue::Text(date_time(bytes).ok_or("time of unknown format")?),
        "TIME" => SqlValue::Text(time_of_day(bytes).ok_or("time of unknown format")?),
        "DECIMAL" | "JSON" | "SET" => text(bytes),
        // The name of the type is BLOB for text with a binary collation, for example JSON on MariaDB.
        _ if <str as Type<MySql>>::compatible(&declared) => text(bytes),
        _ => SqlValue::Blob(bytes.to_vec()),
    })
}

fn text(bytes: &[u8]) -> SqlValue {
    match str::from_utf8(bytes) {
        Ok(text) => SqlValue::Text(text.to_owned()),
        Err(_) => SqlValue::Blob(bytes.to_vec()),
    }
}

/// Widens a single-precision number by its shortest digits, so that 0.1 stays 0.1 instead of 0.10000000149.
fn widened(single: f32) -> Result<f64, std::num::ParseFloatError> {
    single.to_string().parse()
}

/// Reads a time: the length of the rest, the year in two bytes, month and day, and optionally the time and the
/// microseconds in four bytes.
fn date_time(bytes: &[u8]) -> Option<String> {
    let (&length, parts) = bytes.split_first()?;
    if parts.len() != usize::from(length) || !matches!(length, 0 | 4 | 7 | 11) {
        return None;
    }
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let year = u16::from_le_bytes([part(0), part(1)]);
    let micros = u32::from_le_bytes([part(7), part(8), part(9), part(10)]);
    let [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map(part);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}"))
}

/// Reads a time of day: the length of the rest, a sign, days in four bytes, hours, minutes and seconds, and optionally
/// microseconds in four bytes. In Prisma, a time of day is on 1970-01-01. Longer or negative
/// durations do not have this form.
fn time_of_day(bytes: &[u8]) -> Option<String> {
    let (&length, parts) = bytes.split_first()?;
    if parts.len() != usize::from(length) || !matches!(length, 0 | 8 | 12) {
        return None;
    }
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let four = |index: usize| u32::from_le_bytes([0, 1, 2, 3].map(|offset| part(index + offset)));
    let (is_negative, days, micros) = (part(0) != 0, four(1), four(8));
    let [hour, minute, second] = [5, 6, 7].map(part);
    let day = if is_negative || days > 0 { "not a time of day:" } else { "1970-01-01" };
    Some(format!("{day} {hour:02}:{minute:02}:{second:02}.{micros:06}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_from_their_bytes() {
        let read = |bytes: &[u8]| date_time(bytes);
        assert_eq!(read(&[0]).as_deref(), Some("0000-00-00 00:00:00.000000"));
        assert_eq!(read(&[4, 0xE7, 7, 7, 6]).as_deref(), Some("2023-07-06 00:00:00.000000"));
        assert_eq!(read(&[7, 0xE7, 7, 7, 6, 5, 4, 3]).as_deref(), Some("2023-07-06 05:04:03.000000"));
        let micros = [11, 0xE7, 7, 7, 6, 5, 4, 3, 8, 82, 0, 0];
        assert_eq!(read(&micros).as_deref(), Some("2023-07-06 05:04:03.021000"));
        for bytes in [&[][..], &[4], &[4, 0xE7, 7, 7], &[1, 1], &[7, 0xE7, 7, 7, 6, 5, 4, 3, 2]] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn times_of_day_are_read_from_their_bytes() {
        assert_eq!(time_of_day(&[0]).as_deref(), Some("1970-01-01 00:00:00.000000"));
        assert_eq!(time_of_day(&[8, 0, 0, 0, 0, 0, 5, 4, 3]).as_deref(), Some("1970-01-01 05:04:03.000000"));
        let micros = [12, 0, 0, 0, 0, 0, 5, 4, 3, 8, 82, 0, 0];
        assert_eq!(time_of_day(&micros).as_deref(), Some("1970-01-01 05:04:03.021000"));
        for longer in [[8, 1, 0, 0, 0, 0, 5, 4, 3], [8, 0, 1, 0, 0, 0, 5, 4, 3]] {
            assert!(time_of_day(&longer).unwrap().starts_with("not"));
        }
        assert_eq!(time_of_day(&[7, 0, 0, 0, 0, 0, 5, 4]), None);
    }

    #[test]
    fn a_single_keeps_its_digits() {
        assert!(widened(0.1).unwrap().total_cmp(&0.1).is_eq());
        assert!(widened(-3.5e10).unwrap().total_cmp(&-3.5e10).is_eq());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            let _ = (date_time(&bytes), time_of_day(&bytes));
        }
    }
}
