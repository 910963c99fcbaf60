use std::{
    fmt, io,
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

use super::{
    Conflict, mysql,
    plan::{Failing, Plan},
    postgres,
};
use crate::ServiceError;

/// A proxy to a database that makes single statements fail as if they conflicted with another transaction, or the reply
/// to a commit was lost.
///
/// The server itself fails in their place, with the error code of the conflict, so that the state of its transaction is
/// that after a real one: after a conflict at `COMMIT`, everything is rolled back. Preparing a statement and executing it count
/// as two statements, and `ROLLBACK` never fails. Connections are not encrypted.
///
/// ```no_run
/// use test_servers::{Conflict, FailingProxy, postgres_server};
///
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let server = postgres_server()?.start()?;
/// let proxy = FailingProxy::postgres(server.port())?;
/// let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", proxy.port());
/// proxy.fail_after(1, Conflict::Serialization); // the second statement
/// # let _ = url;
/// // …
/// assert_eq!(proxy.take_failed(), ["COMMIT"]);
/// # Ok(()) }
/// ```
pub struct FailingProxy {
    port: u16,
    plan: Arc<Plan>,
    ended: Arc<AtomicBool>,
}

#[derive(Clone, Copy)]
enum Protocol {
    Postgres,
    MySql,
}

impl FailingProxy {
    /// Starts a proxy to a Postgres server of this machine.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it cannot listen on a port.
    pub fn postgres(target: u16) -> Result<Self, ServiceError> {
        Self::start(Protocol::Postgres, target)
    }

    /// Starts a proxy to a MySQL or MariaDB server of this machine.
    ///
    /// # Errors
    /// [`ServiceError::Io`] if it cannot listen on a port.
    pub fn mysql(target: u16) -> Result<Self, ServiceError> {
        Self::start(Protocol::MySql, target)
    }

    fn start(protocol: Protocol, target: u16) -> Result<Self, ServiceError> {
        let starting = "starting a proxy";
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServiceError::io(starting))?;
        let port = listener.local_addr().map_err(ServiceError::io(starting))?.port();
        let (plan, ended) = (Arc::new(Plan::default()), Arc::new(AtomicBool::new(false)));
        let proxy = Self { port, plan: Arc::clone(&plan), ended: Arc::clone(&ended) };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ended.load(SeqCst) {
                    return;
                }
                // If that fails, the connection of the client is closed.
                let _ = connect(protocol, &plan, client, target);
            }
        });
        Ok(proxy)
    }

    /// Returns the port that it listens on, at 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Makes one statement fail: the one after this many others.
    pub fn fail_after(&self, statements: u64, conflict: Conflict) {
        self.plan.set(conflict, Failing::After(statements));
    }

    /// Makes every statement fail.
    pub fn fail_every(&self, conflict: Conflict) {
        self.plan.set(conflict, Failing::Every);
    }

    /// Lets all statements pass, and returns those that have failed.
    #[must_use]
    pub fn take_failed(&self) -> Vec<String> {
        self.plan.clear()
    }
}

/// Connects a client to the server, with a thread for each direction.
fn connect(protocol: Protocol, plan: &Arc<Plan>, client: TcpStream, target: u16) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let back = (server.try_clone()?, client.try_clone()?);
    let plan = Arc::clone(plan);
    match protocol {
        Protocol::Postgres => {
            let replies = Arc::new(postgres::Replies::default());
            let seen = Arc::clone(&replies);
            carry(client, server, move |client, server| postgres::carry_requests(&plan, &replies, client, server));
            carry(back.0, back.1, move |server, client| postgres::carry_replies(&seen, server, client));
        }
        Protocol::MySql => {
            let session = Arc::new(mysql::Session::default());
            let seen = Arc::clone(&session);
            carry(client, server, move |client, server| mysql::carry_requests(&plan, &session, client, server));
            carry(back.0, back.1, move |server, client| mysql::carry_replies(&seen, server, client));
        }
    }
    Ok(())
}

/// Carries one direction in a thread of its own, until either end is closed.
fn carry(from: TcpStream, to: TcpStream, run: impl FnOnce(&TcpStream, &TcpStream) -> io::Result<()> + Send + 'static) {
    thread::spawn(move || {
        let _ = run(&from, &to);
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}

impl Drop for FailingProxy {
    fn drop(&mut self) {
        self.ended.store(true, SeqCst);
        // Wakes the accepting thread.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl fmt::Debug for FailingProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailingProxy").field("port", &self.port).finish_non_exhaustive()
    }
}
