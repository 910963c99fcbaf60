use crate::{ServerBuilder, ServiceError, program::find_program};

/// Configures `PgBouncer` in transaction mode in front of a [`postgres_server`](crate::postgres_server), with the same
/// user and password. It uses its connections to the server round robin, so that each transaction of a client runs on
/// another one.
///
/// # Errors
/// [`ServiceError::Missing`] if `PgBouncer` is not installed.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// use test_servers::{pgbouncer_server, postgres_server};
///
/// let postgres = postgres_server()?.start()?;
/// let pgbouncer = pgbouncer_server(postgres.port())?.start()?;
/// let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres?pgbouncer=true", pgbouncer.port());
/// # let _ = url;
/// # Ok(()) }
/// ```
pub fn pgbouncer_server(postgres_port: u16) -> Result<ServerBuilder, ServiceError> {
    let program = find_program("pgbouncer", &[]).ok_or_else(|| ServiceError::Missing {
        program: "pgbouncer".to_owned(),
        package: "pgbouncer",
        alternative: String::new(),
    })?;
    Ok(ServerBuilder::new(program)
        .instead_of_root("postgres")
        .file("users", r#""lucia" "lucia""#)
        .file("pgbouncer.ini", SETTINGS.replace("{postgres}", &postgres_port.to_string()))
        .arg("{folder}/pgbouncer.ini"))
}

const SETTINGS: &str = "\
[databases]
* = host=127.0.0.1 port={postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 5
max_client_conn = 1000
server_round_robin = 1
";
