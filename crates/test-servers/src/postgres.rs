use std::{fs, path::PathBuf};

use crate::{ServerBuilder, Service, ServiceError, program::find_program, service::Database};

const PASSWORD: &str = "lucia";

/// Returns the Postgres server that `LUCIA_TEST_POSTGRES_URL` names, or starts one.
///
/// # Errors
/// [`ServiceError`] if the server cannot be started.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let postgres = test_servers::postgres()?;
/// println!("{}", postgres.url()); // postgres://lucia:lucia@127.0.0.1:12345/postgres
/// # Ok(()) }
/// ```
pub fn postgres() -> Result<Service, ServiceError> {
    Service::from_env_or("LUCIA_TEST_POSTGRES_URL", Database::Postgres, || {
        let server = postgres_server()?.start()?;
        Ok((format!("postgres://lucia:{PASSWORD}@127.0.0.1:{}/postgres", server.port()), server))
    })
}

/// Configures a Postgres server with the superuser `lucia` and the password `lucia`. Settings can be added with `-c`.
///
/// A committed transaction survives a crash of the server, though not one of the machine.
///
/// # Errors
/// [`ServiceError::Missing`] if Postgres is not installed.
pub fn postgres_server() -> Result<ServerBuilder, ServiceError> {
    Ok(server_of(find("postgres")?, find("initdb")?))
}

/// Configures a replica of a [`postgres_server`], which serves reads. It begins with a copy of what the server has.
///
/// `SELECT pg_wal_replay_pause()` lets it fall behind, and `SELECT pg_wal_replay_resume()` catch up.
///
/// # Errors
/// [`ServiceError::Missing`] if Postgres is not installed.
pub fn postgres_replica_server(primary_port: u16) -> Result<ServerBuilder, ServiceError> {
    let primary = format!("host=127.0.0.1 port={primary_port} user=lucia password={PASSWORD}");
    let options = ["--pgdata={folder}/data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname"];
    let options = options.into_iter().map(String::from).chain([primary]);
    Ok(with_data(find("postgres")?).first(find("pg_basebackup")?, options))
}

/// Configures a server of these programs.
pub(crate) fn server_of(postgres: PathBuf, initdb: PathBuf) -> ServerBuilder {
    let options = [
        "--pgdata={folder}/data",
        "--username=lucia",
        "--pwfile={folder}/password",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ];
    with_data(postgres).file("password", PASSWORD).first(initdb, options)
}

/// Configures a server whose data another program creates first.
fn with_data(postgres: PathBuf) -> ServerBuilder {
    ServerBuilder::new(postgres)
        .instead_of_root("postgres")
        .args(["-D", "{folder}/data", "-p", "{port}", "-h", "127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=400"])
        // Also ends the processes of its sessions and frees shared memory.
        .last_signal("QUIT")
        .ready(|server| {
            let state = fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap_or_default();
            let line = |number| state.lines().nth(number).unwrap_or_default().trim();
            // A killed server leaves its file behind.
            line(7) == "ready" && line(0).parse().ok() == server.pid()
        })
}

fn find(name: &str) -> Result<PathBuf, ServiceError> {
    find_program(name, &debian_folders()).ok_or_else(|| ServiceError::Missing {
        program: String::from(name),
        package: "postgresql",
        alternative: ", or set LUCIA_TEST_POSTGRES_URL".to_owned(),
    })
}

/// Returns `/usr/lib/postgresql/<version>/bin`, the newest version first.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse::<u32>().ok()?, version.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}
