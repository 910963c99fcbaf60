//! Conversion of values between the JSON of attributes and the stored form.

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
