#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod env;
mod random;
mod password;
mod error;
mod cookie;
mod request;
mod csrf;
mod key;
mod user;
mod lifetime;
mod session;
mod auth;

pub use ::cookie::{Cookie, SameSite};
#[doc(no_inline)]
pub use lucia_core::{
    self, Adapter, AdapterError, AdapterErrorKind, Attributes, AttributesError, Clock, HashedPassword, KeyId,
    ManualClock, SessionAdapter, SessionId, SplitAdapter, UnixMillis, UserAdapter, UserId, memory,
};

pub use self::{
    auth::{Auth, AuthBuilder, AuthRequest, BuildError},
    cookie::{InvalidSessionCookie, SessionCookie, SetCookie},
    csrf::{AllowedSubdomains, Csrf, InvalidCsrf},
    env::Env,
    error::Error,
    key::{Key, NewKey, VerifiedKey},
    lifetime::SessionPeriods,
    password::{Argon2id, LuciaScrypt, PasswordError, PasswordHasher, Verification},
    request::RequestContext,
    session::{NewSession, Session, SessionState},
    user::{NewUser, NoAttributes, User},
};
