/// A failed conversion from or into [`Attributes`](super::Attributes).
///
/// It names fields and types, but never contains values, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributesError {
    /// The value is neither a struct nor a map with string keys.
    #[error("attributes must be a struct or a map with string keys")]
    NotAMap,
    /// The value cannot be represented in JSON.
    #[error("attribute `{name}` cannot be written as JSON")]
    #[non_exhaustive]
    Unrepresentable {
        /// The path of the field. `.` for the whole value.
        name: String,
    },
    /// The stored attributes do not fit the requested type.
    #[error("{} not fit the type: {reason}", subject(name))]
    // Exhaustive, so that an application that converts rows itself can return it.
    Mismatch {
        /// The path of the field. `.` for the attributes as a whole.
        name: String,
        /// The serde message, without values.
        reason: String,
    },
    /// The value is nested too deeply to be read again.
    #[error("attribute `{name}` is nested deeper than {limit} levels; flatten it, or store it as text")]
    #[non_exhaustive]
    TooDeep {
        /// The name of the attribute.
        name: String,
        /// The largest allowed depth of nested arrays and objects.
        limit: usize,
    },
    /// The row has a field with this name.
    #[error("`{name}` belongs to the schema and cannot be an attribute")]
    // Exhaustive, so that other crates can reserve names too.
    Reserved {
        /// The reserved name.
        name: String,
    },
}

/// The subject of the message: an attribute, or all of them.
fn subject(path: &str) -> String {
    if path == "." { "the attributes do".to_owned() } else { format!("attribute `{path}` does") }
}

impl AttributesError {
    pub(super) fn unrepresentable(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        Self::Unrepresentable { name: error.path().to_string() }
    }

    pub(super) fn mismatch(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        // The path of a missing field is that of the struct.
        match message.strip_prefix("missing field `").and_then(|message| message.strip_suffix('`')) {
            Some(field) => {
                let name = if path == "." { field.to_owned() } else { format!("{path}.{field}") };
                Self::Mismatch { name, reason: "missing field".to_owned() }
            }
            None => Self::Mismatch { name: path, reason: public_reason(&message) },
        }
    }
}

/// Removes the value from a serde message and keeps the expected type.
fn public_reason(message: &str) -> String {
    if message.starts_with("unknown field `") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value is refused".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::public_reason;

    #[test]
    fn values_are_dropped_from_messages() {
        assert_eq!(public_reason(r#"invalid type: string "hunter2", expected u32"#), "expected u32");
        assert_eq!(public_reason("unknown field `age`, expected `name`"), "unknown field `age`, expected `name`");
        assert_eq!(public_reason("my own text about hunter2"), "the value is refused");
        assert_eq!(public_reason("unknown variant `hunter2`, expected `a` or `b`"), "expected `a` or `b`");
    }
}
