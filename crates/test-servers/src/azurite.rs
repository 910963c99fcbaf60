use std::path::Path;

use crate::{Server, ServerBuilder, ServiceError, http::status, npm::npm_packages};

/// A shared access signature of the account: the right to everything, until 2099.
const SIGNATURE: &str = "sv=2021-12-02&ss=b&srt=sco&sp=rwdlac&se=2099-01-01T00%3A00%3A00Z&spr=https%2Chttp\
    &sig=L21josHKKVxns%2Bzc87c3pUDhNx0k1NZPMUtv8iZsPsc%3D";

/// Configures Azurite, Microsoft's emulator of Azure Blob Storage, with the container `lucia`.
///
/// The account is `lucia`, its key `YSBrZXkgb2YgdGVzdHM=`, and the endpoint `http://127.0.0.1:{port}/lucia`. The package
/// is installed below `target`.
///
/// # Errors
/// Returns [`ServiceError::Missing`] if Node is missing, and the errors of [`npm_packages`].
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let target = std::path::Path::new("/tmp"); // env!("CARGO_TARGET_TMPDIR")
/// let azurite = test_servers::azurite_server(target)?.start()?;
/// let endpoint = format!("http://127.0.0.1:{}/lucia", azurite.port());
/// # let _ = endpoint;
/// # Ok(()) }
/// ```
pub fn azurite_server(target: &Path) -> Result<ServerBuilder, ServiceError> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages");
    let folder = npm_packages(&packages.join("azurite"), &[&packages.join("azurite.cjs")], target)?;
    let path = |file: &str| folder.join(file).display().to_string();
    let options = ["--blobHost", "127.0.0.1", "--blobPort", "{port}", "--inMemoryPersistence", "--silent"];
    Ok(Server::builder("node")?
        .args(["--require".to_owned(), path("azurite.cjs"), path("node_modules/azurite/dist/src/blob/main.js")])
        .args(options)
        // A busy server would close connections with unread requests after its keep-alive timeout.
        .args(["--blobKeepAliveTimeout", "60", "--disableTelemetry", "--skipApiVersionCheck"])
        .env("AZURITE_ACCOUNTS", "lucia:YSBrZXkgb2YgdGVzdHM=")
        .ready(|server| {
            let container = format!("/lucia/lucia?restype=container&{SIGNATURE}");
            matches!(status(server.port(), "PUT", &container, ""), Ok(201 | 409))
        }))
}
