use super::Attribute;

/// Configuration of a table: its name, its attributes, and columns with other names than Lucia's.
///
/// ```
/// # use lucia_sql::Table;
/// // model AuthSession { user_id String @map("uid") … @@map("auth_session") }
/// let sessions = Table::named("auth_session").column("user_id", "uid");
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) attributes: Vec<(String, Attribute)>,
    pub(crate) only_declared: bool,
    pub(crate) left_out: Vec<String>,
    pub(crate) filled: Vec<String>,
}

impl Table {
    /// Creates the configuration of the table with this name. In a Prisma schema, this is the name in `@@map`, or else
    /// the name of the model.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            columns: Vec::new(),
            attributes: Vec::new(),
            only_declared: false,
            left_out: Vec::new(),
            filled: Vec::new(),
        }
    }

    /// Creates the configuration of a model's table from the name of the model in Prisma Client: `authUser` for the table
    /// `AuthUser`.
    ///
    /// Lucia's `modelNames` contains such names.
    #[must_use]
    pub fn model(name: &str) -> Self {
        let mut rest = name.chars();
        let first = rest.next().into_iter().flat_map(char::to_uppercase);
        Self::named(first.chain(rest).collect::<String>())
    }

    /// Sets the column of one of Lucia's own fields (`id`, `user_id`, `active_expires`, `idle_expires`,
    /// `hashed_password`; for tokens `kind`, `data` and `expires`). Defaults to the name of the field.
    #[must_use]
    pub fn column(mut self, field: impl Into<String>, column: impl Into<String>) -> Self {
        self.columns.push((field.into(), column.into()));
        self
    }

    /// Declares an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, attribute: Attribute) -> Self {
        self.attributes.push((name.into(), attribute));
        self
    }

    /// Ignores columns that are not declared as attributes.
    #[must_use]
    pub const fn only_declared_attributes(mut self) -> Self {
        self.only_declared = true;
        self
    }

    /// Ignores a column, so that it does not become an attribute.
    ///
    /// If the column is `NOT NULL`, it needs a default or [`filled_by_trigger`](Self::filled_by_trigger). Columns of an
    /// unsupported type are ignored with a warning to `tracing`; this method silences it.
    ///
    /// ```
    /// # use lucia_sql::Table;
    /// let users = Table::named("User").without_attribute("search_vector");
    /// ```
    #[must_use]
    pub fn without_attribute(mut self, column: impl Into<String>) -> Self {
        self.left_out.push(column.into());
        self
    }

    /// Declares that a trigger of the database sets a column that is `NOT NULL` and has no default, so that inserts may
    /// omit it.
    ///
    /// ```
    /// # use lucia_sql::Table;
    /// // CREATE TRIGGER … BEFORE INSERT ON "User" …: NEW.slug := …
    /// let users = Table::named("User").filled_by_trigger("slug");
    /// ```
    #[must_use]
    pub fn filled_by_trigger(mut self, column: impl Into<String>) -> Self {
        self.filled.push(column.into());
        self
    }

    /// Returns the column of one of Lucia's own fields.
    pub(crate) fn column_of<'a>(&'a self, field: &'a str) -> &'a str {
        self.columns.iter().rev().find(|(name, _)| name == field).map_or(field, |(_, column)| column)
    }
}
