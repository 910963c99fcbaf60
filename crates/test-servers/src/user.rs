use std::{fs, os::unix::process::CommandExt, path::Path, process::Command};

/// A user of this system.
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// The user of this name, if this process is root's and there is one: servers that refuse to run as root run as it.
    pub(super) fn to_become(name: &str) -> Option<Self> {
        rustix::process::geteuid().is_root().then_some(())?;
        let users = fs::read_to_string("/etc/passwd").ok()?;
        let user = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = user.split(':').skip(1);
        Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }

    pub(super) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    pub(super) fn own(self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }
}
