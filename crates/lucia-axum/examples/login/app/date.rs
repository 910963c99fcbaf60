use lucia_auth::UnixMillis;
use time::{OffsetDateTime, macros::format_description};

/// Returns a date for people: `30 Nov 2026, 09:05 UTC`.
pub(super) fn date(time: UnixMillis) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    let date = OffsetDateTime::from_unix_timestamp(time.get() / 1000).ok();
    date.and_then(|date| date.format(&format).ok()).unwrap_or_else(|| "never".to_owned())
}
