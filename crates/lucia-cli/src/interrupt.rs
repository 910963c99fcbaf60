use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use crate::failure::Failure;

/// Notices Ctrl-C, so that a long command ends after the batch in which it is.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on, Ctrl-C does not end the program by itself.
    pub(crate) fn listen() -> Self {
        let is_set = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_set);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                flag.store(true, Relaxed);
            }
        });
        Self(is_set)
    }

    /// Returns an error after Ctrl-C. Call it between two batches.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.0.load(Relaxed) { Err("interrupted: run the command again to go on".into()) } else { Ok(()) }
    }
}
