mod methods;
mod new_key;
mod row;

pub use self::{new_key::NewKey, row::Key};
