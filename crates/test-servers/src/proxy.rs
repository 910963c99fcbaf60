use std::{
    fmt,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use crate::ServiceError;

/// A TCP proxy that counts round trips, adds latency and cuts connections.
///
/// A request is everything that a client sends before the server's next answer, in however many packets. On a
/// connection that carries one call at a time, the number of requests is the number of round trips.
///
/// ```no_run
/// use std::time::Duration;
/// use test_servers::{Proxy, postgres_server};
///
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let server = postgres_server()?.start()?;
/// let proxy = Proxy::start(server.port())?;
/// proxy.set_delay(Duration::from_millis(10)); // in each direction
/// let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", proxy.port());
/// # let _ = url;
/// # Ok(()) }
/// ```
pub struct Proxy {
    port: u16,
    line: Arc<Line>,
}

/// The point of a round trip at which a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// The server does not receive the request.
    BeforeRequest,
    /// The client does not receive the reply, although the server may have carried out the request.
    BeforeReply,
}

/// The state that the threads of a proxy share.
#[derive(Debug, Default)]
struct Line {
    target: AtomicU16,
    delay_micros: AtomicU64,
    connections: AtomicU64,
    requests: AtomicU64,
    refuses: AtomicBool,
    ended: AtomicBool,
    cut: Mutex<Option<(u64, Cut)>>,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Starts a proxy to a port of this machine.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it cannot listen on a port.
    pub fn start(target: u16) -> Result<Self, ServiceError> {
        let starting = "starting a proxy";
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServiceError::io(starting))?;
        let port = listener.local_addr().map_err(ServiceError::io(starting))?.port();
        let line = Arc::new(Line { target: target.into(), ..Line::default() });
        let accepting = Arc::clone(&line);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.ended.load(SeqCst) {
                    return;
                }
                accepting.connect(&client);
            }
        });
        Ok(Self { port, line })
    }

    /// Returns the port that it listens on, at 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number of connections so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.line.connections.load(SeqCst)
    }

    /// Returns the number of requests so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.line.requests.load(SeqCst)
    }

    /// Sets the delay of everything that passes, in each direction.
    pub fn set_delay(&self, delay: Duration) {
        self.line.delay_micros.store(u64::try_from(delay.as_micros()).unwrap_or(u64::MAX), SeqCst);
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.line.cut();
    }

    /// Cuts all connections at the request after this many others.
    pub fn cut_after(&self, requests: u64, cut: Cut) {
        *lock(&self.line.cut) = Some((self.requests() + requests + 1, cut));
    }

    /// Cancels [`cut_after`](Self::cut_after). Returns `true` if the cut was still to come.
    #[must_use]
    pub fn take_back_cut(&self) -> bool {
        lock(&self.line.cut).take().is_some()
    }

    /// Sends new connections to another port, as an address does that moves in a fail-over. Open connections stay.
    pub fn set_target(&self, target: u16) {
        self.line.target.store(target, SeqCst);
    }

    /// Refuses new connections, or accepts them again.
    pub fn set_refusing(&self, refuses: bool) {
        self.line.refuses.store(refuses, SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.ended.store(true, SeqCst);
        self.line.cut();
        // Wakes the accepting thread.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("port", &self.port).field("target", &self.line.target).finish_non_exhaustive()
    }
}

impl Line {
    /// Connects a client to the server. If that fails, the connection of the client is closed.
    fn connect(self: &Arc<Self>, client: &TcpStream) {
        if self.refuses.load(SeqCst) {
            return;
        }
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target.load(SeqCst))) else { return };
        self.connections.fetch_add(1, SeqCst);
        let asks = Arc::new(AtomicBool::new(false));
        for (from, to, requesting) in [(client, &server, true), (&server, client, false)] {
            let (Ok(from), Ok(to), Ok(listed)) = (from.try_clone(), to.try_clone(), from.try_clone()) else { return };
            let _ = to.set_nodelay(true);
            lock(&self.open).push(listed);
            let (line, asks) = (Arc::clone(self), Arc::clone(&asks));
            thread::spawn(move || {
                line.carry(&from, &to, requesting, &asks);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }

    /// Copies bytes in one direction until either end is closed. `asks` is whether the client was the last to send.
    fn carry(&self, mut from: &TcpStream, mut to: &TcpStream, requesting: bool, asks: &AtomicBool) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = match from.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(length) => length,
            };
            let turns = asks.swap(requesting, SeqCst) != requesting;
            let number =
                if requesting && turns { self.requests.fetch_add(1, SeqCst) + 1 } else { self.requests.load(SeqCst) };
            let at = if requesting { Cut::BeforeRequest } else { Cut::BeforeReply };
            if turns && self.is_cut(number, at) {
                return self.cut();
            }
            thread::sleep(Duration::from_micros(self.delay_micros.load(SeqCst)));
            if to.write_all(&buffer[..length]).is_err() {
                return;
            }
        }
    }

    /// Returns whether the cut is due at this point. A cut happens once.
    fn is_cut(&self, number: u64, at: Cut) -> bool {
        lock(&self.cut).take_if(|(ordered, cut)| *ordered <= number && *cut == at).is_some()
    }

    fn cut(&self) {
        for stream in lock(&self.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
