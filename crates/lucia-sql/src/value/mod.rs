//! Values between JSON, as attributes have them, and what the database stores.

mod datetime;
mod decimal;
mod json;
mod id;
mod decode;
mod encode;
mod list;
mod attribute;

pub(crate) use self::{
    attribute::{decode, encode},
    decode::integer,
    id::id,
};
