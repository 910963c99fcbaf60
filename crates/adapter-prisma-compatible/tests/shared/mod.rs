//! Tests that are the same on every database. Each database's own target compiles them with its own `support`.

mod load;
mod regressions;
mod secrets;
