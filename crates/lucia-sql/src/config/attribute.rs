use serde_json::Value;

/// The scalar types of a Prisma schema, and how an attribute of each looks in [`Attributes`](lucia_core::Attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeType {
    /// A string. Columns of a Prisma `enum` are of this type, too.
    String,
    /// An integer.
    Int,
    /// An integer of 64 bits, exact over its whole range.
    BigInt,
    /// A finite floating point number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A string such as `2023-07-06T05:04:03.021Z`. Any RFC 3339 time with an offset, and a number of milliseconds since
    /// 1970, can be written.
    DateTime,
    /// Any JSON value.
    Json,
    /// An array of numbers from 0 to 255, which is what serde makes of a `Vec<u8>`.
    Bytes,
    /// A string of decimal digits. A number can be written.
    Decimal,
}

/// One attribute of a user or session, declared as in a Prisma schema.
///
/// Attributes need not be declared: every further column of the tables is one, under its column's name. Declare an attribute
/// to give it a name other than its column's, to map the labels of an enum, to have its type checked when the adapter is
/// created, or to have [`create_tables`](crate::SqlConfig::create_tables) create its column.
///
/// ```
/// use lucia_sql::{Attribute, Table};
///
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

/// What an insert that leaves an attribute out stores.
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

    /// Creates a `String`.
    #[must_use]
    pub const fn string() -> Self {
        Self::new(AttributeType::String)
    }

    /// Creates a Prisma `enum` with these labels.
    #[must_use]
    pub fn enumeration<L: Into<String>>(labels: impl IntoIterator<Item = L>) -> Self {
        let labels = labels.into_iter().map(Into::into).map(|label: String| (label.clone(), label));
        Self { labels: labels.collect(), ..Self::string() }
    }

    /// Makes it a list: Prisma's `String[]`. Only Postgres has them.
    ///
    /// In [`Attributes`](lucia_core::Attributes) a list is an array, and a column that is null an empty one, as Prisma Client
    /// reads it.
    ///
    /// ```
    /// use lucia_sql::{Attribute, Table};
    ///
    /// // tags String[] @map("tag_names")
    /// let users = Table::named("User").attribute("tags", Attribute::string().list().map("tag_names"));
    /// ```
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Adds a label of an enum that is stored under another name: Prisma's `@map` on an enum value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>, stored: impl Into<String>) -> Self {
        self.labels.push((label.into(), stored.into()));
        self
    }

    /// Sets the name of the enum. Defaults to the attribute's name with a capital. On Postgres it is the name of a type, which
    /// [`create_tables`](crate::SqlConfig::create_tables) creates; other databases have no such types.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.enum_name = Some(name.into());
        self
    }

    /// Allows null: Prisma's `?`.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Makes its values unique: Prisma's `@unique`.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Sets the type of its column in SQL: Prisma's `@db.…`. Defaults to the type that Prisma gives it.
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it.
    ///
    /// ```
    /// use lucia_sql::{Attribute, AttributeType};
    ///
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

    /// Sets a default: Prisma's `@default` with a string, a label, a number or a boolean. Decimal numbers are given as strings.
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it, and rejects defaults of other types, as Prisma renders
    /// some of them so that no database reads them back.
    ///
    /// ```
    /// use lucia_sql::{Attribute, AttributeType};
    ///
    /// let role = Attribute::enumeration(["USER", "ADMIN"]).default_value("USER");
    /// let visits = Attribute::new(AttributeType::BigInt).default_value(0);
    /// ```
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(AttributeDefault::Value(value.into()));
        self
    }

    /// Sets the present as the default: Prisma's `@default(now())`.
    ///
    /// Only [`create_tables`](crate::SqlConfig::create_tables) uses it.
    ///
    /// ```
    /// use lucia_sql::{Attribute, AttributeType};
    ///
    /// let created_at = Attribute::new(AttributeType::DateTime).default_now();
    /// ```
    #[must_use]
    pub fn default_now(mut self) -> Self {
        self.default = Some(AttributeDefault::Now);
        self
    }

    /// Sets the name of its column: Prisma's `@map`. Defaults to the attribute's name.
    #[must_use]
    pub fn map(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}
