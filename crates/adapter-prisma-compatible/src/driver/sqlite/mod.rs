//! SQLite through sqlx: ready-made connection settings, and the driver itself.

mod connect;
mod failure;
mod raw;

use sqlx::{SqliteConnection, SqlitePool};

pub use self::connect::{connect, connect_options, pool_options};
use super::{Connection, Pool};

impl Pool for SqlitePool {}

impl Connection for SqliteConnection {}
