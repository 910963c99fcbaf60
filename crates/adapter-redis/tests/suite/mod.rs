//! The conformance suite on Redis, on any topology: each case has its own prefixes.

mod door;
mod expiry;
mod faulty;

use std::{process::ExitCode, sync::Arc, time::Duration};

use adapter_redis::{Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter, Topology};
use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store, harness::Harness};
use lucia_core::{SplitAdapter, async_trait, memory::MemoryAdapter};
use tokio::sync::OnceCell;

use self::{
    door::{Door, Names},
    faulty::Faulty,
};

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
    let servers = Arc::new(Shared { servers, connections: OnceCell::new() });
    let (sessions, tokens) = (Arc::new(Sessions(Arc::clone(&servers))), Arc::new(Tokens(servers)));
    Harness::new().adapter(&sessions).session_scan(&sessions).token_adapter(&tokens).run()
}

/// The servers, and the connections that all cases share, as in an application.
struct Shared<S: Servers> {
    servers: S,
    connections: OnceCell<S::Connections>,
}

impl<S: Servers> Shared<S> {
    fn profile() -> Profile {
        let references = [Promise::SessionsReferenceUsers, Promise::TokensReferenceUsers];
        let profile = Profile::all().without(Promise::COLUMNS).without(references).with_access(Access::ALL);
        if S::Connections::TOPOLOGY == Topology::Cluster { profile.without([Promise::AtomicIndex]) } else { profile }
    }

    async fn open(&self, names: &Names) -> Result<Opened<S::Connections>, BoxError> {
        let connections = self.connections.get_or_try_init(|| self.servers.connect()).await?.clone();
        let config = RedisConfig::new()
            .session_prefix(&names.session)
            .user_sessions_prefix(&names.user_session)
            .token_prefix(&names.token)
            .user_tokens_prefix(&names.user_token)
            .counter_prefix(&names.counter);
        let door = Door::new(connections.clone(), names.clone());
        Ok(Opened { connections: Faulty::new(connections, door.faults()), config, door })
    }

    async fn open_new(&self) -> Result<Opened<S::Connections>, BoxError> {
        let names = ["session", "userSession", "token", "userToken", "counter"];
        self.open(&Names::new(&unique(), names)).await
    }

    /// Opens two stores whose prefixes start alike. A prefix that extends another after a colon is not supported.
    async fn open_neighbours(&self) -> Result<[Opened<S::Connections>; 2], BoxError> {
        let name = unique();
        let one = self.open(&Names::new(&name, ["a", "ab", "t", "tu", "c"])).await?;
        let other = self.open(&Names::new(&name, ["a*", "aa", "t*", "tt", "c*"])).await?;
        Ok([one, other])
    }
}

/// What an adapter is created from, and direct access to its keys.
struct Opened<C> {
    connections: Faulty<C>,
    config: RedisConfig,
    door: Door<C>,
}

impl<C: Connections + Clone> Opened<C> {
    async fn sessions(self) -> Result<Store<WithUsers<C>>, BoxError> {
        let sessions = RedisSessionAdapter::with_config(self.connections, self.config).await?;
        Ok(Store::new(SplitAdapter::new(MemoryAdapter::new(), sessions)).with_back_door(self.door))
    }

    async fn tokens(self) -> Result<Store<RedisTokenAdapter<Faulty<C>>>, BoxError> {
        let tokens = RedisTokenAdapter::with_config(self.connections, self.config).await?;
        Ok(Store::new(tokens).with_back_door(self.door))
    }
}

type WithUsers<C> = SplitAdapter<MemoryAdapter, RedisSessionAdapter<Faulty<C>>>;

/// Runs the cases for sessions.
struct Sessions<S: Servers>(Arc<Shared<S>>);

/// Runs the cases for tokens.
struct Tokens<S: Servers>(Arc<Shared<S>>);

#[async_trait]
impl<S: Servers> Backend for Sessions<S> {
    type Adapter = WithUsers<S::Connections>;

    fn profile(&self) -> Profile {
        Shared::<S>::profile()
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        self.0.open_new().await?.sessions().await
    }

    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let [one, other] = self.0.open_neighbours().await?;
        Ok((one.sessions().await?, other.sessions().await?))
    }
}

#[async_trait]
impl<S: Servers> Backend for Tokens<S> {
    type Adapter = RedisTokenAdapter<Faulty<S::Connections>>;

    fn profile(&self) -> Profile {
        Shared::<S>::profile()
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        self.0.open_new().await?.tokens().await
    }

    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let [one, other] = self.0.open_neighbours().await?;
        Ok((one.tokens().await?, other.tokens().await?))
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
