use std::borrow::Cow;

use super::{
    AttributeColumn, Column, Constraint, FoundColumn, FoundTable, Ident, Inexact, KeyTable, Limit, Schema,
    SessionTable, UserSchema, UserTable,
};
use crate::{
    Mismatch, SetupError,
    config::{Attribute, AttributeType, DateTimeFormat, PrismaConfig, Table, is_valid_name, is_valid_type},
    dialect::Dialect,
    driver::Driver,
};

const USER_FIELDS: &[&str] = &["id"];
const SESSION_FIELDS: &[&str] = &["id", "user_id", "active_expires", "idle_expires"];
const KEY_FIELDS: &[&str] = &["id", "hashed_password", "user_id"];

/// How long the ids are that Lucia gives sessions, and each rotation anew.
const SESSION_ID_LENGTH: usize = 40;

/// Reads the three tables and compares them with what is needed.
pub(crate) async fn check(config: &PrismaConfig, driver: &dyn Driver) -> Result<Schema, SetupError> {
    config.check_names()?;
    let mut checker = Checker::new(config, driver).await?;
    let user = checker.user_table(&config.user).await?;
    let session = checker.session_table(&config.session, &user).await?;
    let key = checker.key_table(config, &user).await?;
    checker.finish(Schema { users: UserSchema { user, key }, session })
}

/// Reads the tables of users and keys alone.
pub(crate) async fn check_users(config: &PrismaConfig, driver: &dyn Driver) -> Result<UserSchema, SetupError> {
    config.check_names()?;
    let mut checker = Checker::new(config, driver).await?;
    let user = checker.user_table(&config.user).await?;
    let key = checker.key_table(config, &user).await?;
    checker.finish(UserSchema { user, key })
}

impl PrismaConfig {
    /// What can be said of the configuration without the database.
    pub(super) fn check_names(&self) -> Result<(), SetupError> {
        let tables =
            [(&self.user, USER_FIELDS, true), (&self.session, SESSION_FIELDS, true), (&self.key, KEY_FIELDS, false)];
        let mut mismatches = Vec::new();
        let mut check_name = |name: &str| {
            if !is_valid_name(name) {
                mismatches.push(Mismatch::InvalidName { name: name.to_owned() });
            }
        };
        check_name(&self.user_relation_key);
        self.schema.iter().for_each(|schema| check_name(schema));
        for (table, ..) in tables {
            check_name(&table.name);
            table.columns.iter().for_each(|(_, column)| check_name(column));
            for (name, attribute) in &table.attributes {
                check_name(name);
                attribute.column.iter().chain(&attribute.enum_name).for_each(|name| check_name(name));
            }
        }
        if let Some(name) = self.user_id_type.as_ref().filter(|sql| !is_valid_type(sql)) {
            mismatches.push(Mismatch::InvalidType { name: name.clone() });
        }
        for (table, fields, has_attributes) in tables {
            mismatches.extend(table.check(fields, has_attributes));
        }
        for (table, other) in [(&self.user, &self.session), (&self.user, &self.key), (&self.session, &self.key)] {
            if table.name.eq_ignore_ascii_case(&other.name) {
                mismatches.push(Mismatch::SameTable { table: other.name.clone() });
            }
        }
        if mismatches.is_empty() { Ok(()) } else { Err(SetupError::Mismatch(mismatches)) }
    }
}

impl Table {
    fn check(&self, fields: &[&str], has_attributes: bool) -> Vec<Mismatch> {
        let table = || self.name.clone();
        let unknown = self.columns.iter().filter(|(field, _)| !fields.contains(&field.as_str()));
        let mut mismatches: Vec<_> =
            unknown.map(|(field, _)| Mismatch::UnknownField { table: table(), field: field.clone() }).collect();
        let mut columns: Vec<_> = fields.iter().map(|field| self.column_of(field)).collect();
        let mut names = Vec::new();
        for (name, attribute) in &self.attributes {
            if !has_attributes {
                mismatches.push(Mismatch::KeyAttribute { table: table(), name: name.clone() });
            } else if fields.contains(&name.as_str()) {
                mismatches.push(Mismatch::ReservedAttribute { table: table(), name: name.clone() });
            }
            columns.push(attribute.column.as_deref().unwrap_or(name));
            names.push(name.as_str());
        }
        columns.extend(self.left_out.iter().map(String::as_str));
        for used in [columns, names] {
            let twice = used.iter().enumerate().filter(|(index, name)| used[..*index].contains(*name));
            mismatches
                .extend(twice.map(|(_, name)| Mismatch::UsedTwice { table: table(), column: (*name).to_owned() }));
        }
        mismatches
    }
}

