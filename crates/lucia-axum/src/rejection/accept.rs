/// Returns `true` if an `Accept` header prefers JSON to text (RFC 9110, section 12.5.1). With equal qualities the first
/// one is preferred; `*/*` expresses no preference.
pub(super) fn prefers_json(accept: &str) -> bool {
    let mut best = (0, false);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let is_json = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/json" | "application/problem+json" | "application/*" => true,
            "text/plain" | "text/html" | "text/*" => false,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let quality = quality.map_or(1_000, thousandths);
        if quality > best.0 {
            best = (quality, is_json);
        }
    }
    best.1
}

/// Parses a quality between 0 and 1 with at most three decimals. A malformed one is 0.
fn thousandths(quality: &str) -> u16 {
    let (whole, decimals) = quality.split_once('.').unwrap_or((quality, ""));
    let is_decimal = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, format!("{decimals:0<3}").parse()) {
        ("0", Ok(thousandths)) if is_decimal => thousandths,
        ("1", Ok(0)) if is_decimal => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_preferred_where_it_is_asked_for() {
        for (accept, expected) in [
            ("application/json", true),
            ("application/problem+json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json, text/plain, */*", true),
            ("text/plain, application/json", false),
            ("application/json, */*", true),
            ("application/json, text/plain;q=0.5", true),
            ("application/json;q=0.5, text/html", false),
            ("application/json;Q=0.5, text/html", false),
            ("text/*, application/json", false),
            ("application/json;q=0.9, text/html;q=0.89", true),
            ("application/json;q=0", false),
            ("application/json;q=2", false),
            ("application/*", true),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("*/*", false),
            ("", false),
            ("image/png", false),
            (";q=1,,q=", false),
        ] {
            assert_eq!(prefers_json(accept), expected, "{accept}");
        }
    }

    #[test]
    fn qualities_have_three_decimals() {
        for (quality, expected) in [
            ("1", 1000),
            ("1.000", 1000),
            ("0", 0),
            ("0.5", 500),
            ("0.001", 1),
            ("0.1234", 0),
            ("1.1", 0),
            (".5", 0),
            ("x", 0),
            ("0.-5", 0),
        ] {
            assert_eq!(thousandths(quality), expected, "{quality}");
        }
    }
}
