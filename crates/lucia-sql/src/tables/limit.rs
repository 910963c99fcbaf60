/// What a column holds less than its kind would allow. It is looked at before the database is, which might round, cut or
/// pad a value, or take it for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    /// Text of this many characters at most, if any number; `nul` says whether it may have a NUL in it.
    Text {
        max_chars: Option<usize>,
        nul: bool,
    },
    /// Text of this many characters at most, all of them in the repertoire. `trims` says whether it loses spaces at its end.
    Encoded {
        max_chars: usize,
        repertoire: Repertoire,
        trims: bool,
    },
    /// Bytes of at least and at most so many.
    Bytes {
        min: usize,
        max: usize,
    },
    /// These strings.
    Labels(Vec<String>),
    /// A UUID, of whose spellings only the one that is read again is taken.
    Uuid,
    /// Text of a form that only the server checks: an address, or XML.
    Form,
    /// Integers between these, which are included.
    Range(i64, i64),
    /// Floating point numbers of 32 bits.
    Single,
    /// Times that are multiples of so many milliseconds, or, of a day alone, less than one.
    Times {
        step: i64,
        of_day: bool,
    },
    /// Decimal numbers of this many digits, so many of them after the point.
    Digits {
        precision: u32,
        scale: u32,
    },
}

/// The characters that a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repertoire {
    Ascii,
    Windows1252,
    /// Those of Unicode that have no more than 16 bits.
    BasicPlane,
    Unicode,
}

impl Limit {
    /// How many characters a text may have, if that is limited.
    pub(crate) const fn max_chars(&self) -> Option<usize> {
        match self {
            Self::Text { max_chars, .. } => *max_chars,
            Self::Encoded { max_chars, .. } => Some(*max_chars),
            _ => None,
        }
    }
}
