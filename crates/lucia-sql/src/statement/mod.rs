//! Statements: their text, together with the values of their parameters. The text is rendered from quoted names when
//! the adapter is created, unless it depends on the attributes that are written.

mod writer;
mod rendered;
mod by_id;
mod insert;
mod update;
mod number;
mod expired;
mod oldest;
mod scan;
mod key;
mod delete_user;
mod user;
mod session;
mod token;

pub(crate) use self::{
    by_id::ById,
    delete_user::DeleteUser,
    expired::{DeleteById, DeleteExpired},
    insert::Insert,
    key::KeyStatements,
    oldest::DeleteOldest,
    scan::Scan,
    session::SessionStatements,
    token::{Returned, TokenStatements},
    update::Update,
    user::UserStatements,
};
