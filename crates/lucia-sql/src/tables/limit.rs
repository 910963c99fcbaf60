/// The restriction of a column to some of the values of its type. It is checked before a statement is sent, because the
/// database might round, truncate or pad a value, or interpret it as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    /// Text with at most `max_chars` characters, if that is set. NUL characters are allowed if `nul` is `true`.
    Text {
        max_chars: Option<usize>,
        nul: bool,
    },
    /// Text with at most `max_chars` characters, all from the repertoire. If `trims` is `true`, the database removes
    /// trailing spaces.
    Encoded {
        max_chars: usize,
        repertoire: Repertoire,
        trims: bool,
    },
    /// Bytes with a length from `min` to `max`.
    Bytes {
        min: usize,
        max: usize,
    },
    /// One of these strings.
    Labels(Vec<String>),
    /// A UUID. Only the spelling in which the database returns it is accepted.
    Uuid,
    /// Text whose format only the server checks: an address or XML.
    Format,
    /// Integers from the first to the second, both included.
    Range(i64, i64),
    /// 32-bit floating point numbers.
    Single,
    /// Times that are multiples of `step` milliseconds. If `of_day` is `true`, only times on the day 1970-01-01.
    Times {
        step: i64,
        of_day: bool,
    },
    /// Decimal numbers with at most `precision` digits, `scale` of them after the point.
    Digits {
        precision: u32,
        scale: u32,
    },
}

/// The characters that a column can store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repertoire {
    Ascii,
    Windows1252,
    /// The characters of Unicode's Basic Multilingual Plane.
    BasicPlane,
    Unicode,
}

impl Limit {
    /// Returns the maximum number of characters, if it is limited.
    pub(crate) const fn max_chars(&self) -> Option<usize> {
        match self {
            Self::Text { max_chars, .. } => *max_chars,
            Self::Encoded { max_chars, .. } => Some(*max_chars),
            _ => None,
        }
    }
}
