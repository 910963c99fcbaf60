//! Runs the suite as a test target: one line for each case, in parallel, with the arguments of `cargo test`.
//!
//! The target needs `harness = false`, and its `main` returns what a function of this module returns.

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use lucia_core::{Adapter, SessionAdapter, UserAdapter};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    Backend,
    context::Spawn,
    plan::{self, Planned},
};

/// Enough for the operations of one case to run at the same time, whatever the machine has.
const WORKERS: usize = 4;

/// Runs all cases.
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
    let planned = plan::adapter(&backend.profile());
    run(backend, planned)
}

/// Runs all cases on several backends, or on one in several forms, as `name::case`.
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
    let runtime = Arc::new(runtime());
    let trials = backends.into_iter().flat_map(|(name, backend)| {
        let planned = plan::adapter(&backend.profile());
        trials(&format!("{name}::"), backend, planned, &runtime)
    });
    let trials = trials.collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs the cases for sessions, for an adapter that stores nothing else.
pub fn session_adapter<B: Backend<Adapter: SessionAdapter>>(backend: B) -> ExitCode {
    let planned = plan::session_adapter(&backend.profile());
    run(backend, planned)
}

/// Runs the cases for users and keys, for an adapter that stores nothing else.
pub fn user_adapter<B: Backend<Adapter: UserAdapter>>(backend: B) -> ExitCode {
    let planned = plan::user_adapter(&backend.profile());
    run(backend, planned)
}

fn run<B: Backend>(backend: B, planned: Vec<Planned<B>>) -> ExitCode {
    let trials = trials("", backend, planned, &Arc::new(runtime()));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trials<B: Backend>(prefix: &str, backend: B, planned: Vec<Planned<B>>, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let backend = Arc::new(backend);
    planned.into_iter().map(|case| trial(prefix, case, &backend, runtime)).collect()
}

fn runtime() -> Runtime {
    #[expect(clippy::expect_used, reason = "a test target that cannot start has nothing to report to")]
    Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().expect("the runtime starts")
}

fn trial<B: Backend>(prefix: &str, case: Planned<B>, backend: &Arc<B>, runtime: &Arc<Runtime>) -> Trial {
    let (backend, runtime) = (Arc::clone(backend), Arc::clone(runtime));
    let (name, ignored) = (format!("{prefix}{}", case.name), case.ignored.clone());
    let trial = Trial::test(name, move || {
        let outcome = runtime.block_on(case.run(&backend, &on_tasks(runtime.handle())));
        outcome.map_err(Failed::from)
    });
    // Decided before anything runs, so that every runner counts it as skipped and none as passed.
    match ignored {
        Some(reason) => trial.with_kind(reason).with_ignored_flag(true),
        None => trial,
    }
}

/// Each operation is a task of its own, so that those of one case run on several threads.
fn on_tasks(handle: &Handle) -> Spawn {
    let handle = handle.clone();
    Arc::new(move |task| {
        let spawned = handle.spawn(task);
        Box::pin(async move {
            let Err(error) = spawned.await else {
                return Ok(());
            };
            let Ok(panic) = error.try_into_panic() else {
                return Err("the task was cancelled".to_owned());
            };
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(format!("panicked: {}", text.unwrap_or_else(|| "with no text".to_owned())))
        })
    })
}
