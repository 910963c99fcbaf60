//! The conformance suite on Redis, on any topology: each case has its own prefixes.

mod door;
mod expiry;
mod faulty;

use std::{process::ExitCode, time::Duration};

use adapter_redis::{Connections, RedisConfig, RedisSessionAdapter, Topology};
use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store};
use lucia_core::{SplitAdapter, async_trait, memory::MemoryAdapter};
use tokio::sync::OnceCell;

use self::{door::Door, faulty::Faulty};

/// A busy machine is not an outage.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The servers under test.
#[async_trait]
pub(crate) trait Servers: Send + Sync + 'static {
    type Connections: Connections + Clone;

    async fn connect(&self) -> Result<Self::Connections, BoxError>;
}

/// Runs all cases, with users and keys in memory.
pub(crate) fn run(servers: impl Servers) -> ExitCode {
    adapter_tests::harness::adapter(Suite { servers, connections: OnceCell::new() })
}

struct Suite<S: Servers> {
    servers: S,
    /// The connections that all cases share, as in an application.
    connections: OnceCell<S::Connections>,
}

type Adapter<C> = SplitAdapter<MemoryAdapter, RedisSessionAdapter<Faulty<C>>>;

impl<S: Servers> Suite<S> {
    async fn open_as(&self, session: &str, user_session: &str) -> Result<Store<Adapter<S::Connections>>, BoxError> {
        let connections = self.connections.get_or_try_init(|| self.servers.connect()).await?.clone();
        let config = RedisConfig::new().session_prefix(session).user_sessions_prefix(user_session);
        let door = Door::new(connections.clone(), session, user_session);
        let faulty = Faulty::new(connections, door.faults());
        let sessions = RedisSessionAdapter::with_config(faulty, config).await?;
        Ok(Store::new(SplitAdapter::new(MemoryAdapter::new(), sessions)).with_back_door(door))
    }
}

#[async_trait]
impl<S: Servers> Backend for Suite<S> {
    type Adapter = Adapter<S::Connections>;

    fn profile(&self) -> Profile {
        let profile = Profile::all()
            .without(Promise::COLUMNS)
            .without([Promise::SessionsReferenceUsers])
            .with_access(Access::ALL);
        if S::Connections::TOPOLOGY == Topology::Cluster { profile.without([Promise::AtomicIndex]) } else { profile }
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        let name = unique();
        self.open_as(&format!("{name}:session"), &format!("{name}:userSession")).await
    }

    /// Opens two stores whose prefixes start alike. A prefix that extends another after a colon is not supported.
    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let name = unique();
        let one = self.open_as(&format!("{name}:a"), &format!("{name}:ab")).await?;
        let other = self.open_as(&format!("{name}:a*"), &format!("{name}:aa")).await?;
        Ok((one, other))
    }
}

/// Returns a name that is unique across cases and runs.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let random = tempfile::Builder::new().prefix("").rand_bytes(12).tempdir().map(|folder| folder.path().to_owned());
    let name = random.ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())).unwrap_or_default();
    format!("{name}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
