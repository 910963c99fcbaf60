//! The binary format of the values of Postgres.

use super::SqlValue;

/// The milliseconds from 1970 to 2000, the epoch of Postgres.
const EPOCH_MILLIS: i64 = 946_684_800_000;
const DAY_MILLIS: i64 = 86_400_000;

/// Returns `true` for types whose binary format [`read`] supports, by their names in casts. Other types are selected as
/// text.
pub(crate) fn is_read(sql_type: &str) -> bool {
    matches!(
        sql_type,
        "bool"
            | "oid"
            | "float4"
            | "float8"
            | "bpchar"
            | "bytea"
            | "json"
            | "jsonb"
            | "uuid"
            | "date"
            | "time"
            | "timestamp"
            | "timestamptz"
    )
}

/// Reads a value in the binary format of its type. A value of another type is read as text. A value that cannot be read
/// is returned as bytes, which only attributes of type [`Bytes`](crate::AttributeType::Bytes) accept.
///
/// Times are milliseconds since 1970, independent of the time zone and date style of the connection.
#[must_use]
pub fn read(oid: u32, bytes: &[u8]) -> SqlValue {
    known(oid, bytes).unwrap_or_else(|| match std::str::from_utf8(bytes) {
        Ok(text) if !is_binary(oid) => SqlValue::from(text),
        _ => SqlValue::Blob(bytes.to_vec()),
    })
}

/// Returns `true` for supported types whose format is not text.
const fn is_binary(oid: u32) -> bool {
    matches!(oid, 16 | 17 | 20 | 21 | 23 | 26 | 700 | 701 | 1082 | 1083 | 1114 | 1184 | 2950)
}

fn known(oid: u32, bytes: &[u8]) -> Option<SqlValue> {
    Some(match oid {
        16 => SqlValue::Boolean(bytes.first() == Some(&1)),
        17 => SqlValue::Blob(bytes.to_vec()),
        20 => SqlValue::Integer(i64::from_be_bytes(bytes.try_into().ok()?)),
        21 => SqlValue::Integer(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        23 => SqlValue::Integer(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        26 => SqlValue::Integer(u32::from_be_bytes(bytes.try_into().ok()?).into()),
        // Parses the shortest digits, as Prisma Client does, so that 0.1 stays 0.1.
        700 => SqlValue::Real(f32::from_be_bytes(bytes.try_into().ok()?).to_string().parse().ok()?),
        701 => SqlValue::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        1082 => match i32::from_be_bytes(bytes.try_into().ok()?) {
            i32::MAX | i32::MIN => SqlValue::from("infinity"),
            days => SqlValue::Integer(i64::from(days) * DAY_MILLIS + EPOCH_MILLIS),
        },
        1083 => SqlValue::Integer(i64::from_be_bytes(bytes.try_into().ok()?).div_euclid(1_000)),
        1114 | 1184 => match i64::from_be_bytes(bytes.try_into().ok()?) {
            i64::MAX | i64::MIN => SqlValue::from("infinity"),
            micros => SqlValue::Integer(micros.div_euclid(1_000) + EPOCH_MILLIS),
        },
        2950 => SqlValue::Text(uuid(bytes.try_into().ok()?)),
        // The text follows a version byte.
        3802 => SqlValue::Text(std::str::from_utf8(bytes.strip_prefix(&[1])?).ok()?.to_owned()),
        _ => return None,
    })
}

fn uuid(bytes: [u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_read_in_their_binary_format() {
        assert_eq!(read(16, &[1]), SqlValue::Boolean(true));
        assert_eq!(read(23, &(-2_i32).to_be_bytes()), SqlValue::Integer(-2));
        assert_eq!(read(700, &0.1_f32.to_be_bytes()), SqlValue::Real(0.1));
        assert_eq!(read(1114, &0_i64.to_be_bytes()), SqlValue::Integer(EPOCH_MILLIS));
        assert_eq!(read(1114, &(-1_i64).to_be_bytes()), SqlValue::Integer(EPOCH_MILLIS - 1));
        assert_eq!(read(1184, &i64::MAX.to_be_bytes()), SqlValue::from("infinity"));
        assert_eq!(read(1082, &(-10_957_i32).to_be_bytes()), SqlValue::Integer(0));
        assert_eq!(read(2950, &[0xAB; 16]), SqlValue::from("abababab-abab-abab-abab-abababababab"));
        assert_eq!(read(3802, b"\x01{}"), SqlValue::from("{}"));
        assert_eq!(read(25, "é".as_bytes()), SqlValue::from("é"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(oid in prop_oneof![0_u32..4000, Just(1114), Just(1184), Just(1082)], bytes: Vec<u8>) {
            let _ = read(oid, &bytes);
        }

        #[test]
        fn times_never_overflow(micros: i64, days: i32) {
            let _ = (read(1184, &micros.to_be_bytes()), read(1082, &days.to_be_bytes()));
        }
    }
}
