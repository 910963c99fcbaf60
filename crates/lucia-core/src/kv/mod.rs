//! Sessions in a plain key-value store: the store's interface, and the layout of its keys.
//!
//! | key | value | expires with |
//! |---|---|---|
//! | `{session}:{id}` | the session as [JSON](crate::SessionSchema::to_json) | the session |
//! | `{user_session}:{user_id}:{id}` | empty: the entry is the index | the session |
//! | `{session}_revoked:{id}` | empty: the session was revoked | the session that it revokes |

mod escape;
mod layout;
mod store;

pub use self::{
    layout::{InvalidKvLayout, KvLayout},
    store::{KvPage, KvStore},
};
