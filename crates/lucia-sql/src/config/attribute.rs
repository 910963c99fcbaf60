use serde_json::Value;

/// The scalar types of a Prisma schema.
///
/// Each variant describes the form of such an attribute in [`Attributes`](lucia_core::Attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeType {
    /// A string. Columns of a Prisma `enum` have this type, too.
    String,
    /// An integer.
    Int,
    /// A 64-bit integer, exact over its whole range.
    BigInt,
    /// A finite floating point number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A string such as `2023-07-06T05:04:03.021Z`. When writing, any RFC 3339 time with an offset and any number of
    /// milliseconds since 1970 are accepted.
    DateTime,
    /// Any JSON value.
    Json,
    /// An array of numbers from 0 to 255, the form in which serde serializes a `Vec<u8>`.
    Bytes,
    /// A string of decimal digits. When writing, a number is accepted, too.
    Decimal,
}

/// The declaration of one attribute of a user or session, as in a Prisma schema.
///
/// Attributes do not have to be declared: every column that is not one of Lucia's own fields is an attribute with the
/// name of the column. Declare an attribute to give it another name, to map the labels of an enum, to have its type
/// checked when the adapter is created, or to have [`create_tables`](crate::SqlConfig::create_tables) create its
/// column.
///
/// ```
/// # use lucia_sql::{Attribute, Table};
/// let users = Table::named("auth_user")
///     .attribute("email", Attribute::string().unique().map("email_address"))
///     .attribute("fullName", Attribute::string().optional().map("full_name"))
///     .attribute("role", Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin"));
/// ```
#[derive(Clone, Debug)]
pub struct Attribute {
    pub(crate) kind: AttributeType,
    pub(crate) list: bool,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) enum_name: Option<String>,
    pub(crate) optional: bool,
    pub(crate) unique: bool,
    pub(crate) column: Option<String>,
    pub(crate) native_type: Option<String>,
    pub(crate) default: Option<AttributeDefault>,
}

/// The value that is stored if an insert omits the attribute.
#[derive(Clone, Debug)]
pub(crate) enum AttributeDefault {
    Value(Value),
    Now,
}

impl Attribute {
    /// Creates an attribute of this type.
    #[must_use]
    pub const fn new(kind: AttributeType) -> Self {
        Self {
            kind,
            list: false,
            labels: Vec::new(),
            enum_name: None,
            optional: false,
            unique: false,
            column: None,
            native_type: None,
            default: None,
        }
    }

    /// Creates an attribute of the type [`String`](AttributeType::String).
    #[must_use]
    pub const fn string() -> Self {
        Self::new(AttributeType::String)
    }

    /// Creates an attribute that is a Prisma `enum` with these labels.
    #[must_use]
    pub fn enumeration<L: Into<String>>(labels: impl IntoIterator<Item = L>) -> Self {
        let labels = labels.into_iter().map(Into::into).map(|label: String| (label.clone(), label));
        Self { labels: labels.collect(), ..Self::string() }
    }

    /// Makes the attribute a list, as `String[]` does in Prisma. Only Postgres supports lists.
    ///
    /// In [`Attributes`](lucia_core::Attributes) a list is an array. A null column is an empty array, as in Prisma
    /// Client.
    ///
    /// ```
    /// # use lucia_sql::{Attribute, Table};
    /// // tags String[] @map("tag_names")
    /// let users = Table::named("User").attribute("tags", Attribute::string().list().map("tag_names"));
    /// ```
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Adds a label to an enum that is stored under another name, as `@map` on an enum value does in Prisma.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>, stored: impl Into<String>) -> Self {
        self.labels.push((label.into(), stored.into()));
        self
    }

    /// Sets the name of the enum. Defaults to the name of the attribute with a capital first letter.
    ///
    /// On Postgres this is the name of a type, which [`create_tables`](crate::SqlConfig::create_tables) creates. Other
    /// databases do not name enums.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.enum_name = Some(name.into());
        self
    }

    /// Allows null, as `?` does in Prisma.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Makes the attribute unique, as `@unique` does in Prisma.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Sets the SQL type of the column, as `@db.…` does in Prisma. Defaults to the type that Prisma uses for this
    /// [`AttributeType`].
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it.
    ///
    /// ```
    /// # use lucia_sql::{Attribute, AttributeType};
    /// // username String @db.VarChar(31)
    /// let username = Attribute::string().native_type("VARCHAR(31)");
    /// // joined DateTime @db.Timestamptz(3)
    /// let joined = Attribute::new(AttributeType::DateTime).native_type("TIMESTAMPTZ(3)");
    /// ```
    #[must_use]
    pub fn native_type(mut self, sql: impl Into<String>) -> Self {
        self.native_type = Some(sql.into());
        self
    }

    /// Sets the default of the column, as `@default` does in Prisma: a string, a label, a number or a boolean. A
    /// decimal number is a string.
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it. It rejects defaults for other types, because
    /// some of those that Prisma creates cannot be read back.
    ///
    /// ```
    /// # use lucia_sql::{Attribute, AttributeType};
    /// let role = Attribute::enumeration(["USER", "ADMIN"]).default_value("USER");
    /// let visits = Attribute::new(AttributeType::BigInt).default_value(0);
    /// ```
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(AttributeDefault::Value(value.into()));
        self
    }

    /// Makes the current time the default of the column, as `@default(now())` does in Prisma.
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it.
    ///
    /// ```
    /// # use lucia_sql::{Attribute, AttributeType};
    /// let created_at = Attribute::new(AttributeType::DateTime).default_now();
    /// ```
    #[must_use]
    pub fn default_now(mut self) -> Self {
        self.default = Some(AttributeDefault::Now);
        self
    }

    /// Sets the name of the column, as `@map` does in Prisma. Defaults to the name of the attribute.
    #[must_use]
    pub fn map(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}
