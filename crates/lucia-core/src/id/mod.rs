//! The three kinds of id. They are strings in every store; the types keep one from being passed for another.

mod key_id;
mod session_id;
mod user_id;

pub use self::{
    key_id::{InvalidKeyId, KeyId},
    session_id::SessionId,
    user_id::UserId,
};
