//! What sentinels and clusters have in common.

use std::{env, thread, time::Duration};

use super::client::{Reply, call};
use crate::ServiceError;

/// Members find one another in seconds; on a busy machine it takes longer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// Returns the URLs in an environment variable, separated by commas.
pub(super) fn urls_from_env(variable: &str) -> Option<Vec<String>> {
    let urls = env::var(variable).ok().filter(|urls| !urls.is_empty())?;
    Some(urls.split(',').map(|url| url.trim().to_owned()).collect())
}

/// Waits until several servers form one service. The last error of the probe becomes the log of the error.
pub(super) fn wait(
    what: &str,
    awaited: &'static str,
    probe: impl Fn() -> Result<(), String>,
) -> Result<(), ServiceError> {
    let mut last_error = String::new();
    for _ in 0..TIMEOUT.as_millis() / PAUSE.as_millis() {
        match probe() {
            Ok(()) => return Ok(()),
            Err(error) => last_error = error,
        }
        thread::sleep(PAUSE);
    }
    Err(ServiceError::Late { program: what.to_owned(), awaited, seconds: TIMEOUT.as_secs(), log: last_error })
}

/// Sends a command. The error names the server and the command.
pub(super) fn ask(port: u16, command: &[&str]) -> Result<Reply, String> {
    call(port, command).map_err(|error| format!("{port}: {}: {error}", command.join(" ")))
}

/// Returns an error with this text if the condition is false.
pub(super) fn expect(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