struct Checker<'d> {
    driver: &'d dyn Driver,
    dialect: &'static dyn Dialect,
    schema: Option<String>,
    format: DateTimeFormat,
    mismatches: Vec<Mismatch>,
}

impl<'d> Checker<'d> {
    async fn new(config: &PrismaConfig, driver: &'d dyn Driver) -> Result<Self, SetupError> {
        let dialect = driver.dialect();
        let mismatches = dialect.settings(driver, config.schema.as_deref()).await?;
        let schema = dialect.schema(driver, config.schema.as_deref()).await?;
        Ok(Self { driver, dialect, schema, format: config.date_time_format, mismatches })
    }

    fn finish<T>(self, checked: T) -> Result<T, SetupError> {
        if self.mismatches.is_empty() { Ok(checked) } else { Err(SetupError::Mismatch(self.mismatches)) }
    }

    async fn user_table(&mut self, table: &Table) -> Result<UserTable, SetupError> {
        let found = self.find(table).await?;
        let [id] = self.fields(table, &found, [("id", Content::UserId)]);
        let attributes = self.attributes(table, &found, USER_FIELDS);
        let table = self.ident(table, &found, &attributes);
        Ok(UserTable { table, id, attributes, constraints: found.constraints })
    }

    async fn session_table(&mut self, table: &Table, users: &UserTable) -> Result<SessionTable, SetupError> {
        let found = self.find(table).await?;
        let fields = [
            ("id", Content::Text { chars: SESSION_ID_LENGTH }),
            ("user_id", Content::UserId),
            ("active_expires", Content::Millis),
            ("idle_expires", Content::Millis),
        ];
        let [id, user_id, active_expires, idle_expires] = self.fields(table, &found, fields);
        self.check_user_id(&user_id, &users.id);
        let attributes = self.attributes(table, &found, SESSION_FIELDS);
        let ident = self.ident(table, &found, &attributes);
        let (constraints, table) = (self.constraints(table, found, &users.table.name), ident);
        Ok(SessionTable { table, id, user_id, active_expires, idle_expires, attributes, constraints })
    }

    async fn key_table(&mut self, config: &PrismaConfig, users: &UserTable) -> Result<KeyTable, SetupError> {
        let table = &config.key;
        let found = self.find(table).await?;
        let fields = [
            ("id", Content::Text { chars: 0 }),
            ("user_id", Content::UserId),
            ("hashed_password", Content::Text { chars: config.password_hash_length }),
        ];
        let [id, user_id, hashed_password] = self.fields(table, &found, fields);
        self.check_user_id(&user_id, &users.id);
        let requires_passwords = config.password_keys_only;
        let is_required = self.column(&found, &hashed_password.name).is_some_and(|column| !column.nullable);
        if is_required && !requires_passwords {
            let (table, column) = (table.name.clone(), hashed_password.name.clone());
            self.mismatches.push(Mismatch::RequiredPassword { table, column });
        }
        self.check_named(table, &found);
        for column in &found.columns {
            if !self.is_own(table, &found, KEY_FIELDS, column) {
                self.mismatches.extend(self.never_set(table, column));
            }
        }
        let ident = self.ident(table, &found, &[]);
        let (constraints, table) = (self.constraints(table, found, &users.table.name), ident);
        Ok(KeyTable { table, id, user_id, hashed_password, requires_passwords, constraints })
    }

    /// Without foreign keys from the user's id to another table than that of the users: those are the application's own.
    fn constraints(&self, table: &Table, found: FoundTable, users: &str) -> Vec<Constraint> {
        let mut constraints = found.constraints;
        constraints.retain(|constraint| match &constraint.references {
            Some(references) => {
                self.dialect.same_name(references, users)
                    || !self.dialect.same_name(&constraint.column, table.column_of("user_id"))
            }
            None => true,
        });
        constraints
    }

