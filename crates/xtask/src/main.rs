//! Set-up and checks of this workspace: `cargo xtask help`.
fn main() {}
