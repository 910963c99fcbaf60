use std::{fmt, fs, io, path::Path, sync::Arc, thread, time::Duration};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{ServiceError, launch::Launch, watchdog::Watchdog};

/// Whether a server is ready.
pub(crate) type Probe = dyn Fn(&Server) -> bool + Send + Sync;

/// How long to wait between two looks at a server.
const PAUSE: Duration = Duration::from_millis(20);

/// How often, and how long after each other, a server that ends at once is started again.
const MAX_RESTARTS: u32 = 20;
const RESTART_PAUSE: Duration = Duration::from_millis(250);

/// A server process with a port and a temporary folder of its own. It ends when this value is dropped, or with the
/// process of the test, even if that is killed.
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
pub struct Server {
    launch: Launch,
    ready: Arc<Probe>,
    timeout: Duration,
    // Dropped before the folder: a server that still runs would write into a folder that is being removed.
    watchdog: Option<Watchdog>,
    folder: TempDir,
    port: u16,
}

impl Server {
    pub(crate) fn start(
        launch: Launch,
        ready: Arc<Probe>,
        timeout: Duration,
        folder: TempDir,
        port: u16,
    ) -> Result<Self, ServiceError> {
        let mut server = Self { launch, ready, timeout, watchdog: None, folder, port };
        server.run()?;
        Ok(server)
    }

    /// Returns the port that it listens on, at 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns its folder, which is removed when this value is dropped.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        let pid = self.watchdog.as_ref()?.server().as_raw_nonzero().get();
        u32::try_from(pid).ok()
    }

    /// Returns the last lines of its output.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read(self.folder().join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Kills it (`SIGKILL`).
    ///
    /// # Errors
    /// [`ServiceError::Late`] if it does not end in time.
    pub fn kill(&mut self) -> Result<(), ServiceError> {
        self.end(Signal::KILL)
    }

    /// Asks it to end (`SIGTERM`) and waits until it has.
    ///
    /// # Errors
    /// [`ServiceError::Late`] if it does not end in time.
    pub fn stop(&mut self) -> Result<(), ServiceError> {
        self.end(Signal::TERM)
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it is not running.
    pub fn signal(&self, signal: i32) -> Result<(), ServiceError> {
        let unknown = || ServiceError::io("signalling a server")(io::ErrorKind::InvalidInput.into());
        let signal = Signal::from_named_raw(signal).ok_or_else(unknown)?;
        self.running()?.signal(signal)
    }

    /// Stops it (`SIGSTOP`): connections stay open without an answer.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it is not running.
    pub fn pause(&self) -> Result<(), ServiceError> {
        self.running()?.signal(Signal::STOP)
    }

    /// Continues it (`SIGCONT`).
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it is not running.
    pub fn resume(&self) -> Result<(), ServiceError> {
        self.running()?.signal(Signal::CONT)
    }

    /// Starts it again on the same port and folder, unless it is running, and waits until it is ready.
    ///
    /// # Errors
    /// As [`ServerBuilder::start`](crate::ServerBuilder::start).
    pub fn restart(&mut self) -> Result<(), ServiceError> {
        if self.watchdog.is_some() {
            return Ok(());
        }
        let mut left = MAX_RESTARTS;
        loop {
            match self.run() {
                // Children of a killed server may live a little longer and hold what they share.
                Err(ServiceError::Ended { .. }) if left > 0 => left -= 1,
                result => return result,
            }
            thread::sleep(RESTART_PAUSE);
        }
    }

    fn run(&mut self) -> Result<(), ServiceError> {
        let folder = self.folder.path();
        let _ = fs::remove_file(folder.join("status"));
        self.watchdog = Some(Watchdog::start(&self.launch.filled(folder, self.port), folder)?);
        let ready = Arc::clone(&self.ready);
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
        let gone = || ServiceError::io("signalling a server")(io::ErrorKind::NotFound.into());
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

    /// Returns its exit status, if it has ended.
    fn status(&self) -> Option<String> {
        let status = fs::read_to_string(self.folder().join("status")).ok()?;
        Some(format!("status {}", status.trim()))
    }

    fn program(&self) -> String {
        self.launch.program.display().to_string()
    }

    fn wait<T>(&self, awaited: &'static str, probe: impl Fn(&Self) -> Option<T>) -> Result<T, ServiceError> {
        for _ in 0..self.timeout.as_millis() / PAUSE.as_millis() {
            if let Some(found) = probe(self) {
                return Ok(found);
            }
            thread::sleep(PAUSE);
        }
        let (program, log) = (self.program(), self.log());
        Err(ServiceError::Late { program, awaited, seconds: self.timeout.as_secs(), log })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("program", &self.launch.program)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
