mod methods;
mod new_key;
mod row;
mod verified_key;

pub(crate) use self::verified_key::Proof;
pub use self::{new_key::NewKey, row::Key, verified_key::VerifiedKey};
