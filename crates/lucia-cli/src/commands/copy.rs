use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Clock as _, SessionScan, SessionSchema, SessionUpdate, SystemClock,
};
use serde::Serialize;

use super::scan::Scan;
use crate::{
    arguments::{CopyArguments, Names},
    failure::Failure,
    output::{Outcome, Output, table},
    store::SessionStore,
};

/// What became of the sessions of the first store.
#[derive(Debug, Default, Serialize)]
struct Counts {
    copied: usize,
    /// They were in the second store, and are now as in the first one.
    updated: usize,
    /// They were in the second store, as new or newer.
    unchanged: usize,
    /// They had expired, and were not copied.
    expired: usize,
    /// They were revoked while they were copied.
    revoked: usize,
    /// The second store does not know their user.
    without_user: usize,
    /// The second store cannot store them, or has another session under the id.
    rejected: usize,
    /// The first store cannot read them.
    unreadable: usize,
}

pub(super) async fn run(names: &Names, between: &CopyArguments, output: Output) -> Result<Outcome, Failure> {
    let CopyArguments { from, to, again } = between;
    if from == to {
        return Err("--from and --to are the same store".into());
    }
    let from = SessionStore::connect(from, names).await?.adapter(names).await?;
    let to = SessionStore::connect(to, names).await?.adapter(names).await?;
    if !again && !to.scan_sessions(None, 1).await?.session_ids.is_empty() {
        return Err(
            "the store of --to has sessions already. One that was revoked there since an earlier copy would be \
                    live again: add --again if no application uses it yet"
                .into(),
        );
    }
    let mut scan = Scan::new(&from, output.progress());
    let mut counts = Counts::default();
    while let Some(page) = scan.next().await? {
        counts.unreadable += page.unreadable;
        let mut written = Vec::new();
        for session in page.sessions {
            if session.is_expired(SystemClock.now()) {
                counts.expired += 1;
                continue;
            }
            match copy(&*to, &session).await {
                Ok(Copied::Inserted) => counts.copied += 1,
                Ok(Copied::Updated) => counts.updated += 1,
                Ok(Copied::Unchanged) => counts.unchanged += 1,
                Err(error) => match error.kind() {
                    Kind::InvalidUserId => counts.without_user += 1,
                    Kind::DuplicateSessionId | Kind::InvalidAttribute | Kind::UnsupportedId => counts.rejected += 1,
                    _ => return Err(error.into()),
                },
            }
            written.push(session.id);
        }
        // One that was revoked meanwhile must not be live in the other store.
        let left: Vec<_> = from.get_sessions(&written).await?.into_iter().map(|session| session.id).collect();
        for id in written.iter().filter(|id| !left.contains(id)) {
            if from.get_session(id).await?.is_none() {
                to.delete_session(id).await?;
                counts.revoked += 1;
            }
        }
    }
    let is_complete = counts.without_user + counts.rejected + counts.unreadable == 0;
    output.print(&counts, || describe(&counts))?;
    Ok(if is_complete { Outcome::Done } else { Outcome::Problems })
}

enum Copied {
    Inserted,
    Updated,
    Unchanged,
}

async fn copy(to: &dyn SessionScan, session: &SessionSchema) -> AdapterResult<Copied> {
    let error = match to.set_session(session).await {
        Ok(()) => return Ok(Copied::Inserted),
        Err(error) if error.kind() == Kind::DuplicateSessionId => error,
        Err(error) => return Err(error),
    };
    match to.get_session(&session.id).await? {
        Some(found) if found.user_id != session.user_id => Err(error),
        // An application that uses the other store already may have renewed it there.
        Some(found) if found.idle_expires >= session.idle_expires => Ok(Copied::Unchanged),
        Some(found) => {
            let renewal = SessionUpdate::renewal(session.active_expires, session.idle_expires);
            let renewal = renewal.with_expected_idle_expires(found.idle_expires);
            let renewal = renewal.with_attributes(session.attributes().clone());
            match to.update_session(&session.id, &renewal.map_err(|_| Kind::InvalidAttribute)?).await {
                Err(error) if matches!(error.kind(), Kind::Conflict | Kind::InvalidSessionId) => Ok(Copied::Unchanged),
                updated => updated.map(|()| Copied::Updated),
            }
        }
        None => Err(error),
    }
}

fn describe(counts: &Counts) -> String {
    let Counts { copied, updated, unchanged, expired, revoked, without_user, rejected, unreadable } = *counts;
    let rows = [
        (copied, "copied"),
        (updated, "updated"),
        (unchanged, "unchanged in the other store"),
        (expired, "expired, not copied"),
        (revoked, "revoked meanwhile, not copied"),
        (without_user, "not copied: the other store does not have their user"),
        (rejected, "not copied: the other store rejected them"),
        (unreadable, "not copied: they cannot be read"),
    ];
    let shown = rows.iter().enumerate().filter(|(index, (count, _))| *index == 0 || *count > 0);
    let rows: Vec<_> = shown.map(|(_, (count, what))| [count.to_string(), (*what).to_owned()]).collect();
    table(["sessions", ""], &rows)
}
