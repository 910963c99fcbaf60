use std::sync::Arc;

use lucia_core::{Adapter, SessionAdapter, SessionScan, TokenAdapter, UserAdapter, kv::KvStore};

use crate::{
    Backend, Outcome, Report,
    context::Spawn,
    plan::{self, Planned},
};

/// Runs all cases for users, keys and sessions one after the other, on the executor that polls the returned future.
///
/// Needs no thread, no runtime, and only the clock of the backend, so it also runs in a Worker. Unlike `harness`, it
/// does not catch panics of the adapter.
pub async fn run_adapter<B: Backend<Adapter: Adapter>>(backend: &Arc<B>) -> Report {
    run(backend, plan::adapter(&backend.profile())).await
}

/// Runs the cases for sessions, as [`run_adapter`] does.
pub async fn run_session_adapter<B: Backend<Adapter: SessionAdapter>>(backend: &Arc<B>) -> Report {
    run(backend, plan::session_adapter(&backend.profile())).await
}

/// Runs the cases for users and keys, as [`run_adapter`] does.
pub async fn run_user_adapter<B: Backend<Adapter: UserAdapter>>(backend: &Arc<B>) -> Report {
    run(backend, plan::user_adapter(&backend.profile())).await
}

/// Runs the cases for scans of all sessions, as [`run_adapter`] does.
pub async fn run_session_scan<B: Backend<Adapter: SessionScan>>(backend: &Arc<B>) -> Report {
    run(backend, plan::session_scan(&backend.profile())).await
}

/// Runs the cases for the conditional writes of a [`KvStore`], as [`run_adapter`] does.
pub async fn run_kv_store<B: Backend<Adapter: KvStore>>(backend: &Arc<B>) -> Report {
    run(backend, plan::kv_store(&backend.profile())).await
}

/// Runs the cases for tokens and counters, as [`run_adapter`] does.
pub async fn run_token_adapter<B: Backend<Adapter: TokenAdapter>>(backend: &Arc<B>) -> Report {
    run(backend, plan::token_adapter(&backend.profile())).await
}

/// Runs the cases that need users and sessions in one adapter, as [`run_adapter`] does: for a
/// [`SplitAdapter`](lucia_core::SplitAdapter) whose halves pass suites of their own, with profiles of their own.
pub async fn run_joined_adapter<B: Backend<Adapter: Adapter>>(backend: &Arc<B>) -> Report {
    run(backend, plan::joined(&backend.profile())).await
}

async fn run<B: Backend>(backend: &Arc<B>, planned: Vec<Planned<B>>) -> Report {
    let spawn: Spawn = Arc::new(|task| {
        Box::pin(async move {
            task.await;
            Ok(())
        })
    });
    let mut report = Report::default();
    for case in planned {
        let outcome = match &case.ignored {
            Some(reason) => Outcome::Ignored(reason.clone()),
            None => case.run(backend, &spawn).await,
        };
        report.cases.push((case.name, outcome));
    }
    report
}
