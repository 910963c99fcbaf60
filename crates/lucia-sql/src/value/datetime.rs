use jiff::{
    SignedDuration,
    civil::{Date, DateTime, datetime},
    fmt::temporal::{DateTimePrinter, Pieces},
};

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// Times are computed as civil time, because jiff's timestamps end a day before the year 9999 does, and applications
/// use the end of that year for "never".
const EPOCH: DateTime = datetime(1970, 1, 1, 0, 0, 0, 0);

/// Formats a time as `2023-07-06T05:04:03.021Z`, like JavaScript. Returns `None` outside of the years −9999 to 9999.
pub(super) fn to_iso(millis: i64) -> Option<String> {
    let mut text = PRINTER.datetime_to_string(&EPOCH.checked_add(SignedDuration::from_millis(millis)).ok()?);
    text.push('Z');
    Some(text)
}

/// Formats a time as `2023-07-06T05:04:03.021+00:00`, like Prisma.
pub(super) fn to_stored(millis: i64) -> Option<String> {
    let mut text = to_iso(millis)?;
    text.pop();
    text.push_str("+00:00");
    Some(text)
}

/// Formats a time as `2023-07-06 05:04:03.021`, in UTC.
pub(super) fn to_plain(millis: i64) -> Option<String> {
    let mut text = to_iso(millis)?;
    text.pop();
    Some(text.replace('T', " "))
}

/// Parses a time with an offset. Fractions of a millisecond are truncated.
pub(super) fn from_rfc3339(text: &str) -> Option<i64> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset()?;
    Some(millis(pieces.date().to_datetime(pieces.time()?)) - i64::from(offset.seconds()) * 1_000)
}

/// Parses every form that Prisma reads: with or without an offset, with `T` or a space, with or without a fraction, or
/// only a date. Without an offset the time is UTC. A space before the offset is accepted, because Prisma's column
/// defaults contain one.
pub(super) fn from_stored(text: &str) -> Option<i64> {
    if let Some(millis) = from_rfc3339(text) {
        return Some(millis);
    }
    if text.len() == 10 {
        return Some(millis(text.parse::<Date>().ok()?.into()));
    }
    if let Some(text) = text.strip_suffix(" UTC") {
        return Some(millis(text.parse().ok()?));
    }
    match text.rsplit_once(' ') {
        Some((time, offset)) if offset.starts_with(['+', '-']) => from_rfc3339(&format!("{time}{offset}")),
        _ => Some(millis(text.parse().ok()?)),
    }
}

fn millis(time: DateTime) -> i64 {
    let millis = time.duration_since(EPOCH).as_nanos().div_euclid(1_000_000);
    i64::try_from(millis).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everything_prisma_reads_is_read() {
        let expected = Some(1_688_619_843_021);
        for text in [
            "2023-07-06T05:04:03.021+00:00",
            "2023-07-06T05:04:03.021Z",
            "2023-07-06 05:04:03.021",
            "2023-07-06T05:04:03.021",
            "2023-07-06T07:04:03.021+02:00",
            "2023-07-06T05:04:03.021999999Z",
            "2023-07-06 05:04:03.021 +00:00",
            "2023-07-06 05:04:03.021 UTC",
        ] {
            assert_eq!(from_stored(text), expected, "{text}");
        }
        assert_eq!(from_stored("2023-07-06 05:04:03"), Some(1_688_619_843_000));
        assert_eq!(from_stored("2023-07-06"), Some(1_688_601_600_000));
        assert_eq!(from_stored("1969-12-31T23:59:59.9999Z"), Some(-1));
        for text in
            ["", "garbage", "Thu, 06 Jul 2023 05:04:03 GMT", "2023-13-01", "2023-07-06T25:00:00Z", "1688619843021"]
        {
            assert_eq!(from_stored(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_written_as_prisma_writes_them() {
        assert_eq!(to_stored(1_688_619_843_021).as_deref(), Some("2023-07-06T05:04:03.021+00:00"));
        assert_eq!(to_stored(-1).as_deref(), Some("1969-12-31T23:59:59.999+00:00"));
        assert_eq!(to_iso(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(to_iso(253_402_300_799_999).as_deref(), Some("9999-12-31T23:59:59.999Z"));
        assert_eq!(to_iso(253_402_300_800_000), None);
        assert_eq!(to_iso(i64::MAX), None);
        assert_eq!(from_rfc3339("2023-07-06 05:04:03"), None, "no offset");
    }

    proptest! {
        #[test]
        fn times_survive(millis in -62_135_596_800_000_i64..=253_402_300_799_999) {
            prop_assert_eq!(from_stored(&to_stored(millis).unwrap()), Some(millis));
            prop_assert_eq!(from_rfc3339(&to_iso(millis).unwrap()), Some(millis));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = from_stored(&text);
        }
    }
}
