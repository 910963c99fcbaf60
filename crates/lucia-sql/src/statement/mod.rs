//! Statements: their text, together with the values of their parameters. The text is rendered from quoted names when
//! the adapter is created, unless it depends on the attributes that are written.

mod writer;
mod rendered;
mod by_id;
mod insert;
mod update;
mod expired;
mod key;
mod user;
mod session;

pub(crate) use self::{
    by_id::ById,
    expired::{DeleteById, DeleteExpired},
    insert::Insert,
    key::KeyStatements,
    session::SessionStatements,
    update::Update,
    user::UserStatements,
};
