//! Values between JSON, as attributes have them, and what the database stores.

mod datetime;
mod decimal;
mod decode;
mod encode;
mod id;
mod json;
mod list;

use std::borrow::Cow;

pub(crate) use self::{
    decode::{decode, integer},
    encode::encode,
    id::id,
};

/// Why a value cannot be stored or read, as the end of a sentence. It says what was expected, never what was there: that may be
/// secret.
pub(crate) type Reason = Cow<'static, str>;
