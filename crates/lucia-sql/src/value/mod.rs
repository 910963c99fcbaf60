//! Values between JSON, as attributes have them, and what the database stores.

mod attribute;
mod datetime;
mod decimal;
mod decode;
mod encode;
mod id;
mod json;
mod list;

pub(crate) use self::{
    attribute::{decode, encode},
    decode::integer,
    id::id,
};