    /// What the database knows of a table. What is none that can be written to has no columns, and is not looked at further.
    async fn find(&mut self, table: &Table) -> Result<FoundTable, SetupError> {
        let found = self.dialect.introspect(self.driver, self.schema.as_deref(), &table.name).await?;
        let name = || table.name.clone();
        match found {
            None => {
                let schema = self.schema.iter().map(|schema| format!("{schema}."));
                let table = schema.chain([name()]).collect();
                self.mismatches.push(Mismatch::MissingTable { table });
            }
            Some(found) if found.kind != "table" => {
                self.mismatches.push(Mismatch::NotATable { table: name(), found: found.kind });
            }
            Some(found) => {
                if !found.denied.is_empty() {
                    self.mismatches.push(Mismatch::NotAllowed { table: name(), denied: found.denied.join(", ") });
                }
                return Ok(found);
            }
        }
        Ok(FoundTable::default())
    }

    fn ident(&self, table: &Table, found: &FoundTable, attributes: &[AttributeColumn]) -> Ident {
        let quoted = self.dialect.quote(&table.name);
        let schema = self.schema.as_deref().map(|schema| self.dialect.quote(schema));
        let quoted = schema.map_or_else(|| quoted.clone(), |schema| format!("{schema}.{quoted}"));
        let is_attribute = |name: &str| attributes.iter().any(|attribute| attribute.column.name == name);
        let filled = found.columns.iter().filter(|column| {
            let needs_value = !column.nullable && !column.has_default && !column.generated;
            needs_value && self.names(&table.filled, column) && !is_attribute(&column.name)
        });
        let filled = filled.map(|column| self.dialect.quote(&column.name)).collect();
        Ident { name: table.name.clone(), quoted, filled }
    }

    fn column<'f>(&self, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        found.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    /// Checks Lucia's own fields. Where something is missing a column is returned all the same: nobody will use it.
    fn fields<const N: usize>(
        &mut self,
        table: &Table,
        found: &FoundTable,
        fields: [(&str, Content); N],
    ) -> [Column; N] {
        fields.map(|(field, content)| {
            let name = table.column_of(field);
            let column = if found.columns.is_empty() { None } else { self.field(table, found, field, content) };
            match (field, column) {
                ("id", Some(_)) => self.check_unique(table, found, name),
                ("user_id", Some(FoundColumn { inexact: Some(Inexact { found, needed }), .. })) => {
                    let (table, column, found) = (table.name.clone(), name.to_owned(), found.clone());
                    self.mismatches.push(Mismatch::InexactIds { table, column, found, needed });
                }
                _ => {}
            }
            Column {
                table: table.name.clone(),
                name: column.map_or(name, |column| &column.name).to_owned(),
                quoted: self.dialect.quote(name),
                kind: content.kind(),
                list: false,
                declared: column.map(|column| column.declared.clone()).unwrap_or_default(),
                sql_type: column.map(|column| column.sql_type.clone()).unwrap_or_default(),
                limit: column.map_or(Limit::None, |column| column.limit.clone()),
            }
        })
    }

