//! The attributes that the cases write. A store with fixed columns needs a column for each.
//!
//! Every inserted row has all of them, null without a value, so that a store that returns every column and a store that
//! returns what it was given return the same row.

/// Attributes of the user table.
pub const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute { name: USERNAME, kind: AttributeKind::String, nullable: false, unique: true },
    Attribute { name: COUNTRY, kind: AttributeKind::String, nullable: true, unique: false },
];

/// Attributes of the session table.
pub const SESSION_ATTRIBUTES: &[Attribute] = &[
    Attribute { name: COUNTRY, kind: AttributeKind::String, nullable: true, unique: false },
    Attribute { name: DEVICE, kind: AttributeKind::String, nullable: true, unique: false },
    Attribute { name: VISITS, kind: AttributeKind::BigInt, nullable: true, unique: false },
    Attribute { name: TRUSTED, kind: AttributeKind::Boolean, nullable: true, unique: false },
    Attribute { name: DATA, kind: AttributeKind::Json, nullable: true, unique: false },
    Attribute { name: APPROVED_BY, kind: AttributeKind::String, nullable: true, unique: false },
];

/// The same attributes as models of a Prisma schema, with the key table.
///
/// `APPROVED_BY` is a plain column here; a store that makes it a reference promises
/// [`ReferenceAttributes`](crate::Promise::ReferenceAttributes).
pub const PRISMA_SCHEMA: &str = r#"model User {
  id       String    @id
  username String    @unique
  country  String?
  session  Session[]
  key      Key[]
}

model Session {
  id             String   @id
  user_id        String
  active_expires BigInt
  idle_expires   BigInt
  country        String?
  device         String?
  visits         BigInt?
  trusted        Boolean?
  data           Json?
  approved_by    String?
  user           User     @relation(references: [id], fields: [user_id], onDelete: Cascade)

  @@index([user_id])
}

model Key {
  id              String  @id
  hashed_password String?
  user_id         String
  user            User    @relation(references: [id], fields: [user_id], onDelete: Cascade)

  @@index([user_id])
}
"#;

/// User: a string, unique if the profile promises [`UniqueAttributes`](crate::Promise::UniqueAttributes).
pub const USERNAME: &str = "username";
/// User and session: a short string, or null. Both have the same name, so that a join can confuse them.
pub const COUNTRY: &str = "country";
/// Session: a string of at most 100 characters, or null.
pub const DEVICE: &str = "device";
/// Session: an integer of 64 bits, or null.
pub const VISITS: &str = "visits";
/// Session: a boolean, or null.
pub const TRUSTED: &str = "trusted";
/// Session: any JSON value of up to a megabyte, or null.
pub const DATA: &str = "data";
/// Session: the id of a user, or null.
pub const APPROVED_BY: &str = "approved_by";

/// An attribute that the cases write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Attribute {
    /// The name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: AttributeKind,
    /// `true` if it may be null.
    pub nullable: bool,
    /// `true` if it is unique in a store with unique attributes.
    pub unique: bool,
}

/// The kind of an attribute's values, named after the type in a Prisma schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeKind {
    /// Text.
    String,
    /// A signed integer of 64 bits.
    BigInt,
    /// `true` or `false`.
    Boolean,
    /// Any JSON value.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prisma_schema_has_every_attribute() {
        let (user, session) = PRISMA_SCHEMA.split_once("model Session").unwrap();
        for (model, attributes) in [(user, USER_ATTRIBUTES), (session, SESSION_ATTRIBUTES)] {
            for attribute in attributes {
                let line = model.lines().find(|line| line.trim_start().starts_with(attribute.name)).unwrap();
                let kind = line.split_whitespace().nth(1).unwrap();
                let nullable = if attribute.nullable { "?" } else { "" };
                assert_eq!(kind, format!("{:?}{nullable}", attribute.kind), "{}", attribute.name);
                assert_eq!(line.contains("@unique"), attribute.unique, "{}", attribute.name);
            }
        }
    }
}
