//! The rows of Lucia's three tables, and partial updates of them; tokens and counters.

mod hashed_password;
mod key;
mod session;
mod session_json;
mod user;
mod token;
mod count;

pub use self::{
    count::Count,
    hashed_password::HashedPassword,
    key::{KeySchema, KeyUpdate},
    session::{SessionSchema, SessionUpdate},
    session_json::SessionJsonError,
    token::TokenSchema,
    user::{UserSchema, UserUpdate},
};
