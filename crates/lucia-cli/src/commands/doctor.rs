use std::{sync::Arc, time::Duration};

use adapter_prisma_compatible::SetupError;
use adapter_redis::SetupError as RedisError;
use lucia_core::{Clock as _, SessionScan, SystemClock, UnixMillis};
use serde::Serialize;
use serde_json::json;

use super::scan::Scan;
use crate::{
    arguments::{Names, StoreArguments},
    failure::Failure,
    output::{Outcome, Output, table},
    store::{self, Database, Redis, SessionStore},
};

/// Sessions and tokens expire by the clocks of the application's machines.
const MAX_DIFFERENCE: Duration = Duration::from_secs(2);

/// Something that is wrong.
#[derive(Debug, Serialize)]
struct Finding {
    store: &'static str,
    problem: String,
    remedy: String,
}

#[derive(Debug, Default, Serialize)]
struct Sessions {
    live: usize,
    expired: usize,
    /// Those whose id is their token.
    plain: usize,
    unreadable: usize,
}

pub(super) async fn run(stores: &StoreArguments, output: Output) -> Result<Outcome, Failure> {
    let (names, mut findings) = (&stores.names, Vec::new());
    let sessions_in = SessionStore::of(stores).await?;
    let mut sessions: Option<Arc<dyn SessionScan>> = None;
    if stores.database.is_some() {
        let database = store::users(stores).await?;
        if stores.sessions.is_none() {
            sessions = check_sessions(&mut findings, &database, names).await?;
        } else {
            mismatches(&mut findings, &database, database.user_adapter(names).await.map(drop))?;
        }
        if names.token_table.is_some() {
            mismatches(&mut findings, &database, database.token_adapter(names).await.map(drop))?;
        }
        check_clock(&mut findings, &database).await?;
    }
    if stores.sessions.is_some() {
        sessions = match &sessions_in {
            SessionStore::Redis(redis) => check_redis(&mut findings, redis, names).await?,
            SessionStore::Database(database) => {
                check_clock(&mut findings, database).await?;
                check_sessions(&mut findings, database, names).await?
            }
            SessionStore::Unstorage(_) => Some(sessions_in.adapter(names).await?),
        };
    }
    let counts = match &sessions {
        Some(sessions) => Some(count(sessions, output).await?),
        None => None,
    };
    if let Some(counts) = &counts {
        judge(&mut findings, counts, sessions_in.name());
    }

    let is_healthy = findings.is_empty();
    output.print(&json!({"sessions": counts, "findings": findings}), || {
        let counts = counts.map(|counts| {
            let Sessions { live, expired, plain, unreadable } = counts;
            format!("sessions: {live} live, {expired} expired, {plain} with a plain id, {unreadable} unreadable\n")
        });
        let rows: Vec<_> = findings
            .iter()
            .map(|Finding { store, problem, remedy }| [(*store).to_owned(), problem.clone(), remedy.clone()])
            .collect();
        let findings =
            if is_healthy { "nothing is wrong".to_owned() } else { table(["store", "problem", "remedy"], &rows) };
        counts.unwrap_or_default() + &findings
    })?;
    Ok(if is_healthy { Outcome::Done } else { Outcome::Problems })
}

/// Adds the mismatches of tables. Another error ends the command.
fn mismatches(findings: &mut Vec<Finding>, database: &Database, opened: Result<(), SetupError>) -> Result<(), Failure> {
    match opened {
        Err(SetupError::Mismatch(mismatches)) => {
            for mismatch in mismatches {
                let text = mismatch.to_string();
                // The text says what to do after a colon, or what is needed in parentheses.
                let (problem, remedy) = text.split_once(": ").unwrap_or((&text, ""));
                let (problem, remedy) = (problem.to_owned(), remedy.to_owned());
                let is_new = findings.iter().all(|finding| finding.problem != problem);
                if is_new {
                    findings.push(Finding { store: database.name(), problem, remedy });
                }
            }
            Ok(())
        }
        opened => Ok(opened?),
    }
}

