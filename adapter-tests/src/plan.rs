use std::{
    fmt, mem,
    sync::{Arc, PoisonError},
};

use lucia_core::{Adapter, SessionAdapter, SessionScan, TokenAdapter, UserAdapter, kv::KvStore};

use crate::{
    Access, Backend, BoxError, Outcome, Profile, Promise, Store,
    case::{Case, Requirement},
    cases,
    context::{Context, LeftOut, Spawn, Task, spawned},
    ensure::with_sources,
};

/// The part of the contract that a case tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// The methods of users.
    Users,
    /// The methods of keys.
    Keys,
    /// The methods of sessions.
    Sessions,
    /// The scan of all sessions.
    Scans,
    /// The conditional writes of a key-value store.
    Stores,
    /// The methods of tokens and counters.
    Tokens,
    /// The methods for sessions and users together.
    Joined,
    /// `lucia-auth` on the adapter.
    Core,
}

/// The description of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaseInfo {
    /// The name of the bullet in the contract that it checks.
    pub name: &'static str,
    /// The family that it belongs to.
    pub family: Family,
    /// The promise without which it runs, to check the behaviour of a backend that does not make it.
    pub without: Option<Promise>,
}

/// Returns every case of the suite.
#[must_use]
pub fn all_cases() -> Vec<CaseInfo> {
    let mut all = Vec::new();
    list(&mut all, Family::Users, cases::users::CASES);
    list(&mut all, Family::Keys, cases::keys::CASES);
    list(&mut all, Family::Sessions, cases::sessions::CASES);
    list(&mut all, Family::Scans, cases::scans::CASES);
    list(&mut all, Family::Stores, cases::stores::CASES);
    list(&mut all, Family::Tokens, cases::tokens::CASES);
    list(&mut all, Family::Joined, cases::joined::CASES);
    #[cfg(feature = "auth")]
    list(&mut all, Family::Core, cases::core::CASES);
    all
}

fn list<A: ?Sized>(all: &mut Vec<CaseInfo>, family: Family, groups: &[&[Case<A>]]) {
    for case in groups.iter().copied().flatten() {
        let without = case.requires.iter().find_map(|requirement| match requirement {
            Requirement::Without(promise) => Some(*promise),
            Requirement::Needs(_) | Requirement::Opens(_) => None,
        });
        all.push(CaseInfo { name: case.name, family, without });
    }
}

/// Opens a store and runs a case on it.
type Run<B> = dyn Fn(Arc<B>, Spawn) -> Task<Outcome> + Send + Sync;

/// A case that can run on a backend.
pub(crate) struct Planned<B: Backend> {
    pub(crate) name: &'static str,
    /// The reason why it does not apply.
    pub(crate) ignored: Option<String>,
    run: Box<Run<B>>,
}

impl<B: Backend> Planned<B> {
    pub(crate) fn run(&self, backend: &Arc<B>, spawn: &Spawn) -> Task<Outcome> {
        (self.run)(Arc::clone(backend), Arc::clone(spawn))
    }
}

impl<B: Backend> fmt::Debug for Planned<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planned").field("name", &self.name).field("ignored", &self.ignored).finish_non_exhaustive()
    }
}

/// The conversions of an adapter of type `T` for a family of cases: to an `A`, and to its users.
struct View<T, A: ?Sized> {
    adapter: fn(Arc<T>) -> Arc<A>,
    users: fn(Arc<T>) -> Option<Arc<dyn UserAdapter>>,
}

impl<T, A: ?Sized> Clone for View<T, A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, A: ?Sized> Copy for View<T, A> {}

/// Returns the cases for users and keys.
pub(crate) fn user_adapter<B: Backend<Adapter: UserAdapter>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<B::Adapter, dyn UserAdapter> = View { adapter: |adapter| adapter, users: |adapter| Some(adapter) };
    [plan(profile, cases::users::CASES, view), plan(profile, cases::keys::CASES, view)].into_iter().flatten().collect()
}

/// Returns the cases for sessions.
pub(crate) fn session_adapter<B: Backend<Adapter: SessionAdapter>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<_, dyn SessionAdapter> = View { adapter: |adapter| adapter, users: |_| None };
    plan(profile, cases::sessions::CASES, view)
}

/// Returns the cases for scans of all sessions.
pub(crate) fn session_scan<B: Backend<Adapter: SessionScan>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<_, dyn SessionScan> = View { adapter: |adapter| adapter, users: |_| None };
    plan(profile, cases::scans::CASES, view)
}

/// Returns the cases for the conditional writes of a key-value store.
pub(crate) fn kv_store<B: Backend<Adapter: KvStore>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<_, dyn KvStore> = View { adapter: |store| store, users: |_| None };
    plan(profile, cases::stores::CASES, view)
}

