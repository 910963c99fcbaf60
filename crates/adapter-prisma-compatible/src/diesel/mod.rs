//! Diesel through diesel-async: the same statements on the pool of a Diesel application.

mod diagnosis;
mod failed;
#[cfg(feature = "diesel-mysql")]
mod mysql;
mod pool;
#[cfg(feature = "diesel-postgres")]
mod postgres;
mod redacted;
mod row;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;
mod statement;
