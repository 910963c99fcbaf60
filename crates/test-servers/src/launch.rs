use std::path::{Path, PathBuf};

use crate::user::User;

/// How the process of a server is started and ended.
#[derive(Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) user: Option<User>,
    pub(crate) last_signal: &'static str,
}

impl Launch {
    pub(crate) const fn new(program: PathBuf) -> Self {
        Self { program, arguments: Vec::new(), variables: Vec::new(), user: None, last_signal: "KILL" }
    }

    /// Returns the launch with the folder and the port in the place of their names.
    pub(crate) fn filled(&self, folder: &Path, port: u16) -> Self {
        let fill = |text: &String| fill(text, folder, port);
        Self {
            arguments: self.arguments.iter().map(fill).collect(),
            variables: self.variables.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
            ..self.clone()
        }
    }
}

/// Replaces `{port}`, `{port+1}` to `{port+9}`, and `{folder}`.
pub(crate) fn fill(text: &str, folder: &Path, port: u16) -> String {
    let filled = text.replace("{port}", &port.to_string()).replace("{folder}", &folder.to_string_lossy());
    (1..10).fold(filled, |text, offset| text.replace(&format!("{{port+{offset}}}"), &(port + offset).to_string()))
}
