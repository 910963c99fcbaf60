use super::{check, cluster::Cluster, single::Single, store::Store};
use crate::{
    config::RedisConfig,
    connections::{Connections, Topology},
    setup_error::SetupError,
};

/// The operations of both adapters, for the topology of the connections.
pub(super) enum Operations<C> {
    Single(Single<C>),
    Cluster(Cluster<C>),
}

impl<C: Connections> Operations<C> {
    /// Checks the prefixes, and the version and the mode of the server.
    pub(super) async fn open(connections: C, config: RedisConfig) -> Result<Self, SetupError> {
        config.prefixes.check()?;
        check::server(&mut connections.connection().await?, C::TOPOLOGY).await?;
        let store = Store::new(connections, config);
        Ok(match C::TOPOLOGY {
            Topology::Single => Self::Single(Single::new(store)),
            Topology::Cluster => Self::Cluster(Cluster { store }),
        })
    }
}

impl<C> Operations<C> {
    pub(super) const fn store(&self) -> &Store<C> {
        match self {
            Self::Single(single) => &single.store,
            Self::Cluster(cluster) => &cluster.store,
        }
    }
}
