mod methods;
mod new_user;
mod row;

pub(crate) use self::methods::random_user_id;
pub use self::{new_user::NewUser, row::User};
