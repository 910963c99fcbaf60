//! Sessions in a plain key-value store: the store's interface, and the layout of its keys.
//!
//! | key | value | expires with |
//! |---|---|---|
//! | `{session}:{id}` | the session as [JSON](crate::SessionSchema::to_json) | the session |
//! | `{user_session}:{user_id}:{id}` | when the entry expires | a day after the session at the earliest |
//! | `{session}_revoked:{id}` | when the tombstone expires | a day after the session that it revokes |

mod adapter;
mod bulk;
mod escape;
mod index;
mod layout;
mod lifetime;
mod memory;
mod revocation;
mod rotation;
mod store;
mod sweep;

pub use self::{
    adapter::KvSessionAdapter,
    layout::{InvalidKvLayout, KvLayout},
    memory::MemoryKvStore,
    store::{KvEntry, KvPage, KvStore},
};
