//! Values as Postgres sends them.

use super::SqlValue;

/// From 1970 to 2000, where the times of Postgres begin.
const EPOCH_MILLIS: i64 = 946_684_800_000;
const DAY_MILLIS: i64 = 86_400_000;

/// Types whose binary form is read here, by the names that casts have for them. All others are selected as text.
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

/// Reads a value in the binary form of its type. What cannot be read is bytes, which only an attribute of bytes takes.
///
/// Times are milliseconds since 1970, whatever time zone and style the connection has.
#[must_use]
pub fn read(oid: u32, bytes: &[u8]) -> SqlValue {
    known(oid, bytes).unwrap_or_else(|| match std::str::from_utf8(bytes) {
        Ok(text) if !is_binary(oid) => SqlValue::from(text),
        _ => SqlValue::Blob(bytes.to_vec()),
    })
}

/// Returns whether a type is read in its binary format.
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
        // The shortest digits, as every client of Prisma reads it: 0.1 is 0.1.
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
        // A version before the text.
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
    fn values_are_read_in_their_binary_form() {
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
