use std::{io, ops::RangeInclusive};

use super::{
    client::{Connection, Reply, info_field},
    standalone::redis_server,
    topology::{ask, expect, urls_from_env, wait},
};
use crate::{Server, ServiceError};

const PRIMARIES: usize = 3;
const REPLICAS: usize = 3;
const SLOTS: u16 = 16_384;
/// The distance between the port of a node and its second port, for the other nodes.
const BUS: u16 = 10_000;

/// A cluster of three primaries with a replica each.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// use test_servers::RedisCluster;
///
/// let mut redis = RedisCluster::start()?;
/// let primary = redis.primary_of("session:s1").expect("a ready cluster serves every key");
/// redis.nodes_mut()[primary].kill()?;
/// redis.wait_for_fail_over("session:s1", primary)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RedisCluster {
    urls: Vec<String>,
    nodes: Vec<Server>,
}

/// Returns the cluster that `LUCIA_TEST_REDIS_CLUSTER_URLS` names, a list separated by commas, or starts one.
///
/// # Errors
/// [`ServiceError`] if it cannot be started.
pub fn redis_cluster() -> Result<RedisCluster, ServiceError> {
    match urls_from_env("LUCIA_TEST_REDIS_CLUSTER_URLS") {
        Some(urls) => Ok(RedisCluster { urls, nodes: Vec::new() }),
        None => RedisCluster::start(),
    }
}

impl RedisCluster {
    /// Starts all nodes, and waits until each reports a healthy cluster and the replicas are in sync.
    ///
    /// A primary that does not answer for 2 s is replaced.
    ///
    /// # Errors
    /// [`ServiceError`] if a node cannot be started, or if they do not find one another.
    pub fn start() -> Result<Self, ServiceError> {
        let nodes = (0..PRIMARIES + REPLICAS).map(|_| node()).collect::<Result<Vec<_>, _>>()?;
        let urls = nodes.iter().map(|node| format!("redis://127.0.0.1:{}", node.port())).collect();
        let cluster = Self { urls, nodes };
        cluster.introduce().map_err(refused)?;
        wait("Redis Cluster", "met", || cluster.nodes.iter().try_for_each(|node| cluster.check_acquaintance(node)))?;
        cluster.attach_replicas().map_err(refused)?;
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Returns the URLs of the nodes.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Returns the nodes, or an empty slice if this process did not start them.
    #[must_use]
    pub fn nodes(&self) -> &[Server] {
        &self.nodes
    }

    /// Returns the nodes, to stop and restart them.
    pub fn nodes_mut(&mut self) -> &mut [Server] {
        &mut self.nodes
    }

    /// Returns the index of the node that serves a key.
    #[must_use]
    pub fn primary_of(&self, key: &str) -> Option<usize> {
        self.nodes.iter().position(|node| serves(node.port(), key).unwrap_or(false))
    }

    /// Waits until another node than `old` serves a key and the cluster is healthy, and returns its index.
    ///
    /// # Errors
    /// [`ServiceError::Late`] if there is no fail-over in time.
    pub fn wait_for_fail_over(&self, key: &str, old: usize) -> Result<usize, ServiceError> {
        let new = || self.primary_of(key).filter(|new| *new != old);
        let others = || self.nodes.iter().enumerate().filter(|(position, _)| *position != old);
        wait("Redis Cluster", "failed over", || {
            new().ok_or("no other node serves the key")?;
            others().try_for_each(|(_, node)| check_state(node.port()))
        })?;
        new().ok_or_else(|| refused("the node no longer serves the key".to_owned()))
    }

    /// Waits until all nodes run, agree and are in sync.
    ///
    /// # Errors
    /// [`ServiceError::Late`] with what is missing.
    pub fn wait_until_ready(&self) -> Result<(), ServiceError> {
        wait("Redis Cluster", "ready", || self.nodes.iter().try_for_each(|node| self.check(node.port())))
    }

    /// Moves slots and their keys from one primary to another, one by one as `redis-cli --cluster reshard` does, while
    /// the cluster serves requests.
    ///
    /// # Errors
    /// [`ServiceError::Io`] with the error of a node.
    pub fn move_slots(&self, from: usize, to: usize, slots: RangeInclusive<u16>) -> Result<(), ServiceError> {
        let moving = || {
            let (mut from, mut to) = (Primary::open(&self.nodes[from])?, Primary::open(&self.nodes[to])?);
            slots.into_iter().try_for_each(|slot| move_slot(&slot.to_string(), &mut from, &mut to))
        };
        moving().map_err(|source| ServiceError::Io { doing: "moving slots of a Redis Cluster", source })
    }

    /// Assigns slots to the primaries, and introduces every node to the first.
    fn introduce(&self) -> Result<(), String> {
        let slots: Vec<_> = (0..SLOTS).map(|slot| slot.to_string()).collect();
        let shares = slots.chunks(slots.len().div_ceil(PRIMARIES));
        for (node, share) in self.nodes.iter().zip(shares) {
            let command: Vec<_> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(share.iter().map(String::as_str)).collect();
            call(node, &command)?;
        }
        let first = self.nodes[0].port().to_string();
        for (position, node) in self.nodes.iter().enumerate() {
            // Distinct from the start, so that no two nodes have to resolve a conflict.
            call(node, &["CLUSTER", "SET-CONFIG-EPOCH", &(position + 1).to_string()])?;
            if position > 0 {
                call(node, &["CLUSTER", "MEET", "127.0.0.1", &first])?;
            }
        }
        Ok(())
    }

    fn attach_replicas(&self) -> Result<(), String> {
        let (primaries, replicas) = self.nodes.split_at(PRIMARIES);
        for (primary, replica) in primaries.iter().zip(replicas) {
            let id = ask(primary.port(), &["CLUSTER", "MYID"])?;
            call(replica, &["CLUSTER", "REPLICATE", id.text()])?;
        }
        Ok(())
    }

    /// Checks that a node is connected with every other.
    fn check_acquaintance(&self, node: &Server) -> Result<(), String> {
        let nodes = ask(node.port(), &["CLUSTER", "NODES"])?;
        let connected = nodes.text().lines().filter(|line| line.contains(" connected") && !line.contains("handshake"));
        expect(connected.count() == self.nodes.len(), || format!("{}:\n{}", node.port(), nodes.text()))
    }

    fn check(&self, port: u16) -> Result<(), String> {
        check_state(port)?;
        let nodes = ask(port, &["CLUSTER", "NODES"])?;
        let healthy = |role: &str| nodes.text().lines().filter(|line| is_healthy(line, role)).count();
        expect((healthy("master"), healthy("slave")) == (PRIMARIES, REPLICAS), || {
            format!("{port}:\n{}", nodes.text())
        })?;
        let info = ask(port, &["INFO", "replication"])?;
        let in_sync = match info_field(info.text(), "role") {
            "slave" => info_field(info.text(), "master_link_status") == "up",
            _ => info.text().contains("state=online"),
        };
        expect(in_sync, || format!("{port}:\n{}", info.text()))
    }
}

fn node() -> Result<Server, ServiceError> {
    redis_server()?
        .port_offset(BUS)
        .args(["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"])
        // A replica may take over however long it was cut off from its primary.
        .args(["--cluster-replica-validity-factor", "0"])
        .start()
}

/// A connection to a node that slots are moved from or to.
struct Primary {
    connection: Connection,
    id: String,
    port: String,
}

impl Primary {
    fn open(node: &Server) -> io::Result<Self> {
        let mut connection = Connection::open(node.port())?;
        let id = connection.call(&["CLUSTER", "MYID"])?.text().to_owned();
        Ok(Self { connection, id, port: node.port().to_string() })
    }
}

fn move_slot(slot: &str, from: &mut Primary, to: &mut Primary) -> io::Result<()> {
    to.connection.call(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &from.id])?;
    from.connection.call(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &to.id])?;
    loop {
        let keys = from.connection.call(&["CLUSTER", "GETKEYSINSLOT", slot, "100"])?;
        let keys: Vec<_> = keys.items().iter().map(Reply::text).collect();
        if keys.is_empty() {
            break;
        }
        from.connection.call(&[&["MIGRATE", "127.0.0.1", &to.port, "", "0", "1000", "KEYS"], &keys[..]].concat())?;
    }
    // The target first, so that some node serves the slot at all times.
    to.connection.call(&["CLUSTER", "SETSLOT", slot, "NODE", &to.id])?;
    from.connection.call(&["CLUSTER", "SETSLOT", slot, "NODE", &to.id])?;
    Ok(())
}

