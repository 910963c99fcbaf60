use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};

/// Proves that a device signed in to an account: a code over the device and the account.
pub(crate) type Mark = [u8; 16];

/// How many accounts a cookie remembers.
const MAX_MARKS: usize = 4;

/// The length of 16 bytes in base64url.
const PART_LEN: usize = 22;

const MAX_LEN: usize = PART_LEN + MAX_MARKS * (1 + PART_LEN);

/// The value of the cookie `auth_device`: the id of a device, and its marks, the newest first. It is well-formed, which
/// says nothing about whether the marks are genuine.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DeviceCookie {
    id: [u8; 16],
    marks: Vec<Mark>,
}

impl DeviceCookie {
    pub(crate) const fn new(id: [u8; 16]) -> Self {
        Self { id, marks: Vec::new() }
    }

    /// Parses the id and one to four marks, separated by dots.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_LEN {
            return None;
        }
        let (id, marks) = value.split_once('.')?;
        let marks = marks.split('.').map(decode).collect::<Option<_>>()?;
        Some(Self { id: decode(id)?, marks })
    }

    pub(crate) fn to_value(&self) -> String {
        let parts: Vec<_> = std::iter::once(&self.id).chain(&self.marks).map(|part| BASE64URL.encode(part)).collect();
        parts.join(".")
    }

    pub(crate) const fn id(&self) -> &[u8; 16] {
        &self.id
    }

    pub(crate) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds a mark, and drops the oldest if there are too many.
    pub(crate) fn with_mark(mut self, mark: Mark) -> Self {
        self.marks.retain(|other| *other != mark);
        self.marks.insert(0, mark);
        self.marks.truncate(MAX_MARKS);
        self
    }
}

fn decode(part: &str) -> Option<[u8; 16]> {
    BASE64URL.decode(part).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_cookie(marks: u8) -> DeviceCookie {
        (0..marks).fold(DeviceCookie::new([7; 16]), |cookie, mark| cookie.with_mark([mark; 16]))
    }

    #[test]
    fn a_cookie_remembers_the_four_newest_accounts() {
        let value = a_cookie(9).to_value();
        assert_eq!(value.len(), MAX_LEN);
        let parsed = DeviceCookie::parse(&value).unwrap();
        assert!(parsed == a_cookie(9));
        assert_eq!(parsed.marks(), [[8; 16], [7; 16], [6; 16], [5; 16]]);
        let again = parsed.with_mark([6; 16]);
        assert_eq!(again.marks(), [[6; 16], [8; 16], [7; 16], [5; 16]]);
    }

    #[test]
    fn a_malformed_cookie_is_none() {
        let value = a_cookie(4).to_value();
        let [id, mark, ..] = value.split('.').collect::<Vec<_>>()[..] else { panic!("{value}") };
        for malformed in [
            "",
            ".",
            id,
            &format!("{id}."),
            &format!(".{mark}"),
            &format!("{id}.{mark}."),
            &format!("{id}.{mark}.AA"),
            &format!("{id}.{mark}="),
            &format!("{id}.{}", &mark[1..]),
            &format!("{id}.{}+", &mark[1..]),
            // The unused bits of the last character are set.
            &format!("{id}.{}B", &mark[..21]),
            &format!("{value}.{mark}"),
            &"A".repeat(100_000),
        ] {
            assert!(DeviceCookie::parse(malformed).is_none(), "{malformed:.99}");
        }
    }

    proptest! {
        #[test]
        fn a_value_has_one_form(value in "([A-Za-z0-9_-]{22}\\.?){1,6}|[ -~]{0,120}") {
            if let Some(cookie) = DeviceCookie::parse(&value) {
                prop_assert_eq!(cookie.to_value(), value);
            }
        }
    }
}