/// Returns the cases for tokens.
pub(crate) fn token_adapter<B: Backend<Adapter: TokenAdapter>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<_, dyn TokenAdapter> = View { adapter: |adapter| adapter, users: |_| None };
    plan(profile, cases::tokens::CASES, view)
}

/// Returns the cases for users, keys and sessions.
pub(crate) fn adapter<B: Backend<Adapter: Adapter>>(profile: &Profile) -> Vec<Planned<B>> {
    let mut planned = user_adapter(profile);
    let sessions: View<_, dyn SessionAdapter> = View { adapter: |adapter| adapter, users: |adapter| Some(adapter) };
    planned.extend(plan(profile, cases::sessions::CASES, sessions));
    planned.extend(joined(profile));
    planned
}

/// Returns the cases that need users and sessions in one adapter.
pub(crate) fn joined<B: Backend<Adapter: Adapter>>(profile: &Profile) -> Vec<Planned<B>> {
    let view: View<_, dyn Adapter> = View { adapter: |adapter| adapter, users: |adapter| Some(adapter) };
    let planned = plan(profile, cases::joined::CASES, view);
    #[cfg(feature = "auth")]
    let planned = planned.into_iter().chain(plan(profile, cases::core::CASES, view)).collect();
    planned
}

fn plan<B: Backend, A: ?Sized + Send + Sync + 'static>(
    profile: &Profile,
    groups: &[&'static [Case<A>]],
    view: View<B::Adapter, A>,
) -> Vec<Planned<B>> {
    let cases = groups.iter().copied().flatten();
    let planned = cases.map(|case| Planned {
        name: case.name,
        ignored: case.requires.iter().find_map(|requirement| requirement.unmet_in(profile)),
        run: Box::new(move |backend, spawn| Box::pin(run(backend, spawn, case, view))),
    });
    planned.collect()
}

async fn run<B: Backend, A: ?Sized + Send + Sync + 'static>(
    backend: Arc<B>,
    spawn: Spawn,
    case: &'static Case<A>,
    view: View<B::Adapter, A>,
) -> Outcome {
    let (store, neighbour) = match open(backend.as_ref(), case.requires).await {
        Ok(stores) => stores,
        Err(error) => return Outcome::Failed(with_sources("the store could not be opened", error.as_ref())),
    };
    let left_out = LeftOut::default();
    let cx = Context {
        adapter: (view.adapter)(Arc::clone(&store.adapter)),
        neighbour: neighbour.as_ref().map(|store| (view.adapter)(Arc::clone(&store.adapter))),
        users: (view.users)(Arc::clone(&store.adapter)).or_else(|| store.users.clone()),
        back_door: store.back_door.clone(),
        profile: backend.profile(),
        clock: backend.clock(),
        spawn: Arc::clone(&spawn),
        left_out: Arc::clone(&left_out),
    };
    let ended = spawned(&spawn, (case.run)(cx)).await;
    let mut outcome = ended.and_then(|outcome| outcome.map_err(|error| error.to_string()));
    for store in [Some(store), neighbour].into_iter().flatten() {
        let closed = backend.close(store).await;
        let closed = closed.map_err(|error| with_sources("the store could not be closed", error.as_ref()));
        outcome = outcome.and(closed);
    }
    let reasons = mem::take(&mut *left_out.lock().unwrap_or_else(PoisonError::into_inner));
    match outcome {
        Err(message) => Outcome::Failed(message + &advice(case.requires)),
        Ok(()) if reasons.is_empty() => Outcome::Passed,
        Ok(()) => Outcome::PassedInPart(reasons.into_iter().collect::<Vec<_>>().join("; ")),
    }
}

/// Returns the advice for a failed case that only applies because of a promise.
fn advice(requires: &[Requirement]) -> String {
    let promises = requires.iter().filter_map(|requirement| match requirement {
        Requirement::Needs(promise) => Some(format!("; or remove `Promise::{promise:?}` from the profile")),
        Requirement::Without(_) | Requirement::Opens(_) => None,
    });
    promises.collect()
}

type Stores<B> = (Store<<B as Backend>::Adapter>, Option<Store<<B as Backend>::Adapter>>);

async fn open<B: Backend>(backend: &B, requires: &[Requirement]) -> Result<Stores<B>, BoxError> {
    if requires.iter().any(|requirement| matches!(requirement, Requirement::Opens(Access::Neighbours))) {
        let (store, neighbour) = backend.open_neighbours().await?;
        return Ok((store, Some(neighbour)));
    }
    Ok((backend.open().await?, None))
}
