//! Statements: the text of each beside the values of its parameters. The text is rendered when the adapter is made, from quoted
//! names, unless it depends on which attributes are written.

mod writer;
mod ready;
mod insert;
mod update;
mod expired;
mod key;
mod user;
mod session;

pub(crate) use self::{
    expired::{DeleteById, DeleteExpired},
    insert::Insert,
    key::KeyStatements,
    session::SessionStatements,
    update::Update,
    user::UserStatements,
};
