//! The storage traits. Their methods keep the names of Lucia's (`get_`, `set_`, `update_`, `delete_`), so that its
//! documentation applies.
//!
//! Each bullet under "Contract" starts with the name of the case in `adapter-tests` that checks it.

mod forward;
mod full;
mod session;
mod split;
mod user;
mod with_operation_names;

pub use self::{
    full::Adapter, session::SessionAdapter, split::SplitAdapter, user::UserAdapter,
    with_operation_names::WithOperationNames,
};