/// Checks tables with sessions, and returns their adapter if they fit.
async fn check_sessions(
    findings: &mut Vec<Finding>,
    database: &Database,
    names: &Names,
) -> Result<Option<Arc<dyn SessionScan>>, Failure> {
    let adapter = match database.adapter(names).await {
        Ok(adapter) => Arc::new(adapter),
        Err(error) => return mismatches(findings, database, Err(error)).map(|()| None),
    };
    for (table, column, what) in [
        (&names.session_table, "user_id", "listing and revoking the sessions of a user reads all sessions"),
        (&names.session_table, "idle_expires", "each batch of a purge reads all sessions"),
        (&names.key_table, "user_id", "finding the keys of a user reads all keys"),
    ] {
        if !database.has_index(names, table, column).await? {
            let problem = format!("no index begins with `{column}` of table `{table}`, so that {what}");
            let remedy = database.create_index(names, table, column);
            findings.push(Finding { store: database.name(), problem, remedy });
        }
    }
    Ok(Some(adapter))
}

async fn check_clock(findings: &mut Vec<Finding>, database: &Database) -> Result<(), Failure> {
    let started = SystemClock.now();
    if let Some(now) = database.now().await? {
        compare_clocks(findings, database.name(), started, now);
    }
    Ok(())
}

/// Checks a server with sessions, and returns their adapter if it fits.
async fn check_redis(
    findings: &mut Vec<Finding>,
    redis: &Redis,
    names: &Names,
) -> Result<Option<Arc<dyn SessionScan>>, Failure> {
    let started = SystemClock.now();
    let info = redis.info().await?;
    compare_clocks(findings, "Redis", started, info.now);
    if let Some(policy) = info.eviction.filter(|policy| policy != "noeviction") {
        let problem = format!(
            "the server evicts keys with the policy {policy} when its memory is full, which signs users out, and a session \
             that is not in its index any more is missed when all are revoked"
        );
        findings.push(Finding { store: "Redis", problem, remedy: "set maxmemory-policy to noeviction".to_owned() });
    }
    match redis.adapter(names).await {
        Ok(adapter) => Ok(Some(Arc::new(adapter))),
        Err(error @ (RedisError::UnsupportedVersion { .. } | RedisError::WrongTopology { .. })) => {
            findings.push(Finding { store: "Redis", problem: error.to_string(), remedy: String::new() });
            Ok(None)
        }
        Err(error @ RedisError::OtherIndex { .. }) => {
            let remedy = "--redis-keys lucia-2 here, and `RedisConfig::lucia_2()` in the application".to_owned();
            findings.push(Finding { store: "Redis", problem: error.to_string(), remedy });
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// `now` was read after `started`, and before this call.
fn compare_clocks(findings: &mut Vec<Finding>, store: &'static str, started: UnixMillis, now: UnixMillis) {
    let ended = SystemClock.now();
    let difference = (started.get() - now.get()).max(now.get() - ended.get());
    if difference > i64::try_from(MAX_DIFFERENCE.as_millis()).unwrap_or(i64::MAX) {
        let problem = format!("its clock and that of this machine differ by {:.1} s", difference as f64 / 1_000.0);
        findings.push(Finding { store, problem, remedy: "synchronise both with NTP".to_owned() });
    }
}

async fn count(sessions: &Arc<dyn SessionScan>, output: Output) -> Result<Sessions, Failure> {
    let mut scan = Scan::new(sessions, output.progress());
    let (mut counts, now) = (Sessions::default(), SystemClock.now());
    while let Some(page) = scan.next().await? {
        let expired = page.sessions.iter().filter(|session| session.is_expired(now)).count();
        counts.live += page.sessions.len() - expired;
        counts.expired += expired;
        counts.plain += page.ids.iter().filter(|id| !id.is_hash()).count();
        counts.unreadable += page.unreadable;
    }
    Ok(counts)
}

fn judge(findings: &mut Vec<Finding>, counts: &Sessions, store: &'static str) {
    let Sessions { live, expired, plain, unreadable } = *counts;
    let mut add = |problem: String, remedy: &str| {
        findings.push(Finding { store, problem, remedy: remedy.to_owned() });
    };
    if expired > live.max(1_000) {
        add(format!("{expired} of {} sessions have expired", live + expired), "lucia purge, once an hour or a day");
    }
    if plain > 0 {
        let problem = format!("{plain} sessions have a plain id: whoever reads the store can sign in with it");
        add(problem, "lucia migrate hash-sessions, once Lucia JS is off");
    }
    if unreadable > 0 {
        let remedy = "see the log of the application, which names their fields, and delete them";
        add(format!("{unreadable} sessions cannot be read"), remedy);
    }
}
