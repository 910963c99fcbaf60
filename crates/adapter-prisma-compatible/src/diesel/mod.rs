//! Diesel through diesel-async: the same statements on the pool of a Diesel application.

mod redacted;
mod diagnosis;
mod failed;
mod row;
mod statement;
mod pool;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;
#[cfg(feature = "diesel-mysql")]
mod mysql;
#[cfg(feature = "diesel-postgres")]
mod postgres;
