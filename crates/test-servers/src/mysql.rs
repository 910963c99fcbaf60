use std::path::PathBuf;

use crate::{ServerBuilder, Service, ServiceError, program::find_program, service::Database};

/// Returns the MySQL or MariaDB server that `LUCIA_TEST_MYSQL_URL` names, or starts one.
///
/// # Errors
/// [`ServiceError`] if the server cannot be started.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let mysql = test_servers::mysql()?;
/// println!("{}", mysql.url()); // mysql://lucia:lucia@127.0.0.1:12345/mysql
/// # Ok(()) }
/// ```
pub fn mysql() -> Result<Service, ServiceError> {
    Service::from_env_or("LUCIA_TEST_MYSQL_URL", Database::Mysql, || {
        let server = mysql_server()?.start()?;
        Ok((format!("mysql://lucia:lucia@127.0.0.1:{}/mysql", server.port()), server))
    })
}

/// Configures a MariaDB or MySQL server with the user `lucia`, who has all privileges, and the password `lucia`.
/// Options such as `--max-connections=10` can be added.
///
/// A committed transaction survives a crash of the server, though not one of the machine.
///
/// # Errors
/// [`ServiceError::Missing`] if neither program is installed.
pub fn mysql_server() -> Result<ServerBuilder, ServiceError> {
    let server = match (find_program("mariadbd", &[]), find_program("mariadb-install-db", &[])) {
        (Some(program), Some(install)) => mariadb(program, install),
        _ => mysqld(find_program("mysqld", &[]).ok_or_else(|| ServiceError::Missing {
            program: "mariadbd".to_owned(),
            package: "mariadb-server",
            alternative: ", or set LUCIA_TEST_MYSQL_URL".to_owned(),
        })?),
    };
    Ok(server
        .instead_of_root("mysql")
        .file("users.sql", USERS)
        .args([
            "--port={port}",
            "--bind-address=127.0.0.1",
            "--socket={folder}/socket",
            "--init-file={folder}/users.sql",
        ])
        .args(["--innodb-flush-log-at-trx-commit=2", "--max-connections=400", "--skip-log-bin"]))
}

/// Runs at every start.
const USERS: &str = "\
DROP USER IF EXISTS ''@'localhost';
CREATE USER IF NOT EXISTS 'lucia'@'%' IDENTIFIED BY 'lucia';
GRANT ALL ON *.* TO 'lucia'@'%' WITH GRANT OPTION;
";

/// A server with the temporary folder of another one would remove that one's temporary tables.
const FOLDERS: [&str; 3] = ["--no-defaults", "--datadir={folder}/data", "--tmpdir={folder}"];

fn mariadb(program: PathBuf, install: PathBuf) -> ServerBuilder {
    ServerBuilder::new(program)
        .first(install, FOLDERS.into_iter().chain(["--auth-root-authentication-method=normal", "--skip-test-db"]))
        .args(FOLDERS)
}

fn mysqld(program: PathBuf) -> ServerBuilder {
    ServerBuilder::new(program.clone())
        .first(program, FOLDERS.into_iter().chain(["--initialize-insecure"]))
        .args(FOLDERS)
        .arg("--mysqlx=OFF")
}
