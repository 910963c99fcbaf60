//! The tables of an adapter.

use super::{
    checker::Checker,
    configured::as_configured,
    content::Content,
    names::{KEY_FIELDS, SESSION_FIELDS, TOKEN_FIELDS, USER_FIELDS},
};
use crate::{
    catalogs::FoundTable,
    config::{SqlConfig, Table},
    mismatch::Mismatch,
    setup_error::SetupError,
    tables::{AttributeColumn, Column, Constraint, Ident, KeyTable, SessionTable, TokenTable, UserTable},
};

/// The length of the hashes of session tokens. The tokens themselves, which Lucia v2 stores, have 40 characters.
const SESSION_ID_LENGTH: usize = 64;

/// The length of the hashes of one-time tokens, and of the keys of counters.
const TOKEN_ID_LENGTH: usize = 64;

/// The length of the longest kind of tokens.
const KIND_LENGTH: usize = 64;

impl Checker<'_> {
    pub(super) async fn user_table(&mut self, config: &SqlConfig) -> Result<UserTable, SetupError> {
        let table = &config.user;
        let found = self.find(table, config, USER_FIELDS).await?;
        let [id] = self.fields(table, &found, [("id", Content::UserId)]);
        let attributes = self.attributes(table, &found, USER_FIELDS);
        let table = self.ident(table, &found, &attributes);
        Ok(UserTable { table, id, attributes, constraints: found.constraints })
    }

    pub(super) async fn session_table(
        &mut self,
        config: &SqlConfig,
        users: &UserTable,
    ) -> Result<SessionTable, SetupError> {
        let table = &config.session;
        let found = self.find(table, config, SESSION_FIELDS).await?;
        let fields = [
            ("id", Content::Text { chars: SESSION_ID_LENGTH }),
            ("user_id", Content::UserId),
            ("active_expires", Content::Millis),
            ("idle_expires", Content::Millis),
        ];
        let [id, user_id, active_expires, idle_expires] = self.fields(table, &found, fields);
        self.check_user_id(&user_id, &users.id);
        self.check_collation(&user_id, &users.id);
        let attributes = self.attributes(table, &found, SESSION_FIELDS);
        let ident = self.ident(table, &found, &attributes);
        let (constraints, table) = (self.constraints(table, found, users), ident);
        let references_users = references_users(config, &user_id, &constraints);
        Ok(SessionTable { table, id, user_id, active_expires, idle_expires, attributes, constraints, references_users })
    }

    pub(super) async fn key_table(&mut self, config: &SqlConfig, users: &UserTable) -> Result<KeyTable, SetupError> {
        let table = &config.key;
        let found = self.find(table, config, KEY_FIELDS).await?;
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
        self.check_unset(table, &found, KEY_FIELDS);
        let ident = self.ident(table, &found, &[]);
        let (constraints, table) = (self.constraints(table, found, users), ident);
        let references_users = references_users(config, &user_id, &constraints);
        Ok(KeyTable { table, id, user_id, hashed_password, requires_passwords, constraints, references_users })
    }

    /// Checks only the ids of users.
    pub(super) async fn user_ids(&mut self, config: &SqlConfig) -> Result<UserTable, SetupError> {
        let table = &config.user;
        let found = self.find(table, config, USER_FIELDS).await?;
        let [id] = self.fields(table, &found, [("id", Content::UserId)]);
        let table = self.ident(table, &found, &[]);
        Ok(UserTable { table, id, attributes: Vec::new(), constraints: found.constraints })
    }

    /// Checks the table of tokens, which refer to `users` if that is set.
    pub(super) async fn token_table(
        &mut self,
        table: &Table,
        config: &SqlConfig,
        users: Option<&UserTable>,
    ) -> Result<TokenTable, SetupError> {
        let found = self.find(table, config, TOKEN_FIELDS).await?;
        let fields = [
            ("id", Content::Text { chars: TOKEN_ID_LENGTH }),
            ("kind", Content::Text { chars: KIND_LENGTH }),
            ("user_id", Content::UserId),
            ("data", Content::LongText),
            ("expires", Content::Millis),
        ];
        let [id, kind, user_id, data, expires] = self.fields(table, &found, fields);
        if let Some(users) = users {
            self.check_user_id(&user_id, &users.id);
        }
        if self.column(&found, &user_id.name).is_some_and(|column| !column.nullable) {
            let (table, column) = (table.name.clone(), user_id.name.clone());
            self.mismatches.push(Mismatch::RequiredUser { table, column });
        }
        self.check_unset(table, &found, TOKEN_FIELDS);
        let ident = self.ident(table, &found, &[]);
        let constraints = match users {
            Some(users) => self.constraints(table, found, users),
            None => found.constraints,
        };
        let references_users = references_users(config, &user_id, &constraints);
        Ok(TokenTable { table: ident, id, kind, user_id, data, expires, constraints, references_users })
    }

    /// Checks that no column of a table without attributes needs a value.
    fn check_unset(&mut self, table: &Table, found: &FoundTable, fields: &'static [&'static str]) {
        self.check_named(table, found);
        for column in &found.columns {
            if !self.is_own(table, found, fields, column) && !self.is_filled(table, column) {
                let (table, column) = (table.name.clone(), column.name.clone());
                self.mismatches.push(Mismatch::UnsetColumn { table, column, fields });
            }
        }
    }

    /// Returns the constraints without foreign keys from `user_id` to tables other than that of the users, because
    /// those belong to the application.
    fn constraints(&self, table: &Table, found: FoundTable, users: &UserTable) -> Vec<Constraint> {
        let mut constraints = found.constraints;
        constraints.retain(|constraint| match &constraint.references {
            Some(references) => {
                self.dialect.same_name(references, &users.table.name)
                    || !self.dialect.same_name(&constraint.column, table.column_of("user_id"))
            }
            None => true,
        });
        constraints
    }

    /// Reads a table from the database. Anything but a writable table is returned without columns, and is not checked
    /// further.
    async fn find(&mut self, table: &Table, config: &SqlConfig, fields: &[&str]) -> Result<FoundTable, SetupError> {
        if self.trusts_config {
            return Ok(as_configured(table, config, fields));
        }
        let found = self.catalog.introspect(self.driver, self.schema.as_deref(), &table.name).await?;
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
        let columns = found.columns.iter().map(|column| column.name.clone()).collect();
        Ident { name: table.name.clone(), quoted, partitions: found.partitions.clone(), columns, filled }
    }
}

/// Returns `true` if one of the constraints is a foreign key to the table of users. Foreign keys from `user_id` to other
/// tables are not among them.
fn references_users(config: &SqlConfig, user_id: &Column, constraints: &[Constraint]) -> bool {
    let is_ours = |constraint: &Constraint| constraint.references.is_some() && constraint.column == user_id.name;
    !config.without_foreign_keys && constraints.iter().any(is_ours)
}
