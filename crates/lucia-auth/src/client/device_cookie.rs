use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};

/// Proves that a device signed in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The day of the sign-in, counted from 1970.
    pub(crate) day: u32,
    /// Over the device, the account and the day.
    pub(crate) code: [u8; 16],
}

/// How many accounts a cookie remembers.
const MAX_MARKS: usize = 4;

/// The length of 16 bytes in base64url.
const ID_LEN: usize = 22;

/// The length of 20 bytes in base64url.
const MARK_LEN: usize = 27;

const MAX_LEN: usize = ID_LEN + MAX_MARKS * (1 + MARK_LEN);

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
        let marks = marks.split('.').map(Mark::parse).collect::<Option<_>>()?;
        Some(Self { id: decode(id)?, marks })
    }

    pub(crate) fn to_value(&self) -> String {
        let marks = self.marks.iter().map(|mark| mark.to_value());
        std::iter::once(BASE64URL.encode(self.id)).chain(marks).collect::<Vec<_>>().join(".")
    }

    pub(crate) const fn id(&self) -> &[u8; 16] {
        &self.id
    }

    pub(crate) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds a mark instead of those that it replaces, and drops the oldest if there are too many.
    pub(crate) fn with_mark(mut self, mark: Mark, is_replaced: impl Fn(&Mark) -> bool) -> Self {
        self.marks.retain(|other| !is_replaced(other));
        self.marks.insert(0, mark);
        self.marks.truncate(MAX_MARKS);
        self
    }
}

impl Mark {
    fn parse(part: &str) -> Option<Self> {
        let bytes: [u8; 20] = decode(part)?;
        let (day, code) = bytes.split_first_chunk()?;
        Some(Self { day: u32::from_be_bytes(*day), code: code.try_into().ok()? })
    }

    fn to_value(self) -> String {
        BASE64URL.encode([&self.day.to_be_bytes()[..], &self.code].concat())
    }
}

fn decode<const LEN: usize>(part: &str) -> Option<[u8; LEN]> {
    BASE64URL.decode(part).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(code: u8) -> Mark {
        Mark { day: 19_675, code: [code; 16] }
    }

    fn a_cookie(marks: u8) -> DeviceCookie {
        (0..marks).fold(DeviceCookie::new([7; 16]), |cookie, code| cookie.with_mark(mark(code), |_| false))
    }

    #[test]
    fn a_cookie_remembers_the_four_newest_accounts() {
        let value = a_cookie(9).to_value();
        assert_eq!(value.len(), MAX_LEN);
        let parsed = DeviceCookie::parse(&value).unwrap();
        assert!(parsed == a_cookie(9));
        assert_eq!(parsed.marks(), [8, 7, 6, 5].map(mark));
        let again = parsed.with_mark(Mark { day: 19_676, ..mark(6) }, |other| other.code == [6; 16]);
        assert_eq!(again.marks(), [Mark { day: 19_676, ..mark(6) }, mark(8), mark(7), mark(5)]);
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
            &format!("{id}.{}B", &mark[..26]),
            &format!("{value}.{mark}"),
            &"A".repeat(100_000),
        ] {
            assert!(DeviceCookie::parse(malformed).is_none(), "{malformed:.99}");
        }
    }

    proptest! {
        #[test]
        fn a_value_has_one_form(value in "[A-Za-z0-9_-]{22}(\\.[A-Za-z0-9_-]{27}){0,5}|[ -~]{0,140}") {
            if let Some(cookie) = DeviceCookie::parse(&value) {
                prop_assert_eq!(cookie.to_value(), value);
            }
        }
    }
}
