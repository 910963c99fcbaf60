use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{ServerBuilder, ServiceError, builder::fill, watchdog::Watchdog};

/// How long to wait between two looks at a server.
const PAUSE: Duration = Duration::from_millis(20);

/// How often, and how long after each other, a server that ends instead is started again.
const RESTARTS: u32 = 20;
const RESTART_PAUSE: Duration = Duration::from_millis(250);

/// A server process of a test: it has a free port and a folder of its own, and ends with this value, or with the process of
/// the test, however that ends.
///
/// ```no_run
/// use test_servers::Server;
///
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let mut server = Server::builder("redis-server")?.args(["--port", "{port}", "--dir", "{folder}"]).start()?;
/// let url = format!("redis://127.0.0.1:{}", server.port());
/// server.kill()?;
/// server.restart()?; // the same port, the same folder
/// # let _ = url;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Server {
    builder: ServerBuilder,
    // It goes before the folder does: a server that still runs would write into what is being removed.
    watchdog: Option<Watchdog>,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// A server by its program: a name on `PATH`, or a path.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] if there is no such program.
    pub fn builder(program: &str) -> Result<ServerBuilder, ServiceError> {
        let found = find_program(program, &[]);
        let program = found.ok_or_else(|| ServiceError::Missing {
            program: program.to_owned(),
            package: "the package that has it",
            alternative: String::new(),
        })?;
        Ok(ServerBuilder::new(program))
    }

    pub(super) fn start(builder: ServerBuilder, folder: TempDir, port: u16) -> Result<Self, ServiceError> {
        let mut server = Self { builder, watchdog: None, folder, port };
        server.run()?;
        Ok(server)
    }

    /// The port that it listens on, at 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its folder, removed when it ends for good.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        let pid = self.watchdog.as_ref()?.server().as_raw_nonzero().get();
        u32::try_from(pid).ok()
    }

    /// The end of what it printed.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read(self.folder().join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Kills it at once (`SIGKILL`), without a chance to write or to say goodbye.
    ///
    /// # Errors
    /// [`ServiceError::Late`] if it is there still.
    pub fn kill(&mut self) -> Result<(), ServiceError> {
        self.end(Signal::KILL)
    }

    /// Asks it to end (`SIGTERM`), and waits until it has.
    ///
    /// # Errors
    /// [`ServiceError::Late`] if it is there still.
    pub fn stop(&mut self) -> Result<(), ServiceError> {
        self.end(Signal::TERM)
    }

    /// Sends it another signal.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it does not run.
    pub fn signal(&self, signal: i32) -> Result<(), ServiceError> {
        let unknown = || ServiceError::io("signalling a server")(std::io::ErrorKind::InvalidInput.into());
        let signal = Signal::from_named_raw(signal).ok_or_else(unknown)?;
        self.running()?.signal(signal)
    }

    /// Keeps it from running (`SIGSTOP`): connections stay open, and nobody answers.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it does not run.
    pub fn pause(&self) -> Result<(), ServiceError> {
        self.running()?.signal(Signal::STOP)
    }

    /// Lets it run again (`SIGCONT`).
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it does not run.
    pub fn resume(&self) -> Result<(), ServiceError> {
        self.running()?.signal(Signal::CONT)
    }

    /// Starts it again on the same port and folder, if it does not run, and waits until it is ready.
    ///
    /// # Errors
    /// As [`ServerBuilder::start`].
    pub fn restart(&mut self) -> Result<(), ServiceError> {
        if self.watchdog.is_some() {
            return Ok(());
        }
        let mut left = RESTARTS;
        loop {
            match self.run() {
                // The children of one that was killed may be there for a little longer, and keep what they shared.
                Err(ServiceError::Ended { .. }) if left > 0 => left -= 1,
                result => return result,
            }
            thread::sleep(RESTART_PAUSE);
        }
    }

    fn run(&mut self) -> Result<(), ServiceError> {
        let folder = self.folder.path();
        let _ = fs::remove_file(folder.join("status"));
        let ServerBuilder { arguments, variables, .. } = &self.builder;
        let arguments: Vec<_> = arguments.iter().map(|argument| fill(argument, folder, self.port)).collect();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.clone(), fill(value, folder, self.port))).collect();
        self.watchdog = Some(Watchdog::start(&self.builder, folder, &arguments, &variables)?);
        let ready = std::sync::Arc::clone(&self.builder.ready);
        let ended = self.wait("ready", |server| match server.status() {
            Some(status) => Some(Some(status)),
            None => ready(server).then_some(None),
        })?;
        let Some(status) = ended else { return Ok(()) };
        let (program, log) = (self.program(), self.log());
        self.watchdog.take().map_or(Ok(()), Watchdog::leave)?;
        Err(ServiceError::Ended { program, status, log })
    }

    fn running(&self) -> Result<&Watchdog, ServiceError> {
        let gone = || ServiceError::io("signalling a server")(std::io::ErrorKind::NotFound.into());
        self.watchdog.as_ref().ok_or_else(gone)
    }

    fn end(&mut self, signal: Signal) -> Result<(), ServiceError> {
        if self.watchdog.is_none() {
            return Ok(());
        }
        if self.status().is_none() {
            self.running()?.signal(signal)?;
        }
        self.wait("gone", |server| server.status())?;
        self.watchdog.take().map_or(Ok(()), Watchdog::leave)
    }

    /// How it ended, if it has.
    fn status(&self) -> Option<String> {
        let status = fs::read_to_string(self.folder().join("status")).ok()?;
        Some(format!("status {}", status.trim()))
    }

    fn program(&self) -> String {
        self.builder.program.display().to_string()
    }

    fn wait<T>(&self, awaited: &'static str, probe: impl Fn(&Self) -> Option<T>) -> Result<T, ServiceError> {
        let patience = self.builder.patience;
        let rounds = patience.as_millis() / PAUSE.as_millis();
        for _ in 0..rounds {
            if let Some(found) = probe(self) {
                return Ok(found);
            }
            thread::sleep(PAUSE);
        }
        let (program, log) = (self.program(), self.log());
        Err(ServiceError::Late { program, awaited, seconds: patience.as_secs(), log })
    }
}

/// The path of a program on `PATH` or, failing that, in one of these folders.
pub(super) fn find_program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where only root's PATH leads.
    let system = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")];
    let mut folders = env::split_paths(&path).chain(folders.iter().cloned()).chain(system);
    folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
}
