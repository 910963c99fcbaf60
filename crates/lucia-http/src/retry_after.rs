use std::time::Duration;

use lucia_core::{Clock, UnixMillis};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). A date is relative to the service's clock, which
/// may differ from this one.
pub(crate) fn retry_after(headers: &HeaderMap, clock: &dyn Clock) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text: &str| httpdate::parse_http_date(text).ok().map(UnixMillis::from);
    let value = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = text(DATE).and_then(date).unwrap_or_else(|| clock.now());
    Some(date(value)?.saturating_duration_since(now))
}

#[cfg(test)]
mod tests {
    use lucia_core::ManualClock;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(value: &str) -> Option<Duration> {
        let clock = ManualClock::new(UnixMillis::new(784_111_777_000));
        let value = HeaderValue::from_str(value).ok()?;
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), &clock)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read(" 0 "), Some(Duration::ZERO));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO), "a date in the past");
        assert_eq!(read("18446744073709551615"), Some(Duration::from_secs(u64::MAX)));
        for nonsense in ["", "soon", "-1", "1.5", "18446744073709551616"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), &ManualClock::new(UnixMillis::EPOCH)), None);
    }

    #[test]
    fn a_date_is_relative_to_the_services_clock() {
        let a_quarter_behind = ManualClock::new(UnixMillis::new(784_111_777_000 - 15 * 60_000));
        let headers = HeaderMap::from_iter([
            (DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT")),
            (RETRY_AFTER, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:39 GMT")),
        ]);
        assert_eq!(retry_after(&headers, &a_quarter_behind), Some(Duration::from_secs(2)));
    }

    proptest! {
        #[test]
        fn no_value_panics(value in "\\PC*") {
            let _ = read(&value);
        }
    }
}
