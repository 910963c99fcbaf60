use crate::{catalogs::FoundColumn, config::AttributeType, tables::Limit};

/// The length of a [`LongText`](Content::LongText).
const LONG_TEXT: usize = 1 << 16;

/// The content of one of Lucia's own fields.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// The id of a user, which the application may generate: any text, or a UUID.
    UserId,
    /// Text with at least room for this number of characters.
    Text { chars: usize },
    /// Text of 64 KiB.
    LongText,
    /// Milliseconds as a signed or unsigned 64-bit integer.
    Millis,
}

impl Content {
    /// Returns the content of a field, without the required length.
    pub(super) fn of(field: &str) -> Self {
        match field {
            "active_expires" | "idle_expires" | "expires" => Self::Millis,
            _ => Self::Text { chars: 0 },
        }
    }

    pub(super) const fn kind(self) -> AttributeType {
        match self {
            Self::UserId | Self::Text { .. } | Self::LongText => AttributeType::String,
            Self::Millis => AttributeType::BigInt,
        }
    }

    pub(super) fn fits(self, column: &FoundColumn) -> bool {
        let FoundColumn { kind, list, limit, .. } = column;
        match self {
            Self::Millis if column.stores_any => true,
            Self::Millis => {
                let is_narrow = matches!(limit, Limit::Range(_, most) if *most < i64::MAX);
                matches!(kind, Some(AttributeType::Int | AttributeType::BigInt)) && !list && !is_narrow
            }
            _ if *kind != Some(AttributeType::String) || *list => false,
            Self::UserId => matches!(limit, Limit::None | Limit::Text { .. } | Limit::Encoded { .. } | Limit::Uuid),
            Self::Text { chars } => has_room(limit, chars),
            Self::LongText => has_room(limit, LONG_TEXT),
        }
    }
}

/// Returns `true` if a column stores any text of this length.
fn has_room(limit: &Limit, chars: usize) -> bool {
    matches!(limit, Limit::None | Limit::Text { .. } | Limit::Encoded { .. })
        && limit.max_chars().is_none_or(|most| most >= chars)
}
