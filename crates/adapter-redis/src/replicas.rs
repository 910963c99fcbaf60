use std::time::Duration;

use redis::Cmd;

use crate::error::Error;

/// The number of replicas that must confirm a deletion, and the timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) timeout: Duration,
}

impl Replicas {
    pub(crate) fn wait(self) -> Cmd {
        let mut command = redis::cmd("WAIT");
        // 0 would mean no timeout.
        command.arg(self.count).arg(self.timeout.as_millis().clamp(1, i64::MAX as u128) as u64);
        command
    }

    pub(crate) const fn check(self, found: u32) -> Result<(), Error> {
        if found < self.count { Err(Error::Replicas { found, wanted: self.count }) } else { Ok(()) }
    }
}
