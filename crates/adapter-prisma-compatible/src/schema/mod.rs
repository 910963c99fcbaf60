//! The tables: as the database has them, as they are needed, and as they are made.

mod check;
mod create;
mod found;
mod new_table;

use lucia_core::AdapterErrorKind as Kind;

pub(crate) use self::{
    check::{check, check_users},
    create::Object,
    found::{Constraint, FoundColumn, FoundTable, Inexact, Unique},
    new_table::{NewColumn, NewTable},
};
use crate::{config::AttributeType, driver::Place, refusal::Refusal, value::Reason};

/// The name of a table, and the same as statements have it: quoted, and with its schema where there are schemas.
#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// The names of its partitions.
    pub(crate) partitions: Vec<String>,
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// Columns that a trigger fills and no attribute has. Inserts set them to null, or MariaDB misses a default.
    pub(crate) filled: Vec<String>,
}

impl Ident {
    /// Whether the database means this table by a name. SQLite's may have the start of a column's name behind a point.
    pub(crate) fn is(&self, name: &str) -> bool {
        let is = |own: &str| {
            let start = name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own));
            start && matches!(name.as_bytes().get(own.len()), None | Some(b'.'))
        };
        is(&self.name) || self.partitions.iter().any(|partition| is(partition))
    }
}

/// A column, as statements name it, and what it can hold.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name of its table.
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// What its values are, or the items of each if they are lists.
    pub(crate) kind: AttributeType,
    pub(crate) list: bool,
    /// Its type, as a person would write it.
    pub(crate) declared: String,
    /// Its type in the database, as a cast names it.
    pub(crate) sql_type: String,
    pub(crate) limit: Limit,
}

impl Column {
    /// What is sent for a value: a list is sent as text.
    pub(crate) const fn sent(&self) -> AttributeType {
        if self.list { AttributeType::String } else { self.kind }
    }

    /// The reason for which it does not take a value.
    pub(crate) fn refuses(&self, reason: Reason) -> Refusal {
        let (table, column, column_type) = (self.table.clone(), self.name.clone(), self.declared.clone());
        Refusal::Value { table, column, column_type, reason }
    }
}

/// What a column holds less than its kind would allow. It is looked at before the database is, which might round, cut or
/// pad a value, or take it for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    /// Text of this many characters at most, if any number; `nul` says whether it may have a NUL in it.
    Text {
        max_chars: Option<usize>,
        nul: bool,
    },
    /// Text of this many characters at most, all of them in the repertoire. `trims` says whether it loses spaces at its end.
    Encoded {
        max_chars: usize,
        repertoire: Repertoire,
        trims: bool,
    },
    /// Bytes of at least and at most so many.
    Bytes {
        min: usize,
        max: usize,
    },
    /// These strings.
    Labels(Vec<String>),
    /// A UUID, of whose spellings only the one that is read again is taken.
    Uuid,
    /// Text of a form that only the server checks: an address, or XML.
    Form,
    /// Integers between these, which are included.
    Range(i64, i64),
    /// Floating point numbers of 32 bits.
    Single,
    /// Times that are multiples of so many milliseconds, or, of a day alone, less than one.
    Times {
        step: i64,
        of_day: bool,
    },
    /// Decimal numbers of this many digits, so many of them after the point.
    Digits {
        precision: u32,
        scale: u32,
    },
}

/// The characters that a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repertoire {
    Ascii,
    Windows1252,
    /// Those of Unicode that have no more than 16 bits.
    BasicPlane,
    Unicode,
}

/// How a column of times is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `2023-07-06T05:04:03.021+00:00`
    WithOffset,
    /// `2023-07-06 05:04:03.021`
    Plain,
    /// Milliseconds since 1970.
    Millis,
}

/// A column that holds an attribute.
#[derive(Clone, Debug)]
pub(crate) struct AttributeColumn {
    /// The name of the attribute.
    pub(crate) name: String,
    pub(crate) column: Column,
    /// The labels of an enum and what is stored for them; empty if any string is allowed.
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// Whether a trigger replaces the null of an insert.
    pub(crate) filled: bool,
    /// Computed by the database: read, never written.
    pub(crate) generated: bool,
    pub(crate) time_form: TimeForm,
    /// Whether text that looks like a number becomes one in it, and loses digits: SQLite's numeric affinity.
    pub(crate) numeric_affinity: bool,
}