    /// The column of one of Lucia's own fields, if it can hold its content.
    fn field<'f>(
        &mut self,
        table: &Table,
        found: &'f FoundTable,
        field: &str,
        content: Content,
    ) -> Option<&'f FoundColumn> {
        let name = table.column_of(field);
        let usual = self.dialect.declared_type(content.kind());
        let Some(column) = self.column(found, name) else {
            let (table_name, field) = (table.name.clone(), field.to_owned());
            self.mismatches.push(match self.stand_in(table, found, &field) {
                Some(column) => Mismatch::UnmappedField { table: table_name, field, column: column.name.clone() },
                None => Mismatch::MissingColumn { table: table_name, column: name.to_owned(), needed: usual.into() },
            });
            return None;
        };
        if content.fits(column) {
            return Some(column);
        }
        let needed = match content {
            Content::Text { chars } if field == "hashed_password" && column.limit.max_chars().is_some() => {
                format!("{chars} characters or more, or another `PrismaConfig::password_hash_length`").into()
            }
            Content::Text { chars: chars @ 1.. } => format!("{usual}, of {chars} characters or more").into(),
            _ => usual.into(),
        };
        self.mismatches.push(wrong_type(table, name, column, needed));
        None
    }

    /// Whether an id of a user is the same in both columns to the database, which compares no UUID with a text.
    fn check_user_id(&mut self, user_id: &Column, id: &Column) {
        let is_known = |column: &Column| !column.declared.is_empty();
        if is_known(user_id) && is_known(id) && (user_id.limit == Limit::Uuid) != (id.limit == Limit::Uuid) {
            let needed = format!("{}, as `{}` of table `{}` is", id.declared, id.name, id.table).into();
            let Column { table, name, declared, .. } = user_id.clone();
            self.mismatches.push(Mismatch::WrongType { table, column: name, found: declared, needed });
        }
    }

    /// A column that may be meant by a name that there is not, as it differs by case and punctuation alone.
    fn stand_in<'f>(&self, table: &Table, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        let letters = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let wanted: String = letters(name);
        let is_meant = |column: &&FoundColumn| letters(&column.name) == wanted && !self.is_declared(table, column);
        if self.column(found, table.column_of(name)).is_some() { None } else { found.columns.iter().find(is_meant) }
    }

    /// The column of an attribute, if it can hold values of its type.
    fn typed<'f>(
        &mut self,
        table: &Table,
        found: &'f FoundTable,
        name: &str,
        attribute: &Attribute,
    ) -> Option<&'f FoundColumn> {
        let column = attribute.column.as_deref().unwrap_or(name);
        let needed = self.dialect.declared_type(attribute.kind);
        let needed = if attribute.list { format!("{needed}[]").into() } else { needed.into() };
        let Some(column) = self.column(found, column) else {
            let (table_name, column) = (table.name.clone(), column.to_owned());
            self.mismatches.push(match self.stand_in(table, found, name) {
                Some(found) => {
                    let (name, column) = (name.to_owned(), found.name.clone());
                    Mismatch::UnmappedAttribute { table: table_name, name, column }
                }
                None => Mismatch::MissingColumn { table: table_name, column, needed },
            });
            return None;
        };
        if column.kind.is_some_and(|stored| can_hold(stored, attribute.kind)) && column.list == attribute.list {
            return Some(column);
        }
        self.mismatches.push(wrong_type(table, &column.name, column, needed));
        None
    }

    fn check_unique(&mut self, table: &Table, found: &FoundTable, id: &str) {
        let mut unique = found.unique.iter().filter(|unique| self.dialect.same_name(&unique.column, id)).peekable();
        let (table, column) = (table.name.clone(), id.to_owned());
        if unique.peek().is_none() {
            self.mismatches.push(Mismatch::NotUnique { table, column });
        } else if let Some(Inexact { found, needed }) = unique.find_map(|unique| unique.inexact.as_ref()) {
            self.mismatches.push(Mismatch::InexactIds { table, column, found: found.clone(), needed });
        }
    }

    /// The declared attributes, and those that the table has besides, in the order of the columns.
    fn attributes(&mut self, table: &Table, found: &FoundTable, fields: &[&str]) -> Vec<AttributeColumn> {
        if found.columns.is_empty() {
            return Vec::new();
        }
        self.check_named(table, found);
        let mut attributes = Vec::new();
        for (name, attribute) in &table.attributes {
            if let Some(column) = self.typed(table, found, name, attribute) {
                self.check_labels(table, column, attribute);
                attributes.push(self.attribute(table, name, column, attribute));
            }
        }
        for column in &found.columns {
            if self.is_own(table, found, fields, column) || self.is_declared(table, column) {
                continue;
            }
            let name = column.name.clone();
            match column.kind {
                _ if table.only_declared || self.names(&table.left_out, column) => {
                    self.mismatches.extend(self.never_set(table, column));
                }
                _ if fields.contains(&name.as_str()) => {
                    self.mismatches.push(Mismatch::ReservedAttribute { table: table.name.clone(), name });
                }
                Some(kind) => {
                    let attribute = Attribute { list: column.list, ..Attribute::new(kind) };
                    attributes.push(self.attribute(table, &name, column, &attribute));
                }
                None if self.is_filled(table, column) => {
                    let (table, column_type) = (&table.name, &column.declared);
                    tracing::warn!(
                        table,
                        column = name,
                        column_type,
                        "left out a column of a type that no attribute has; `Table::without_attribute` leaves it out in silence"
                    );
                }
                None => {
                    let (table, found) = (table.name.clone(), type_name(&column.declared));
                    self.mismatches.push(Mismatch::UnknownType { table, column: name, found });
                }
            }
        }
        let position =
            |attribute: &AttributeColumn| found.columns.iter().position(|column| column.name == attribute.column.name);
        attributes.sort_by_key(position);
        attributes
    }

    /// Whether a column is one of Lucia's own fields, or may be meant for one.
    fn is_own(&self, table: &Table, found: &FoundTable, fields: &[&str], column: &FoundColumn) -> bool {
        fields.iter().any(|field| {
            let stands_in = self.stand_in(table, found, field).is_some_and(|other| other.name == column.name);
            stands_in || self.dialect.same_name(table.column_of(field), &column.name)
        })
    }

    fn is_declared(&self, table: &Table, column: &FoundColumn) -> bool {
        let mut declared = table.attributes.iter().map(|(name, attribute)| attribute.column.as_ref().unwrap_or(name));
        declared.any(|name| self.dialect.same_name(name, &column.name))
    }

    fn names(&self, names: &[String], column: &FoundColumn) -> bool {
        names.iter().any(|name| self.dialect.same_name(name, &column.name))
    }

    /// Whether the database has a value where an insert leaves a column out.
    fn is_filled(&self, table: &Table, column: &FoundColumn) -> bool {
        column.nullable || column.has_default || column.generated || self.names(&table.filled, column)
    }

    /// What is wrong with a column that no insert sets.
    fn never_set(&self, table: &Table, column: &FoundColumn) -> Option<Mismatch> {
        let (table_name, name) = (table.name.clone(), column.name.clone());
        (!self.is_filled(table, column)).then_some(Mismatch::NeverSet { table: table_name, column: name })
    }

    /// Columns that are named by themselves have to be there.
    fn check_named(&mut self, table: &Table, found: &FoundTable) {
        if found.columns.is_empty() {
            return;
        }
        let left_out = table.left_out.iter().map(|name| (name, "without_attribute"));
        for (name, method) in left_out.chain(table.filled.iter().map(|name| (name, "filled_by_trigger"))) {
            if self.column(found, name).is_none() {
                let (table, column) = (table.name.clone(), name.clone());
                self.mismatches.push(Mismatch::UnknownColumn { table, column, method });
            }
        }
    }

    fn attribute(&self, table: &Table, name: &str, column: &FoundColumn, attribute: &Attribute) -> AttributeColumn {
        AttributeColumn {
            name: name.to_owned(),
            column: Column {
                table: table.name.clone(),
                name: column.name.clone(),
                quoted: self.dialect.quote(&column.name),
                kind: attribute.kind,
                list: attribute.list,
                declared: column.declared.clone(),
                sql_type: column.sql_type.clone(),
                limit: column.limit.clone(),
            },
            labels: attribute.labels.clone(),
            nullable: column.nullable,
            has_default: column.has_default,
            filled: self.names(&table.filled, column),
            generated: column.generated,
            time_form: self.dialect.time_form(column, self.format),
            numeric_affinity: self.dialect.has_numeric_affinity(),
        }
    }

    /// Every label that is declared must be one that the column holds.
    fn check_labels(&mut self, table: &Table, column: &FoundColumn, attribute: &Attribute) {
        let Limit::Labels(known) = &column.limit else {
            return;
        };
        for (_, label) in attribute.labels.iter().filter(|(_, stored)| !known.contains(stored)) {
            let (table, column, label) = (table.name.clone(), column.name.clone(), label.clone());
            self.mismatches.push(Mismatch::UnknownLabel { table, column, label, known: known.clone() });
        }
    }
}

