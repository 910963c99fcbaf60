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
    adapter::{Adapter, SessionAdapter, SessionPage, SessionScan, SplitAdapter, TokenAdapter, UserAdapter},
    attributes::{Attributes, AttributesError},
    error::{AdapterError, AdapterErrorKind, AdapterResult},
    id::{
        InvalidKeyId, InvalidSessionHandle, InvalidTokenKind, KeyId, SessionHandle, SessionId, SessionToken, TokenId,
        TokenKind, UserId,
    },
    schema::{
        Count, HashedPassword, KeySchema, KeyUpdate, SessionJsonError, SessionSchema, SessionUpdate, TokenSchema,
        UserSchema, UserUpdate,
    },
    time::{Clock, ManualClock, SystemClock, UnixMillis},
};
