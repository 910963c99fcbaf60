//! The rows of the benchmarks: users with one attribute, and their sessions with one.

use adapter_prisma_compatible::{Attribute, PrismaConfig, Table};
use lucia_core::SessionToken;

/// A time in the future.
pub(crate) const FAR: i64 = 4_102_444_800_000;

/// Returns the settings of the tables.
pub(crate) fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string()))
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

pub(crate) fn user_id(index: u64) -> String {
    format!("user{index:011}")
}

/// Returns a token of 40 characters, as long as those of Lucia.
pub(crate) fn token(index: u64) -> SessionToken {
    SessionToken::new(format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296))
}

/// Returns a number below a limit that is not near that of the previous call number.
pub(crate) const fn scattered(call: u64, below: u64) -> u64 {
    call.wrapping_mul(0x9E37_79B9_7F4A_7C15) % below
}
