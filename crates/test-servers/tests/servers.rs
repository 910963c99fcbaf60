//! The launchers of single servers, and the proxy.

#![cfg(unix)]

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use test_servers::{Cut, Proxy, Server, ServiceError};

/// Set in the process that aborts while its servers run.
const DYING: &str = "LUCIA_TEST_DYING_PROCESS";

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A child of the killed process may hold the socket a little longer.
fn stops_listening(port: u16) -> bool {
    eventually(|| !listens(port))
}

fn is_gone(pid: u32, folder: &Path) -> bool {
    eventually(|| {
        let signalled = Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status();
        !signalled.expect("`kill` is installed").success() && !folder.exists()
    })
}

fn eventually(holds: impl Fn() -> bool) -> bool {
    (0..1_000).any(|_| {
        let held = holds();
        if !held {
            thread::sleep(Duration::from_millis(10));
        }
        held
    })
}

#[test]
fn a_server_ends_with_its_value() {
    // PgBouncer connects to its server only when a client connects.
    let pgbouncer = test_servers::pgbouncer_server(1).unwrap();
    for server in [test_servers::postgres_server().unwrap(), test_servers::mysql_server().unwrap(), pgbouncer] {
        let server = server.start().unwrap();
        let (pid, port, folder) = (server.pid().unwrap(), server.port(), server.folder().to_owned());
        assert!(listens(port));
        drop(server);
        assert!(is_gone(pid, &folder), "{pid}");
        assert!(stops_listening(port));
    }
}

#[test]
fn a_killed_server_starts_again_with_its_data() {
    let mut server = test_servers::postgres_server().unwrap().start().unwrap();
    let (pid, port) = (server.pid().unwrap(), server.port());
    let version = fs::read(server.folder().join("data/PG_VERSION")).unwrap();
    server.kill().unwrap();
    assert!(stops_listening(port));
    assert_eq!(server.pid(), None);
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert_ne!(server.pid(), Some(pid));
    assert_eq!(fs::read(server.folder().join("data/PG_VERSION")).unwrap(), version);
    assert!(listens(port));
    server.pause().unwrap();
    server.resume().unwrap();
    server.stop().unwrap();
    assert!(stops_listening(port));
}

#[test]
fn a_replica_of_postgres_begins_as_a_copy() {
    let primary = test_servers::postgres_server().unwrap().start().unwrap();
    let replica = test_servers::postgres_replica_server(primary.port()).unwrap().start().unwrap();
    let data = |server: &Server, file| fs::read(server.folder().join("data").join(file)).ok();
    assert_eq!(data(&replica, "PG_VERSION"), data(&primary, "PG_VERSION"));
    assert!(data(&replica, "standby.signal").is_some() && data(&primary, "standby.signal").is_none());
    assert!(listens(primary.port()) && listens(replica.port()));
}

#[test]
fn postgres_18_is_started_from_a_package() {
    let server = test_servers::postgres_18_server(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap().start().unwrap();
    assert_eq!(fs::read_to_string(server.folder().join("data/PG_VERSION")).unwrap().trim(), "18");
    assert!(listens(server.port()));
}

/// Postgres ends at once while processes of the killed server hold its shared memory.
#[test]
fn a_restart_is_retried_while_the_server_ends_at_once() {
    const STARTS: &str = "echo >>starts; case $(wc -l <starts) in 2|3) exit 1;; esac; exec redis-server \"$@\"";
    let builder = Server::builder("sh").unwrap().args(["-c", STARTS, "sh", "--port", "{port}", "--save", ""]);
    let mut server = builder.start().unwrap();
    server.kill().unwrap();
    server.restart().unwrap();
    assert!(listens(server.port()));
    assert_eq!(fs::read_to_string(server.folder().join("starts")).unwrap(), "\n\n\n\n");
}

#[test]
fn servers_end_with_their_process() {
    if env::var_os(DYING).is_some() {
        // One server that is slow to end, and many whose end races with the removal of their folders.
        let mut builders = vec![test_servers::postgres_server().unwrap()];
        builders.extend((0..30).map(|_| test_servers::redis_server().unwrap()));
        let servers: Vec<_> = builders.into_iter().map(|builder| builder.start().unwrap()).collect();
        for server in &servers {
            println!("\nserver {} {}", server.pid().unwrap(), server.folder().display());
        }
        // Drops nothing.
        std::process::abort();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "servers_end_with_their_process", "--nocapture"])
        .env(DYING, "1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let servers: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("server ")).collect();
    assert_eq!(servers.len(), 31);
    for line in servers {
        let (pid, folder) = line.split_once(' ').unwrap();
        assert!(is_gone(pid.parse().unwrap(), &PathBuf::from(folder)), "{line}");
    }
}

#[test]
fn errors_contain_the_reason() {
    let missing = Server::builder("no-such-server").unwrap_err();
    assert!(matches!(missing, ServiceError::Missing { .. }), "{missing}");

    let ended = test_servers::postgres_server().unwrap().args(["-c", "no_such_setting=1"]).start().unwrap_err();
    assert!(matches!(ended, ServiceError::Ended { .. }) && ended.to_string().contains("no_such_setting"), "{ended}");

    let silent = test_servers::postgres_server().unwrap().ready(|_| false).timeout(Duration::from_millis(300));
    let late = silent.start().unwrap_err();
    assert!(matches!(late, ServiceError::Late { awaited: "ready", .. }), "{late}");
}

/// Starts a server that answers each byte with the next one.
fn counting_server() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut byte = [0];
                while client.read_exact(&mut byte).is_ok() && client.write_all(&[byte[0] + 1]).is_ok() {}
            });
        }
    });
    Ok(port)
}

fn ask(stream: &mut TcpStream, byte: u8) -> Option<u8> {
    let mut reply = [0];
    stream.write_all(&[byte]).ok()?;
    stream.read_exact(&mut reply).ok()?;
    Some(reply[0])
}

#[test]
fn a_proxy_counts_cuts_and_refuses() {
    let proxy = Proxy::start(counting_server().unwrap()).unwrap();
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();

    let mut stream = connect();
    assert_eq!([ask(&mut stream, 1), ask(&mut stream, 2)], [Some(2), Some(3)]);
    assert_eq!(proxy.requests(), 2);

    for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
        let mut stream = connect();
        proxy.cut_after(1, cut);
        assert_eq!([ask(&mut stream, 1), ask(&mut stream, 2)], [Some(2), None], "{cut:?}");
        assert!(!proxy.take_back_cut());
    }
    proxy.cut_after(1, Cut::BeforeReply);
    assert!(proxy.take_back_cut());

    let mut stream = connect();
    assert_eq!(ask(&mut stream, 1), Some(2));
    proxy.cut();
    assert_eq!(ask(&mut stream, 1), None);
    proxy.set_refusing(true);
    assert_eq!(ask(&mut connect(), 1), None);
    proxy.set_refusing(false);
    assert_eq!(ask(&mut connect(), 1), Some(2));
}

#[test]
fn a_proxy_moves_new_connections_to_another_server() {
    let proxy = Proxy::start(counting_server().unwrap()).unwrap();
    let mut before = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    assert_eq!(ask(&mut before, 1), Some(2));
    let refusing = Proxy::start(0).unwrap();
    refusing.set_refusing(true);
    proxy.set_target(refusing.port());
    let mut after = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    assert_eq!([ask(&mut before, 2), ask(&mut after, 1)], [Some(3), None]);
}
