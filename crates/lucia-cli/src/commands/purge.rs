use lucia_core::{Clock as _, SystemClock, TokenAdapter as _, UnixMillis};
use serde_json::json;

use super::scan::BATCH;
use crate::{
    arguments::StoreArguments,
    failure::Failure,
    interrupt::Interrupt,
    output::{Outcome, Output},
    store::{self, SessionStore},
};

/// In milliseconds. The clocks of machines differ: what has expired for this one may be live for another.
const GRACE: i64 = 300_000;

pub(super) async fn run(stores: &StoreArguments, output: Output) -> Result<Outcome, Failure> {
    let before = UnixMillis::new(SystemClock.now().get().saturating_sub(GRACE));
    let (interrupt, progress) = (Interrupt::listen(), output.progress());
    let adapter = SessionStore::of(stores).await?.adapter(&stores.names).await?;
    let mut sessions = 0;
    loop {
        let deleted = adapter.delete_expired_sessions(before, BATCH).await?;
        sessions += deleted;
        progress.set_message(format!("{sessions} expired sessions deleted"));
        if deleted < BATCH {
            break;
        }
        interrupt.check()?;
    }
    let mut tokens = None;
    if stores.names.token_table.is_some() {
        let adapter = store::users(stores).await?.token_adapter(&stores.names).await?;
        let mut total = 0;
        loop {
            let deleted = adapter.delete_expired_tokens(before, BATCH).await?;
            total += deleted;
            progress.set_message(format!("{total} expired tokens and counters deleted"));
            if deleted < BATCH {
                break;
            }
            interrupt.check()?;
        }
        tokens = Some(total);
    }
    progress.finish_and_clear();
    output.print(&json!({"sessions": sessions, "tokens": tokens}), || {
        let tokens = tokens.map(|tokens| format!(", {tokens} expired tokens and counters")).unwrap_or_default();
        format!("{sessions} expired sessions{tokens} deleted")
    })?;
    Ok(Outcome::Done)
}