fn call(node: &Server, command: &[&str]) -> Result<(), String> {
    ask(node.port(), command).map(drop)
}

fn check_state(port: u16) -> Result<(), String> {
    let info = ask(port, &["CLUSTER", "INFO"])?;
    let state = (info_field(info.text(), "cluster_state"), info_field(info.text(), "cluster_slots_ok"));
    expect(state == ("ok", &SLOTS.to_string()), || format!("{port}: {state:?}"))
}

/// Returns whether a line of `CLUSTER NODES` is a node in this role without a failure flag. The flags are the third
/// field.
fn is_healthy(line: &str, role: &str) -> bool {
    let flags = line.split(' ').nth(2).unwrap_or("");
    flags.strip_prefix("myself,").unwrap_or(flags) == role
}

fn serves(port: u16, key: &str) -> Result<bool, String> {
    let slot = match ask(port, &["CLUSTER", "KEYSLOT", key])? {
        Reply::Integer(slot) => slot,
        other => return Err(format!("{port}: expected a slot, found {other:?}")),
    };
    let nodes = ask(port, &["CLUSTER", "NODES"])?;
    let own = nodes.text().lines().find(|line| line.contains("myself,master")).unwrap_or("");
    Ok(own.split(' ').skip(8).filter_map(slots).any(|slots| slots.contains(&slot)))
}

/// Parses `0-5461` or `7`. Slots that are being moved are written differently and return `None`.
fn slots(text: &str) -> Option<RangeInclusive<i64>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn refused(reason: String) -> ServiceError {
    ServiceError::Io { doing: "creating a Redis Cluster", source: io::Error::other(reason) }
}
