use std::{env, path::PathBuf};

/// Returns the path of a program: on `PATH`, in one of these folders, or where Debian keeps servers.
pub(crate) fn find_program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    // On Debian only root's PATH has these.
    let system = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")];
    let mut folders = env::split_paths(&path).chain(folders.iter().cloned()).chain(system);
    folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
}
