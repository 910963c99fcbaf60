//! The rows of Lucia's three tables, and partial updates of them.

mod hashed_password;
mod key;
mod session;
mod session_json;
mod user;

pub use self::{
    hashed_password::HashedPassword,
    key::{KeySchema, KeyUpdate},
    session::{SessionSchema, SessionUpdate},
    session_json::SessionJsonError,
    user::{UserSchema, UserUpdate},
};
