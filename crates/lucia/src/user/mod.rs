mod methods;
mod new_user;
mod row;

pub use self::{new_user::NewUser, row::User};
