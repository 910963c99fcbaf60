//! Tests that are the same on all databases. The test target of each database compiles them with its own `support`.

mod conversion;
pub(crate) mod drop_at_await;
#[path = "../support/events.rs"]
pub(crate) mod events;
mod interrupted;
mod load;
pub(crate) mod prisma_data;
mod reasons;
mod regressions;
mod secrets;
pub(crate) mod setup;
mod tokens;
pub(crate) mod transaction;
pub(crate) mod values;
