use crate::{catalog::FoundColumn, config::AttributeType, tables::Limit};

/// What one of Lucia's own fields holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// The id of a user, which the application may make: any text, or a UUID.
    UserId,
    /// Text of so many characters.
    Text { chars: usize },
    /// Milliseconds, for which 64 bits are needed, with a sign or without.
    Millis,
}

impl Content {
    /// What a field holds, without the length that is needed.
    pub(super) fn of(field: &str) -> Self {
        match field {
            "active_expires" | "idle_expires" => Self::Millis,
            _ => Self::Text { chars: 0 },
        }
    }

    pub(super) const fn kind(self) -> AttributeType {
        match self {
            Self::UserId | Self::Text { .. } => AttributeType::String,
            Self::Millis => AttributeType::BigInt,
        }
    }

    pub(super) fn fits(self, column: &FoundColumn) -> bool {
        let FoundColumn { kind, list, limit, .. } = column;
        match self {
            Self::Millis if column.keeps_any => true,
            Self::Millis => {
                let is_narrow = matches!(limit, Limit::Range(_, most) if *most < i64::MAX);
                matches!(kind, Some(AttributeType::Int | AttributeType::BigInt)) && !list && !is_narrow
            }
            _ if *kind != Some(AttributeType::String) || *list => false,
            Self::UserId => matches!(limit, Limit::None | Limit::Text { .. } | Limit::Encoded { .. } | Limit::Uuid),
            Self::Text { chars } => {
                matches!(limit, Limit::None | Limit::Text { .. } | Limit::Encoded { .. })
                    && limit.max_chars().is_none_or(|most| most >= chars)
            }
        }
    }
}
