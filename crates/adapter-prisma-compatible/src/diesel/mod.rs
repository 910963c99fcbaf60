//! Drivers for Diesel, on diesel-async.

mod redacted;
mod diagnosis;
#[cfg(any(feature = "diesel-mysql", feature = "diesel-postgres"))]
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
