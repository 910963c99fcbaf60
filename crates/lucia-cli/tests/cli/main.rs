//! The command on stores that Prisma and Lucia JS wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod copies;
mod doctor;
mod maintenance;
mod servers;
mod support;
mod users;
