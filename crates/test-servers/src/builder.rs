use std::{
    fmt, fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use super::{Server, ServiceError, port::free_port, user::User};

type Probe = dyn Fn(&Server) -> bool + Send + Sync;

/// How a [`Server`] is started. In arguments, files and variables `{port}` is its port and `{folder}` its folder.
#[derive(Clone)]
pub struct ServerBuilder {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
    files: Vec<(String, String)>,
    first: Vec<(PathBuf, Vec<String>)>,
    user: Option<User>,
    port_offsets: Vec<u16>,
    pub(super) ready: Arc<Probe>,
    pub(super) patience: Duration,
    pub(super) last_signal: &'static str,
}

impl ServerBuilder {
    pub(super) fn new(program: PathBuf) -> Self {
        Self {
            program,
            arguments: Vec::new(),
            variables: Vec::new(),
            files: Vec::new(),
            first: Vec::new(),
            user: None,
            port_offsets: Vec::new(),
            ready: Arc::new(|server| TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).is_ok()),
            patience: Duration::from_secs(60),
            last_signal: "KILL",
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Writes a file into the folder before the first start.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, content: impl Into<String>) -> Self {
        self.files.push((name.into(), content.into()));
        self
    }

    /// Runs a program before the first start.
    #[must_use]
    pub fn first<A: Into<String>>(
        mut self,
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.first.push((program.into(), arguments.into_iter().map(Into::into).collect()));
        self
    }

    /// Runs as this user instead of root, where the tests run as root and there is such a user.
    #[must_use]
    pub fn instead_of_root(mut self, user: &str) -> Self {
        self.user = User::to_become(user);
        self
    }

    /// Has the port so far above its own free, too.
    #[must_use]
    pub fn port_offset(mut self, offset: u16) -> Self {
        self.port_offsets.push(offset);
        self
    }

    /// Says when the server is ready. The default: when its port takes connections.
    #[must_use]
    pub fn ready(mut self, probe: impl Fn(&Server) -> bool + Send + Sync + 'static) -> Self {
        self.ready = Arc::new(probe);
        self
    }

    /// How long it may take to start, and to end. The default: a minute.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The name of the signal that ends it for good. The default: `KILL`, which also follows five seconds after another one.
    #[must_use]
    pub const fn last_signal(mut self, name: &'static str) -> Self {
        self.last_signal = name;
        self
    }

    /// Starts the server on a free port and waits until it is ready.
    ///
    /// # Errors
    /// [`ServiceError::Ended`] with its log if it ends instead, [`ServiceError::Late`] if it is not ready in time, and
    /// [`ServiceError::Missing`] if there is no such program.
    pub fn start(self) -> Result<Server, ServiceError> {
        let mut attempts = 4;
        loop {
            // Somebody else may have taken the port by now.
            match self.clone().try_start() {
                Err(ServiceError::Ended { .. }) if attempts > 0 => attempts -= 1,
                result => return result,
            }
        }
    }

    fn try_start(self) -> Result<Server, ServiceError> {
        let folder =
            tempfile::Builder::new().prefix("lucia-").tempdir().map_err(ServiceError::io("making a folder"))?;
        let port = free_port(&self.port_offsets)?;
        if let Some(user) = self.user {
            user.own(folder.path()).map_err(ServiceError::io("giving a folder away"))?;
        }
        for (name, content) in &self.files {
            let path = folder.path().join(name);
            let written = fs::write(&path, fill(content, folder.path(), port));
            let owned = written.and_then(|()| self.user.map_or(Ok(()), |user| user.own(&path)));
            owned.map_err(ServiceError::io("writing a server's file"))?;
        }
        for (program, arguments) in &self.first {
            self.run_first(program, arguments, folder.path(), port)?;
        }
        Server::start(self, folder, port)
    }

    fn run_first(&self, program: &Path, arguments: &[String], folder: &Path, port: u16) -> Result<(), ServiceError> {
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|argument| fill(argument, folder, port))).current_dir(folder);
        if let Some(user) = self.user {
            user.run(&mut command);
        }
        let output = command.output().map_err(ServiceError::io("preparing a server"))?;
        if output.status.success() {
            return Ok(());
        }
        let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Err(ServiceError::Ended { program: program.display().to_string(), status: output.status.to_string(), log })
    }

    pub(super) const fn user(&self) -> Option<User> {
        self.user
    }
}

/// Puts in what is known only at the start.
pub(super) fn fill(text: &str, folder: &Path, port: u16) -> String {
    text.replace("{port}", &port.to_string()).replace("{folder}", &folder.to_string_lossy())
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder").field("program", &self.program).finish_non_exhaustive()
    }
}
