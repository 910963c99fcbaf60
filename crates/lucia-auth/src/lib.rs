#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod cookie;
mod csrf;
mod env;
mod error;
mod key;
mod password;
mod random;
mod request;
mod session;
mod user;

pub use ::cookie::{Cookie, SameSite};
#[doc(no_inline)]
pub use lucia_core::{
    self, Adapter, AdapterError, AdapterErrorKind, Attributes, AttributesError, Clock, HashedPassword, KeyId,
    ManualClock, SessionAdapter, SessionId, SplitAdapter, UnixMillis, UserAdapter, UserId, memory,
};

pub use self::{
    auth::{Auth, AuthBuilder, BuildError, NoAttributes},
    cookie::{InvalidSessionCookie, SessionCookie, SetCookie},
    csrf::{AllowedSubdomains, Csrf, InvalidCsrf},
    env::Env,
    error::Error,
    key::{Key, NewKey, VerifiedKey},
    password::{Argon2id, LuciaScrypt, PasswordError, PasswordHasher, Verification},
    request::{AuthRequest, RequestContext},
    session::{NewSession, Session, SessionPeriods, SessionState},
    user::{NewUser, User},
};
