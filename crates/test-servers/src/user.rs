use std::{fs, io, os::unix::process::CommandExt as _, path::Path, process::Command};

/// A user of the operating system.
#[derive(Clone, Copy)]
pub(crate) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// Returns the user of this name, if this process runs as root and the user exists. Some servers refuse to run as
    /// root.
    pub(crate) fn instead_of_root(name: &str) -> Option<Self> {
        rustix::process::geteuid().is_root().then_some(())?;
        let users = fs::read_to_string("/etc/passwd").ok()?;
        let user = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = user.split(':').skip(1);
        Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }

    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }
}
