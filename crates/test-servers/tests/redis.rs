//! The launchers of Redis.
#![cfg(unix)]

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
};

use test_servers::{RedisCluster, RedisSentinel, ServiceError, redis_server};

/// Sends one line and returns the first part of the reply, or the error.
fn send(port: u16, line: &str) -> String {
    exchange(port, line).unwrap_or_else(|error| error.to_string())
}

fn exchange(port: u16, line: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    let mut reply = [0; 512];
    let length = stream.read(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply[..length]).trim_end().replace("\r\n", " "))
}

/// Sets `a` to 1, and waits for that many replicas. `WAIT` waits for the writes of its own connection only.
fn set_on_replicas(port: u16, replicas: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    write!(stream, "SET a 1\r\nWAIT {replicas} 5000\r\n")?;
    let replies = BufReader::new(stream).lines().take(2).collect::<io::Result<Vec<_>>>()?;
    assert_eq!(replies, ["+OK".to_owned(), format!(":{replicas}")]);
    Ok(())
}

#[test]
fn an_acknowledged_write_survives_a_kill() -> Result<(), ServiceError> {
    let mut server = redis_server()?.start()?;
    assert_eq!(send(server.port(), "SET a 1"), "+OK");
    server.kill()?;
    server.restart()?;
    assert_eq!(send(server.port(), "GET a"), "$1 1");
    Ok(())
}

#[test]
fn options_can_be_added() -> Result<(), ServiceError> {
    let server = redis_server()?.args(["--maxmemory", "3mb"]).start()?;
    assert_eq!(send(server.port(), "CONFIG GET maxmemory"), "*2 $9 maxmemory $7 3145728");
    Ok(())
}

#[test]
fn sentinels_replace_a_primary_and_take_it_back_as_a_replica() -> Result<(), ServiceError> {
    let mut redis = RedisSentinel::start()?;
    assert_eq!((redis.servers().len(), redis.urls().len(), redis.primary()), (3, 3, Some(0)));
    set_on_replicas(redis.servers()[0].port(), 2).unwrap();
    redis.servers_mut()[0].kill()?;
    let new = redis.wait_for_fail_over(0)?;
    assert_ne!(new, 0);
    assert_eq!(send(redis.servers()[new].port(), "GET a"), "$1 1");
    redis.servers_mut()[0].restart()?;
    redis.wait_until_ready()?;
    assert_eq!(redis.primary(), Some(new));
    Ok(())
}

#[test]
fn a_cluster_replaces_a_primary_and_takes_it_back_as_a_replica() -> Result<(), ServiceError> {
    let mut redis = RedisCluster::start()?;
    assert_eq!((redis.nodes().len(), redis.urls().len()), (6, 6));
    let old = redis.primary_of("a").unwrap();
    set_on_replicas(redis.nodes()[old].port(), 1).unwrap();
    redis.nodes_mut()[old].kill()?;
    let new = redis.wait_for_fail_over("a", old)?;
    assert_eq!(send(redis.nodes()[new].port(), "GET a"), "$1 1");
    redis.nodes_mut()[old].restart()?;
    redis.wait_until_ready()?;
    assert_eq!(redis.primary_of("a"), Some(new));
    Ok(())
}

#[test]
fn slots_move_with_their_keys() -> Result<(), ServiceError> {
    let redis = RedisCluster::start()?;
    let port = |node: usize| redis.nodes()[node].port();
    // The slot of this key is 15495, which the third primary begins with.
    assert_eq!((redis.primary_of("a"), send(port(2), "SET a 1").as_str()), (Some(2), "+OK"));
    redis.move_slots(2, 0, 15_400..=15_499)?;
    assert_eq!((redis.primary_of("a"), send(port(0), "GET a").as_str()), (Some(0), "$1 1"));
    assert!(send(port(2), "GET a").starts_with("-MOVED 15495"));
    Ok(())
}
