use std::{
    collections::BTreeMap,
    fmt,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed, Trial};
use lucia_core::{Adapter, SessionAdapter, SessionScan, TokenAdapter, UserAdapter, kv::KvStore};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    Backend, Outcome,
    context::Spawn,
    plan::{self, Planned},
};

/// Enough threads for the operations of one case to run in parallel on any machine.
const WORKERS: usize = 4;

/// The cases of one test target: for several traits, or on several backends.
///
/// ```no_run
/// use std::{process::ExitCode, sync::Arc};
///
/// use adapter_tests::harness::Harness;
/// # use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
/// # use lucia_core::{async_trait, memory::MemoryAdapter};
/// # struct MyBackend;
/// # #[async_trait]
/// # impl Backend for MyBackend {
/// #     type Adapter = MemoryAdapter;
/// #     fn profile(&self) -> Profile { Profile::all() }
/// #     async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> { Ok(Store::new(MemoryAdapter::new())) }
/// # }
///
/// fn main() -> ExitCode {
///     let backend = Arc::new(MyBackend);
///     Harness::new().adapter(&backend).session_scan(&backend).token_adapter(&backend).run()
/// }
/// ```
pub struct Harness {
    runtime: Arc<Runtime>,
    in_part: InPart,
    prefix: String,
    trials: Vec<Trial>,
}

/// The cases that ran in part, by the reason.
type InPart = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

impl Harness {
    /// Creates a target without cases.
    ///
    /// # Panics
    /// Panics if the operating system starts no threads.
    #[must_use]
    pub fn new() -> Self {
        #[expect(clippy::expect_used, reason = "a test target without a runtime cannot report")]
        let runtime =
            Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().expect("the runtime starts");
        Self { runtime: Arc::new(runtime), in_part: InPart::default(), prefix: String::new(), trials: Vec::new() }
    }

    /// Sets the name of the cases that are added from now on: `name::case`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.prefix = format!("{name}::");
        self
    }

    /// Adds the cases for users, keys and sessions.
    #[must_use]
    pub fn adapter<B: Backend<Adapter: Adapter>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::adapter(&backend.profile()))
    }

    /// Adds the cases for sessions.
    #[must_use]
    pub fn session_adapter<B: Backend<Adapter: SessionAdapter>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::session_adapter(&backend.profile()))
    }

    /// Adds the cases for users and keys.
    #[must_use]
    pub fn user_adapter<B: Backend<Adapter: UserAdapter>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::user_adapter(&backend.profile()))
    }

    /// Adds the cases for scans of all sessions.
    #[must_use]
    pub fn session_scan<B: Backend<Adapter: SessionScan>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::session_scan(&backend.profile()))
    }

    /// Adds the cases for the conditional writes of a [`KvStore`].
    #[must_use]
    pub fn kv_store<B: Backend<Adapter: KvStore>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::kv_store(&backend.profile()))
    }

    /// Adds the cases for tokens and counters.
    #[must_use]
    pub fn token_adapter<B: Backend<Adapter: TokenAdapter>>(self, backend: &Arc<B>) -> Self {
        self.planned(backend, plan::token_adapter(&backend.profile()))
    }

    /// Runs the cases, and prints after the summary which of them ran in part.
    #[expect(clippy::print_stderr, reason = "libtest-mimic cannot print this line")]
    #[must_use]
    pub fn run(self) -> ExitCode {
        let conclusion = libtest_mimic::run(&Arguments::from_args(), self.trials);
        for (reason, cases) in &*self.in_part.lock().unwrap_or_else(PoisonError::into_inner) {
            eprintln!("{} ran in part ({reason}): {}", cases.len(), cases.join(", "));
        }
        conclusion.exit_code()
    }

    fn planned<B: Backend>(mut self, backend: &Arc<B>, planned: Vec<Planned<B>>) -> Self {
        let trials: Vec<_> = planned.into_iter().map(|case| self.trial(case, backend)).collect();
        self.trials.extend(trials);
        self
    }

    fn trial<B: Backend>(&self, case: Planned<B>, backend: &Arc<B>) -> Trial {
        let (backend, runtime, in_part) = (Arc::clone(backend), Arc::clone(&self.runtime), Arc::clone(&self.in_part));
        let (name, ignored) = (format!("{}{}", self.prefix, case.name), case.ignored.clone());
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
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("cases", &self.trials.len()).finish_non_exhaustive()
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
