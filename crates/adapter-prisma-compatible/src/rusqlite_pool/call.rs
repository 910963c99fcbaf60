use lucia_sql::driver::{DriverError, Query, Row};
use tokio::sync::oneshot;

/// Statements that take effect together or not at all, for the thread of the writer.
pub(super) struct Call {
    pub(super) queries: Vec<Query>,
    pub(super) reply: oneshot::Sender<Result<Written, DriverError>>,
}

/// The effect of the last statement of a call.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) rows: Vec<Row>,
    pub(super) count: u64,
}

impl Call {
    /// Returns `true` if nobody waits for the reply any more.
    pub(super) fn is_dropped(&self) -> bool {
        self.reply.is_closed()
    }

    pub(super) fn finish(self, outcome: Result<Written, DriverError>) {
        // An error means that nobody waits for it any more.
        let _ = self.reply.send(outcome);
    }
}