/// What one of Lucia's own fields holds.
#[derive(Clone, Copy, Debug)]
enum Content {
    /// The id of a user, which the application may make: any text, or a UUID.
    UserId,
    /// Text of so many characters.
    Text { chars: usize },
    /// Milliseconds, for which 64 bits are needed, with a sign or without.
    Millis,
}

impl Content {
    const fn kind(self) -> AttributeType {
        match self {
            Self::UserId | Self::Text { .. } => AttributeType::String,
            Self::Millis => AttributeType::BigInt,
        }
    }

    fn fits(self, column: &FoundColumn) -> bool {
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

/// Whether a column with values of type `stored` can hold an attribute of type `kind`.
fn can_hold(stored: AttributeType, kind: AttributeType) -> bool {
    use AttributeType::{BigInt, Int, Json, String};
    matches!((stored, kind), (Int | BigInt, Int | BigInt) | (String, Json)) || stored == kind
}

fn wrong_type(table: &Table, name: &str, column: &FoundColumn, needed: Cow<'static, str>) -> Mismatch {
    let (table, column, found) = (table.name.clone(), name.to_owned(), type_name(&column.declared));
    Mismatch::WrongType { table, column, found, needed }
}

fn type_name(declared: &str) -> String {
    if declared.is_empty() { "of no type".to_owned() } else { declared.to_owned() }
}