impl AttributeColumn {
    /// Whether an insert must name it, if only with null, so that the text of most inserts is the same.
    pub(crate) const fn is_always_written(&self) -> bool {
        !self.generated && !self.has_default
    }
}

#[derive(Debug)]
pub(crate) struct UserTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) attributes: Vec<AttributeColumn>,
    pub(crate) constraints: Vec<Constraint>,
}

#[derive(Debug)]
pub(crate) struct SessionTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) user_id: Column,
    pub(crate) active_expires: Column,
    pub(crate) idle_expires: Column,
    pub(crate) attributes: Vec<AttributeColumn>,
    pub(crate) constraints: Vec<Constraint>,
}

#[derive(Debug)]
pub(crate) struct KeyTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) user_id: Column,
    pub(crate) hashed_password: Column,
    /// Whether `hashed_password` must not be null.
    pub(crate) requires_passwords: bool,
    pub(crate) constraints: Vec<Constraint>,
}

/// The tables of users and keys, checked.
#[derive(Debug)]
pub(crate) struct UserSchema {
    pub(crate) user: UserTable,
    pub(crate) key: KeyTable,
}

/// The three tables, checked.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) users: UserSchema,
    pub(crate) session: SessionTable,
}

/// What has to be known of a table to say what a violated constraint means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    pub(crate) table: &'a Ident,
    pub(crate) id: &'a Column,
    pub(crate) user_id: Option<&'a Column>,
    pub(crate) attributes: &'a [AttributeColumn],
    pub(crate) constraints: &'a [Constraint],
    /// The error of an id that is taken.
    pub(crate) duplicate: Kind,
}

impl<'a> Written<'a> {
    /// The name of the column where a constraint was violated.
    pub(crate) fn column(&self, place: &'a Place) -> Option<&'a str> {
        let named = || {
            let name = place.constraint.as_deref()?;
            Some(self.constraints.iter().find(|constraint| constraint.name == name)?.column.as_str())
        };
        place.column.as_deref().or_else(named)
    }
}

impl Written<'_> {
    /// Whether it is another table whose constraint was violated: one that a trigger writes to, or that refers to this one.
    pub(crate) fn is_elsewhere(&self, place: &Place) -> bool {
        let is_own = |name: &str| self.constraints.iter().any(|constraint| constraint.name == name);
        place.table.as_ref().is_some_and(|table| !self.table.is(table))
            && !place.constraint.as_deref().is_some_and(is_own)
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.table.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// The attribute whose form the server checks, if there is one alone: the server does not say which it refused.
    pub(crate) fn only_form(&self) -> Option<String> {
        let mut forms = self.attributes.iter().filter(|attribute| attribute.column.limit == Limit::Form);
        let form = forms.next()?;
        forms.next().is_none().then(|| form.name.clone())
    }
}

impl Limit {
    /// How many characters a text may have, if that is limited.
    pub(crate) const fn max_chars(&self) -> Option<usize> {
        match self {
            Self::Text { max_chars, .. } => *max_chars,
            Self::Encoded { max_chars, .. } => Some(*max_chars),
            _ => None,
        }
    }
}

impl UserTable {
    /// What is read of a user: the id, and the attributes.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        std::iter::once(&self.id).chain(self.attributes.iter().map(|attribute| &attribute.column))
    }

    pub(crate) fn written(&self) -> Written<'_> {
        let Self { table, id, attributes, constraints } = self;
        Written { table, id, user_id: None, attributes, constraints, duplicate: Kind::DuplicateUserId }
    }
}

impl SessionTable {
    /// Whether the database itself is known to keep every session's user. Other foreign keys of that column are not among
    /// the constraints.
    pub(crate) fn references_users(&self) -> bool {
        let is_ours =
            |constraint: &Constraint| constraint.references.is_some() && constraint.column == self.user_id.name;
        self.constraints.iter().any(is_ours)
    }

    pub(crate) fn written(&self) -> Written<'_> {
        let Self { table, id, user_id, attributes, constraints, .. } = self;
        let user_id = Some(user_id);
        Written { table, id, user_id, attributes, constraints, duplicate: Kind::DuplicateSessionId }
    }
}

impl KeyTable {
    pub(crate) fn written(&self) -> Written<'_> {
        let Self { table, id, user_id, constraints, .. } = self;
        let user_id = Some(user_id);
        Written { table, id, user_id, attributes: &[], constraints, duplicate: Kind::DuplicateKeyId }
    }
}
