use serde_json::json;

use super::scan::Scan;
use crate::{
    arguments::StoreArguments,
    failure::Failure,
    interrupt::Interrupt,
    output::{Outcome, Output},
    store::{SessionStore, auth_of_sessions},
};

pub(super) async fn run(stores: &StoreArguments, dry_run: bool, output: Output) -> Result<Outcome, Failure> {
    let store = SessionStore::of(stores).await?.adapter(&stores.names).await?;
    if dry_run {
        let mut scan = Scan::new(&store, output.progress());
        let mut plain = 0;
        while let Some(page) = scan.next().await? {
            plain += page.ids.iter().filter(|id| !id.is_hash()).count();
        }
        output.print(&json!({"plain": plain}), || format!("{plain} plain session ids"))?;
        return Ok(Outcome::Done);
    }
    let (interrupt, progress) = (Interrupt::listen(), output.progress());
    let auth = auth_of_sessions(store.clone())?;
    let mut conversion = auth.hash_plain_sessions(&store)?;
    let (mut hashed, mut left) = (0, 0);
    while let Some(batch) = conversion.next_batch().await? {
        (hashed, left) = (batch.hashed, batch.left);
        progress.set_message(format!("{hashed} of {} session ids hashed", batch.scanned));
        interrupt.check()?;
    }
    progress.finish_and_clear();
    output.print(&json!({"hashed": hashed, "left": left}), || match left {
        0 => format!("{hashed} plain session ids replaced by their hashes"),
        left => {
            format!("{hashed} plain session ids replaced by their hashes; {left} could not be: run the command again")
        }
    })?;
    Ok(if left == 0 { Outcome::Done } else { Outcome::Problems })
}
