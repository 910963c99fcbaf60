/// Which tables and columns hold users and keys. The default is the tables `User` and `Key` of the Prisma document, without
/// any attribute.
///
/// The columns of Lucia's own fields are `id`, `user_id` and `hashed_password`.
///
/// ```
/// use adapter_cloudflare_d1::{AttributeType, D1Config};
///
/// let config = D1Config::new()
///     .user_table("auth_user")
///     .key_table("auth_key")
///     .user_attribute("username", AttributeType::String)
///     .user_attribute("is_admin", AttributeType::Boolean);
/// ```
#[derive(Clone, Debug)]
pub struct D1Config {
    pub(crate) user_table: String,
    pub(crate) key_table: String,
    pub(crate) attributes: Vec<(String, AttributeType)>,
}

impl Default for D1Config {
    fn default() -> Self {
        Self { user_table: "User".to_owned(), key_table: "Key".to_owned(), attributes: Vec::new() }
    }
}

impl D1Config {
    /// The tables `User` and `Key`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of users.
    #[must_use]
    pub fn user_table(mut self, name: impl Into<String>) -> Self {
        self.user_table = name.into();
        self
    }

    /// The table of keys.
    #[must_use]
    pub fn key_table(mut self, name: impl Into<String>) -> Self {
        self.key_table = name.into();
        self
    }

    /// A user attribute: a column of the table of users. Columns that are not named here are left alone.
    #[must_use]
    pub fn user_attribute(mut self, name: impl Into<String>, kind: AttributeType) -> Self {
        self.attributes.push((name.into(), kind));
        self
    }
}

/// What an attribute holds, by the names of Prisma's types. Every one of them may be null if its column may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeType {
    /// A string. Prisma's `DateTime` and `enum` are strings on D1, too.
    String,
    /// An integer of 64 bits, exact over its whole range.
    BigInt,
    /// A finite floating point number.
    Float,
    /// `true` or `false`, stored as 1 or 0.
    Boolean,
    /// Any JSON value, stored as text.
    Json,
}

/// Why a [`D1Config`] makes no adapter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidD1Config {
    /// A name is empty, too long, or has characters that no schema has (bug S2).
    #[error(
        "invalid name of a table or column `{name}`: expected at most 63 bytes of letters, digits, `_`, `$` and `-`"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// An attribute is named twice, or like one of Lucia's own columns.
    #[error("attribute `{name}` has the name of another column: names have no case, and `id` is taken")]
    Taken {
        /// The name.
        name: String,
    },
    /// Users and keys are to be in one table.
    #[error("users and keys must be in two tables")]
    OneTable,
    /// There are more attributes than a statement of D1 has parameters for.
    #[error("a user can have at most {MAX_ATTRIBUTES} attributes, because a statement of D1 has 100 parameters")]
    TooManyAttributes,
}

/// The longest name.
const MAX_NAME: usize = 63;
/// D1 takes 100 parameters to a statement.
const MAX_ATTRIBUTES: usize = 99;

impl D1Config {
    pub(crate) fn validate(&self) -> Result<(), InvalidD1Config> {
        let names = [&self.user_table, &self.key_table].into_iter().chain(self.attributes.iter().map(|(name, _)| name));
        for name in names {
            if !is_valid(name) {
                return Err(InvalidD1Config::Name { name: name.clone() });
            }
        }
        if self.user_table.eq_ignore_ascii_case(&self.key_table) {
            return Err(InvalidD1Config::OneTable);
        }
        for (index, (name, _)) in self.attributes.iter().enumerate() {
            let same = |other: &str| other.eq_ignore_ascii_case(name);
            if same("id") || self.attributes.iter().take(index).any(|(other, _)| same(other)) {
                return Err(InvalidD1Config::Taken { name: name.clone() });
            }
        }
        if self.attributes.len() > MAX_ATTRIBUTES {
            return Err(InvalidD1Config::TooManyAttributes);
        }
        Ok(())
    }
}

/// Letters, digits, `_`, `$` and `-`. Names are quoted wherever they appear; this keeps out what an attacker would need.
fn is_valid(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str) -> Result<(), InvalidD1Config> {
        D1Config::new().user_attribute(name, AttributeType::String).validate()
    }

    #[test]
    fn s2_hostile_names_are_refused() {
        for name in ["username", "full_name", "größe", "$x", "a-b"] {
            assert_eq!(attribute(name), Ok(()), "{name}");
        }
        for name in ["", " ", "a b", "a\"b", "a`b", "a;b", "a\0b", "a.b", "a)b", &"x".repeat(64)] {
            let refused = InvalidD1Config::Name { name: name.to_owned() };
            assert_eq!(attribute(name), Err(refused.clone()), "{name:?}");
            assert_eq!(D1Config::new().user_table(name).validate(), Err(refused.clone()), "{name:?}");
            assert_eq!(D1Config::new().key_table(name).validate(), Err(refused), "{name:?}");
        }
    }

    #[test]
    fn columns_and_tables_do_not_meet() {
        assert_eq!(attribute("ID"), Err(InvalidD1Config::Taken { name: "ID".to_owned() }));
        let twice =
            D1Config::new().user_attribute("name", AttributeType::String).user_attribute("Name", AttributeType::Json);
        assert_eq!(twice.validate(), Err(InvalidD1Config::Taken { name: "Name".to_owned() }));
        assert_eq!(D1Config::new().key_table("user").validate(), Err(InvalidD1Config::OneTable));
        let many = (0..100)
            .fold(D1Config::new(), |config, index| config.user_attribute(format!("a{index}"), AttributeType::String));
        assert_eq!(many.validate(), Err(InvalidD1Config::TooManyAttributes));
    }
}
