//! Databases in containers, where Docker answers.

use std::{
    env,
    net::TcpStream,
    os::unix::net::UnixStream,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
};

use testcontainers_modules::{
    mariadb::Mariadb,
    postgres::Postgres,
    redis::Redis,
    testcontainers::{ContainerRequest, Image, ImageExt, TestcontainersError, runners::SyncRunner},
};

use crate::ServiceError;

/// A container. It is removed when this value is dropped, or with the process of the test, even if that is killed.
#[derive(Debug)]
pub(crate) struct Container {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    watchdog: Child,
}

pub(crate) fn redis() -> Result<Option<(String, Container)>, ServiceError> {
    start(Redis::default().with_tag("7.2"), 6379, |address| format!("redis://{address}"))
}

pub(crate) fn postgres() -> Result<Option<(String, Container)>, ServiceError> {
    let arguments = ["postgres", "-c", "fsync=off", "-c", "max_connections=400"];
    let image = Postgres::default().with_tag("17-alpine").with_cmd(arguments);
    start(image, 5432, |address| format!("postgres://postgres:postgres@{address}/postgres"))
}

pub(crate) fn mysql() -> Result<Option<(String, Container)>, ServiceError> {
    let image = Mariadb::default().with_tag("11.4").with_cmd(["--max-connections=400"]);
    start(image, 3306, |address| format!("mysql://root@{address}/mysql"))
}

/// Starts a container and waits until it is ready. Returns `None` if Docker does not answer.
fn start<I: Image + 'static>(
    image: ContainerRequest<I>,
    port: u16,
    url: impl FnOnce(&str) -> String,
) -> Result<Option<(String, Container)>, ServiceError> {
    if !engine_answers() {
        return Ok(None);
    }
    let (started, outcome) = channel();
    let (end, ended) = channel();
    // testcontainers blocks on a runtime of its own, which is not allowed within a runtime.
    let thread = thread::spawn(move || run(image, port, &started, &ended));
    let failed = |error| ServiceError::io("starting a container")(std::io::Error::other(error));
    let (id, address) = match outcome.recv() {
        Ok(outcome) => outcome.map_err(|error| failed(error.to_string()))?,
        Err(_) => return Err(failed("the thread of the container ended".to_owned())),
    };
    // Removes the container if this process is killed, or ends while a static holds the container.
    let mut watchdog = Command::new("sh");
    watchdog.args(["-c", r#"read -r _; docker rm --force --volumes "$1""#, "sh", &id]);
    watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let watchdog = watchdog.spawn().map_err(ServiceError::io("watching a container"))?;
    Ok(Some((url(&address), Container { end: Some(end), thread: Some(thread), watchdog })))
}

/// Keeps a container until the other end of `ended` is dropped.
fn run<I: Image>(
    image: ContainerRequest<I>,
    port: u16,
    started: &Sender<Result<(String, String), TestcontainersError>>,
    ended: &Receiver<()>,
) {
    let container = image.start().and_then(|container| {
        let address = format!("{}:{}", container.get_host()?, container.get_host_port_ipv4(port)?);
        Ok((container, address))
    });
    match container {
        Ok((container, address)) => {
            let _ = started.send(Ok((container.id().to_owned(), address)));
            let _ = ended.recv();
        }
        Err(error) => drop(started.send(Err(error))),
    }
}

/// Returns whether a process listens where Docker would.
fn engine_answers() -> bool {
    let host = env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    match host.split_once("://") {
        Some(("unix", path)) => UnixStream::connect(path).is_ok(),
        Some((_, address)) => TcpStream::connect(address).is_ok(),
        None => false,
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread cannot be handled here.
            let _ = thread.join();
        }
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}
