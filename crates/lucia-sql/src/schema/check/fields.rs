//! The columns of Lucia's own fields.

use super::{
    checker::{Checker, type_name, wrong_type},
    content::Content,
};
use crate::{
    catalogs::{FoundColumn, FoundTable, Inexact},
    config::Table,
    mismatch::Mismatch,
    tables::{Column, Limit},
};

impl Checker<'_> {
    /// Checks Lucia's own fields. A column is returned even if it is missing; it is never used, because the check then
    /// fails.
    pub(super) fn fields<const N: usize>(
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
                declared: column.map(|column| type_name(&column.declared)).unwrap_or_default(),
                sql_type: column.map(|column| column.sql_type.clone()).unwrap_or_default(),
                collation: column.map(|column| column.collation.clone()).unwrap_or_default(),
                limit: column.map_or(Limit::None, |column| column.limit.clone()),
            }
        })
    }

    /// Returns the column of one of Lucia's own fields, if it can store the field's content.
    pub(super) fn field<'f>(
        &mut self,
        table: &Table,
        found: &'f FoundTable,
        field: &str,
        content: Content,
    ) -> Option<&'f FoundColumn> {
        let name = table.column_of(field);
        let usual = match content {
            Content::LongText => self.dialect.long_text(),
            _ => self.dialect.declared_type(content.kind()),
        };
        let Some(column) = self.column(found, name) else {
            let (table_name, field) = (table.name.clone(), field.to_owned());
            self.mismatches.push(match self.similar(table, found, &field) {
                Some(column) => Mismatch::UnmappedField { table: table_name, field, column: column.name.clone() },
                None => {
                    let (column, needed) = (name.to_owned(), usual.into());
                    Mismatch::MissingField { table: table_name, field, column, needed }
                }
            });
            return None;
        };
        if content.fits(column) {
            return Some(column);
        }
        let needed = match content {
            Content::Text { chars } if field == "hashed_password" && column.limit.max_chars().is_some() => {
                format!("at least {chars} characters, or another `password_hash_length` in the configuration").into()
            }
            Content::Text { chars: chars @ 1.. } => format!("{usual}, with at least {chars} characters").into(),
            _ => usual.into(),
        };
        self.mismatches.push(wrong_type(table, name, column, needed));
        None
    }

    /// Checks that both columns of user ids are UUIDs, or neither is, because the database does not compare a UUID with
    /// text.
    pub(super) fn check_user_id(&mut self, user_id: &Column, id: &Column) {
        let is_known = |column: &Column| !column.declared.is_empty();
        if is_known(user_id) && is_known(id) && (user_id.limit == Limit::Uuid) != (id.limit == Limit::Uuid) {
            let needed = format!("{}, like `{}` of table `{}`", id.declared, id.name, id.table).into();
            let Column { table, name, declared, .. } = user_id.clone();
            self.mismatches.push(Mismatch::WrongType { table, column: name, found: declared, needed });
        }
    }

    /// Checks that the database can compare the columns of user ids, as each read of a session does. It compares different
    /// collations only if one is binary or their character sets differ.
    pub(super) fn check_collation(&mut self, user_id: &Column, id: &Column) {
        let (found, needed) = (&user_id.collation, &id.collation);
        let has_same_charset = found.split('_').next() == needed.split('_').next();
        if found != needed && !found.is_empty() && has_same_charset {
            let (table, column) = (user_id.table.clone(), user_id.name.clone());
            let (found, needed) = (found.clone(), needed.clone());
            self.mismatches.push(Mismatch::WrongCollation { table, column, found, needed });
        }
    }

    pub(super) fn check_unique(&mut self, table: &Table, found: &FoundTable, id: &str) {
        let mut unique = found.unique.iter().filter(|unique| self.dialect.same_name(&unique.column, id)).peekable();
        let (table, column) = (table.name.clone(), id.to_owned());
        if unique.peek().is_none() {
            self.mismatches.push(Mismatch::NotUnique { table, column });
        } else if let Some(Inexact { found, needed }) = unique.find_map(|unique| unique.inexact.as_ref()) {
            self.mismatches.push(Mismatch::InexactIds { table, column, found: found.clone(), needed });
        }
    }
}
