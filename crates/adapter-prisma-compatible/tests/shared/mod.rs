//! Tests that are the same on every database. Each database's own target compiles them with its own `support`.

mod drop_at_wait;
#[path = "../support/events.rs"]
mod events;
mod interrupted;
mod load;
pub(crate) mod prisma_data;
mod reasons;
mod regressions;
mod secrets;
pub(crate) mod setup;
pub(crate) mod transaction;
pub(crate) mod values;
