#![cfg_attr(feature = "password", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "password"), doc = "Sessions, users and keys: Lucia v2 for Rust.")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod env;
mod hex;
mod random;
mod adapter;
mod host;
mod client;
#[cfg(feature = "password")]
mod password;
mod error;
mod cookie;
mod throttle;
mod request;
mod csrf;
mod key;
mod user;
mod prepared;
mod lifetime;
mod session_ids;
mod session;
mod auth;
mod tokens;

pub use http;
#[doc(no_inline)]
pub use lucia_core;
#[doc(inline)]
pub use lucia_core::{
    Adapter, AdapterError, AdapterErrorKind, Attributes, AttributesError, Clock, HashedPassword, InvalidKeyId, KeyId,
    KeySchema, ManualClock, SessionAdapter, SessionHandle, SessionId, SessionScan, SessionSchema, SessionToken,
    SplitAdapter, SystemClock, TokenAdapter, UnixMillis, UserAdapter, UserId, UserSchema, memory,
};

#[cfg(feature = "password")]
pub use self::auth::{ConfirmPassword, UseKey};
#[cfg(feature = "public-suffix")]
pub use self::csrf::AllowedSubdomains;
#[cfg(feature = "password")]
pub use self::password::{
    Argon2id, LuciaScrypt, PasswordCheck, PasswordContext, PasswordError, PasswordHasher, PasswordRejection,
    PasswordRules, Verification,
};
pub use self::{
    auth::{Auth, AuthBuilder, AuthRequest, BuildError, HashPlainSessions, HashProgress},
    client::Client,
    cookie::{InvalidSessionCookie, SameSite, SessionCookie, SetCookie},
    csrf::{Csrf, InvalidCsrf},
    env::Env,
    error::Error,
    key::{Key, NewKey, VerifiedKey},
    lifetime::SessionPeriods,
    prepared::{PreparedSession, PreparedUser},
    request::RequestContext,
    session::{NewSession, Session, SessionInfo, SessionState},
    session_ids::SessionIds,
    throttle::{Attempt, InvalidThrottleKey, Limit, Outage, Throttle, ThrottleKey},
    tokens::{NewToken, OneTimeToken, Redeemed, TokenInfo, TokenPurpose, Tokens},
    user::{NewUser, NoAttributes, User},
};
