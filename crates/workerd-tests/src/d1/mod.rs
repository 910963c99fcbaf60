//! Users and keys in D1.

mod backend;
mod users;

pub(crate) use self::{
    backend::{USER_PROMISES, Users, open_users},
    users::CHECKS,
};
