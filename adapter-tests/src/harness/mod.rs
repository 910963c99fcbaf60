//! Runs the suite as a test target: in parallel, one line per case, with the arguments of `cargo test`.
//!
//! The target needs `harness = false`. Its `main` returns the exit code of a function of this module, or of
//! [`Harness::run`] for several traits or backends.

mod target;

use std::{process::ExitCode, sync::Arc};

use lucia_core::{Adapter, SessionAdapter, TokenAdapter, UserAdapter};

pub use self::target::Harness;
use crate::Backend;

/// Runs all cases for users, keys and sessions.
///
/// ```no_run
/// # use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
/// # use lucia_core::{async_trait, memory::MemoryAdapter};
/// # struct MyBackend;
/// # #[async_trait]
/// # impl Backend for MyBackend {
/// #     type Adapter = MemoryAdapter;
/// #     fn profile(&self) -> Profile { Profile::all() }
/// #     async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> { Ok(Store::new(MemoryAdapter::new())) }
/// # }
/// fn main() -> std::process::ExitCode {
///     adapter_tests::harness::adapter(MyBackend)
/// }
/// ```
pub fn adapter<B: Backend<Adapter: Adapter>>(backend: B) -> ExitCode {
    Harness::new().adapter(&Arc::new(backend)).run()
}

/// Runs all cases for users, keys and sessions on several backends, or on one backend in several configurations, as
/// `name::case`.
///
/// ```no_run
/// # use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
/// # use lucia_core::{async_trait, memory::MemoryAdapter};
/// # struct MyBackend(u16);
/// # #[async_trait]
/// # impl Backend for MyBackend {
/// #     type Adapter = MemoryAdapter;
/// #     fn profile(&self) -> Profile { Profile::all() }
/// #     async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> { Ok(Store::new(MemoryAdapter::new())) }
/// # }
/// fn main() -> std::process::ExitCode {
///     adapter_tests::harness::adapters([("version_1", MyBackend(1)), ("version_2", MyBackend(2))])
/// }
/// ```
pub fn adapters<B: Backend<Adapter: Adapter>>(backends: impl IntoIterator<Item = (&'static str, B)>) -> ExitCode {
    let named = |harness: Harness, (name, backend)| harness.named(name).adapter(&Arc::new(backend));
    backends.into_iter().fold(Harness::new(), named).run()
}

/// Runs the cases for sessions, for an adapter that stores only sessions.
pub fn session_adapter<B: Backend<Adapter: SessionAdapter>>(backend: B) -> ExitCode {
    Harness::new().session_adapter(&Arc::new(backend)).run()
}

/// Runs the cases for users and keys, for an adapter that stores only these.
pub fn user_adapter<B: Backend<Adapter: UserAdapter>>(backend: B) -> ExitCode {
    Harness::new().user_adapter(&Arc::new(backend)).run()
}

/// Runs the cases for tokens and counters.
pub fn token_adapter<B: Backend<Adapter: TokenAdapter>>(backend: B) -> ExitCode {
    Harness::new().token_adapter(&Arc::new(backend)).run()
}
