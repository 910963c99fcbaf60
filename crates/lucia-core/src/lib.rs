#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod time;
mod id;
mod attributes;
mod schema;
mod error;
mod adapter;
pub mod memory;
pub mod kv;

#[doc(no_inline)]
pub use async_trait::async_trait;

pub use self::{
    adapter::{Adapter, SessionAdapter, SplitAdapter, UserAdapter, WithOperationNames},
    attributes::{Attributes, AttributesError},
    error::{AdapterError, AdapterErrorKind, AdapterResult},
    id::{InvalidKeyId, KeyId, SessionId, UserId},
    schema::{
        HashedPassword, KeySchema, KeyUpdate, SessionJsonError, SessionSchema, SessionUpdate, UserSchema, UserUpdate,
    },
    time::{Clock, ManualClock, SystemClock, UnixMillis},
};
