//! Runs the suite as a test target: in parallel, one line per case, with the arguments of `cargo test`.
//!
//! The target needs `harness = false`. Its `main` returns the exit code of a function of this module.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed, Trial};
use lucia_core::{Adapter, SessionAdapter, UserAdapter};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    Backend, Outcome,
    context::Spawn,
    plan::{self, Planned},
};

/// Enough threads for the operations of one case to run in parallel on any machine.
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

/// Runs all cases on several backends, or on one backend in several configurations, as `name::case`.
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
    let runner = Runner::new();
    let trials = backends.into_iter().flat_map(|(name, backend)| {
        let planned = plan::adapter(&backend.profile());
        runner.trials(&format!("{name}::"), backend, planned)
    });
    let trials = trials.collect();
    runner.run(trials)
}

/// Runs the cases for sessions, for an adapter that stores only sessions.
pub fn session_adapter<B: Backend<Adapter: SessionAdapter>>(backend: B) -> ExitCode {
    let planned = plan::session_adapter(&backend.profile());
    run(backend, planned)
}

/// Runs the cases for users and keys, for an adapter that stores only these.
pub fn user_adapter<B: Backend<Adapter: UserAdapter>>(backend: B) -> ExitCode {
    let planned = plan::user_adapter(&backend.profile());
    run(backend, planned)
}

fn run<B: Backend>(backend: B, planned: Vec<Planned<B>>) -> ExitCode {
    let runner = Runner::new();
    let trials = runner.trials("", backend, planned);
    runner.run(trials)
}

/// The cases that ran in part, by the reason.
type InPart = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

struct Runner {
    runtime: Arc<Runtime>,
    in_part: InPart,
}

impl Runner {
    fn new() -> Self {
        #[expect(clippy::expect_used, reason = "a test target without a runtime cannot report")]
        let runtime =
            Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().expect("the runtime starts");
        Self { runtime: Arc::new(runtime), in_part: InPart::default() }
    }

    fn trials<B: Backend>(&self, prefix: &str, backend: B, planned: Vec<Planned<B>>) -> Vec<Trial> {
        let backend = Arc::new(backend);
        planned.into_iter().map(|case| self.trial(prefix, case, &backend)).collect()
    }

    fn trial<B: Backend>(&self, prefix: &str, case: Planned<B>, backend: &Arc<B>) -> Trial {
        let (backend, runtime, in_part) = (Arc::clone(backend), Arc::clone(&self.runtime), Arc::clone(&self.in_part));
        let (name, ignored) = (format!("{prefix}{}", case.name), case.ignored.clone());
        let trial = Trial::test(name.clone(), move || {
            match runtime.block_on(case.run(&backend, &on_tasks(runtime.handle()))) {
                Outcome::Failed(message) => return Err(Failed::from(message)),
                Outcome::PassedInPart(reason) => {
                    in_part.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default().push(name);
                }
                Outcome::Passed | Outcome::Ignored(_) => {}
            }
            Ok(())
        });
        // Decided before any case runs, so that every test runner counts the case as skipped.
        match ignored {
            Some(reason) => trial.with_kind(reason).with_ignored_flag(true),
            None => trial,
        }
    }

    /// Runs the cases, and prints after the summary which of them ran in part.
    #[expect(clippy::print_stderr, reason = "libtest-mimic cannot print this line")]
    fn run(self, trials: Vec<Trial>) -> ExitCode {
        let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
        for (reason, cases) in &*self.in_part.lock().unwrap_or_else(PoisonError::into_inner) {
            eprintln!("{} ran in part ({reason}): {}", cases.len(), cases.join(", "));
        }
        conclusion.exit_code()
    }
}

/// Spawns each operation as a task, so that the operations of one case run on several threads.
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
