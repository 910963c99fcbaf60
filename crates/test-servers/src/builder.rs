use std::{
    fmt, fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use crate::{
    Server, ServiceError,
    launch::{Launch, fill},
    port::free_port,
    program::find_program,
    server::Probe,
    user::User,
};

/// The settings of a [`Server`] that is to be started. In arguments, files and variables, `{port}` stands for its port,
/// `{port+1}` to `{port+9}` for those above it, and `{folder}` for its folder.
#[derive(Clone)]
pub struct ServerBuilder {
    launch: Launch,
    files: Vec<(String, String)>,
    first: Vec<(PathBuf, Vec<String>)>,
    port_offsets: Vec<u16>,
    ready: Arc<Probe>,
    timeout: Duration,
}

impl Server {
    /// Creates a builder from a program: a name on `PATH`, or a path.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] if the program is not found.
    pub fn builder(program: &str) -> Result<ServerBuilder, ServiceError> {
        let found = find_program(program, &[]);
        let program = found.ok_or_else(|| ServiceError::Missing {
            program: program.to_owned(),
            package: "the package that contains it",
            alternative: String::new(),
        })?;
        Ok(ServerBuilder::new(program))
    }
}

impl ServerBuilder {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self {
            launch: Launch::new(program),
            files: Vec::new(),
            first: Vec::new(),
            port_offsets: Vec::new(),
            ready: Arc::new(|server| TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).is_ok()),
            timeout: Duration::from_secs(60),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.launch.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<String>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.launch.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.launch.variables.push((name.into(), value.into()));
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

    /// Runs the server as this user if the tests run as root and the user exists.
    #[must_use]
    pub fn instead_of_root(mut self, user: &str) -> Self {
        self.launch.user = User::instead_of_root(user);
        self
    }

    /// Also reserves the port at this distance above its own.
    #[must_use]
    pub fn port_offset(mut self, offset: u16) -> Self {
        self.port_offsets.push(offset);
        self
    }

    /// Sets the test of readiness. Defaults to whether the port accepts connections.
    #[must_use]
    pub fn ready(mut self, probe: impl Fn(&Server) -> bool + Send + Sync + 'static) -> Self {
        self.ready = Arc::new(probe);
        self
    }

    /// Sets the timeout of starting and of ending. Defaults to 60 s.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the name of the signal that ends it when it is dropped. Defaults to `KILL`, which also follows any other
    /// signal after 5 s.
    #[must_use]
    pub const fn last_signal(mut self, name: &'static str) -> Self {
        self.launch.last_signal = name;
        self
    }

    /// Starts the server on a free port and waits until it is ready.
    ///
    /// # Errors
    /// [`ServiceError::Ended`] with its log if it ends instead, [`ServiceError::Late`] if it is not ready in time, and
    /// [`ServiceError::Io`] if the system refuses a folder, a file or a process.
    pub fn start(self) -> Result<Server, ServiceError> {
        let mut retries = 4;
        loop {
            // Another process may have taken the port meanwhile.
            match self.clone().try_start() {
                Err(ServiceError::Ended { .. }) if retries > 0 => retries -= 1,
                result => return result,
            }
        }
    }

    fn try_start(self) -> Result<Server, ServiceError> {
        let folder =
            tempfile::Builder::new().prefix("lucia-").tempdir().map_err(ServiceError::io("creating a folder"))?;
        let port = free_port(&self.port_offsets)?;
        if let Some(user) = self.launch.user {
            user.own(folder.path()).map_err(ServiceError::io("changing the owner of a folder"))?;
        }
        for (name, content) in &self.files {
            let path = folder.path().join(name);
            let written = fs::write(&path, fill(content, folder.path(), port));
            let owned = written.and_then(|()| self.launch.user.map_or(Ok(()), |user| user.own(&path)));
            owned.map_err(ServiceError::io("writing a server's file"))?;
        }
        for (program, arguments) in &self.first {
            self.run_first(program, arguments, folder.path(), port)?;
        }
        Server::start(self.launch, self.ready, self.timeout, folder, port)
    }

    fn run_first(&self, program: &Path, arguments: &[String], folder: &Path, port: u16) -> Result<(), ServiceError> {
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|argument| fill(argument, folder, port))).current_dir(folder);
        if let Some(user) = self.launch.user {
            user.run(&mut command);
        }
        let output = command.output().map_err(ServiceError::io("preparing a server"))?;
        if output.status.success() {
            return Ok(());
        }
        let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Err(ServiceError::Ended { program: program.display().to_string(), status: output.status.to_string(), log })
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder").field("program", &self.launch.program).finish_non_exhaustive()
    }
}
