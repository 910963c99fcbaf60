//! MySQL and MariaDB through sqlx: ready-made connection settings, and the driver itself.

mod cell;
mod connect;
mod failure;
mod raw;

use sqlx::{MySqlConnection, MySqlPool};

pub use self::connect::{connect, connect_options, ping_after, pool_options};
use super::{Connection, Pool};

impl Pool for MySqlPool {}

impl Connection for MySqlConnection {}
