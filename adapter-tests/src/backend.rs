use std::{any::Any, fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{Clock, UserAdapter};

use crate::{BackDoor, BoxError, Profile};

/// A backend that the suite runs on. Authors of adapters implement this trait.
///
/// ```
/// use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
/// use lucia_core::{async_trait, memory::MemoryAdapter};
///
/// struct Memory;
///
/// #[async_trait]
/// impl Backend for Memory {
///     type Adapter = MemoryAdapter;
///
///     fn profile(&self) -> Profile {
///         Profile::relational().without(Promise::COLUMNS)
///     }
///
///     async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> {
///         Ok(Store::new(MemoryAdapter::new()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let report = adapter_tests::run_adapter(&std::sync::Arc::new(Memory)).await;
/// assert!(report.is_success(), "{report}");
/// # }
/// ```
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The adapter that is tested.
    type Adapter: Send + Sync + 'static;

    /// Returns the promises of the backend.
    fn profile(&self) -> Profile;

    /// Opens an empty store for one case: a new database, schema or prefix.
    ///
    /// Cases run in parallel, each on its own store.
    ///
    /// # Errors
    /// Any error of opening the store. It fails the case; no case is skipped for it.
    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError>;

    /// Opens two empty stores whose names overlap as far as the backend allows: the prefixes `a` and `a:b`, or the
    /// tables of two applications in one database. Needs [`Access::Neighbours`](crate::Access::Neighbours).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        Err("the backend does not implement open_neighbours".into())
    }

    /// Closes the store after its case, whether that passed or failed. Defaults to dropping it.
    ///
    /// # Errors
    /// Any error of closing the store. It fails the case.
    async fn close(&self, store: Store<Self::Adapter>) -> Result<(), BoxError> {
        drop(store);
        Ok(())
    }

    /// Returns the clock by which the store expires records.
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(lucia_core::SystemClock)
    }

    /// Returns the clock by which the store expires records.
    #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
    fn clock(&self) -> Arc<dyn Clock>;
}

/// An adapter on a store of its own.
pub struct Store<A> {
    pub(crate) adapter: Arc<A>,
    pub(crate) back_door: Option<Arc<dyn BackDoor>>,
    pub(crate) users: Option<Arc<dyn UserAdapter>>,
    guards: Vec<Box<dyn Any + Send + Sync>>,
}

impl<A> Store<A> {
    /// Creates a store without a back door.
    #[must_use]
    pub fn new(adapter: A) -> Self {
        Self { adapter: Arc::new(adapter), back_door: None, users: None, guards: Vec::new() }
    }

    /// Sets the back door. The [`Profile`] declares the operations that it supports.
    #[must_use]
    pub fn with_back_door(mut self, back_door: impl BackDoor) -> Self {
        self.back_door = Some(Arc::new(back_door));
        self
    }

    /// Sets the users to whom the sessions or tokens of an adapter refer. An adapter that runs all cases needs no others
    /// than its own.
    #[must_use]
    pub fn with_users(mut self, users: Arc<dyn UserAdapter>) -> Self {
        self.users = Some(users);
        self
    }

    /// Keeps a value until the store is closed: a temporary folder, for example.
    #[must_use]
    pub fn keep(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guards.push(Box::new(guard));
        self
    }

    /// Returns the adapter.
    #[must_use]
    pub fn adapter(&self) -> &Arc<A> {
        &self.adapter
    }
}

impl<A> fmt::Debug for Store<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("has_back_door", &self.back_door.is_some()).finish_non_exhaustive()
    }
}
