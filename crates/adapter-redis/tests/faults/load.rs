use std::{
    collections::{BTreeMap, HashSet},
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, Clock as _, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, SystemClock, UserId,
};

const TASKS: usize = 16;
const DAY: Duration = Duration::from_secs(86_400);

/// Tasks that sign in, renew, update and sign out, each for its own user, during an outage.
pub(crate) struct Load {
    adapter: Arc<dyn SessionAdapter>,
    ended: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<Record>>,
}

/// The outcomes of the tasks' calls.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Sessions whose creation was acknowledged and that no call tried to revoke, with their last acknowledged update.
    kept: Vec<(SessionSchema, u64)>,
    /// Sessions whose revocation was acknowledged.
    revoked: Vec<SessionSchema>,
    /// Sessions whose state is unknown because a call failed.
    unknown: HashSet<SessionId>,
    /// The number of reads and updates that did not find a live session.
    pub(crate) missed: usize,
    /// The number of reads that found a session whose revocation was acknowledged.
    pub(crate) resurrected: usize,
    /// The errors by kind, with an example of each.
    pub(crate) errors: BTreeMap<String, (usize, String)>,
    pub(crate) slowest: Duration,
}

/// The differences between the store and the acknowledged calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Sessions that are alive although their revocation was acknowledged.
    pub(crate) alive_again: usize,
    /// Sessions that are missing although their creation was acknowledged.
    pub(crate) gone: usize,
    /// Sessions without an acknowledged update.
    pub(crate) outdated: usize,
    /// Live sessions that are not in the list of their user.
    pub(crate) unlisted: usize,
}

impl Load {
    pub(crate) fn start(adapter: &Arc<dyn SessionAdapter>) -> Self {
        let (ended, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let tasks = (0..TASKS).map(|task| {
            let worker = Worker {
                adapter: Arc::clone(adapter),
                user: UserId::new(format!("user{task}")),
                ended: Arc::clone(&ended),
                done: Arc::clone(&done),
                record: Record::default(),
            };
            tokio::spawn(worker.work())
        });
        let tasks = tasks.collect();
        Self { adapter: Arc::clone(adapter), ended, done, tasks }
    }

    /// Waits until this number of further sessions were created, used and revoked without an error.
    pub(crate) async fn sessions(&self, count: usize) {
        let goal = self.done.load(Ordering::Relaxed) + count;
        for _ in 0..6000 {
            if self.done.load(Ordering::Relaxed) >= goal {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the adapter has not recovered after a minute");
    }

    /// Ends the tasks. Returns the outcomes of their calls and the differences in the store.
    pub(crate) async fn end(self) -> (Record, Differences) {
        self.ended.store(true, Ordering::Relaxed);
        let mut record = Record::default();
        for task in self.tasks {
            record.add(task.await.unwrap());
        }
        let differences = record.compare(&*self.adapter).await;
        println!(
            "{} kept, {} revoked, {} unknown, {} missed, {} resurrected, slowest {:?}, {:?}\n{differences:?}",
            record.kept.len(),
            record.revoked.len(),
            record.unknown.len(),
            record.missed,
            record.resurrected,
            record.slowest,
            record.errors,
        );
        (record, differences)
    }
}

impl Record {
    fn add(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.revoked.extend(other.revoked);
        self.unknown.extend(other.unknown);
        self.missed += other.missed;
        self.resurrected += other.resurrected;
        for (kind, (count, example)) in other.errors {
            self.errors.entry(kind).or_insert((0, example)).0 += count;
        }
        self.slowest = self.slowest.max(other.slowest);
    }

    /// The kinds of the errors.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.errors.keys().map(String::as_str).collect()
    }

    /// Returns the number of acknowledged revocations.
    pub(crate) fn revocations(&self) -> usize {
        self.revoked.len()
    }

    async fn compare(&self, adapter: &dyn SessionAdapter) -> Differences {
        let mut differences = Differences::default();
        for session in &self.revoked {
            if read(async || adapter.get_session(&session.id).await).await.is_some() {
                differences.alive_again += 1;
            }
        }
        let users: HashSet<_> = self.kept.iter().map(|(session, _)| session.user_id.clone()).collect();
        let mut listed = HashSet::new();
        for user in &users {
            let sessions = read(async || adapter.get_sessions_by_user_id(user).await).await;
            listed.extend(sessions.into_iter().map(|session| session.id));
        }
        for (session, visits) in &self.kept {
            match read(async || adapter.get_session(&session.id).await).await {
                None => differences.gone += 1,
                Some(stored) => {
                    differences.outdated += usize::from(visits_of(&stored) < *visits);
                    differences.unlisted += usize::from(!listed.contains(&session.id));
                }
            }
        }
        for id in &self.unknown {
            if let Some(stored) = read(async || adapter.get_session(id).await).await {
                let list = read(async || adapter.get_sessions_by_user_id(&stored.user_id).await).await;
                differences.unlisted += usize::from(!list.iter().any(|session| session.id == *id));
            }
        }
        differences
    }
}

struct Worker {
    adapter: Arc<dyn SessionAdapter>,
    user: UserId,
    ended: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    record: Record,
}

impl Worker {
    async fn work(mut self) -> Record {
        for number in 0.. {
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
            let expiry = SystemClock.now().saturating_add(DAY);
            let id = format!("{}-{number}", self.user);
            let session = SessionSchema::new(id, self.user.clone(), expiry, expiry);
            match self.life(&session, number % 4 == 0).await {
                Some(()) => drop(self.done.fetch_add(1, Ordering::Relaxed)),
                None => drop(self.record.unknown.insert(session.id)),
            }
            // Without a pause, failing calls would use all of the processor.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.record
    }

    /// Creates, uses and revokes a session. Returns `None` if a call failed.
    async fn life(&mut self, session: &SessionSchema, keep: bool) -> Option<()> {
        let adapter = Arc::clone(&self.adapter);
        self.timed(adapter.set_session(session)).await?.ok()?;
        self.expect_alive(session).await?;
        let visits = SessionUpdate::default().with_attributes(Attributes::from([("visits", 1)])).unwrap();
        let updated = self.timed(adapter.update_session(&session.id, &visits)).await?;
        self.record.missed += usize::from(updated.is_err());
        let expiry = session.idle_expires.saturating_add(Duration::from_secs(1));
        let renewal = SessionUpdate::renewal(expiry, expiry).with_expected_idle_expires(session.idle_expires);
        let renewed = self.timed(adapter.update_session(&session.id, &renewal)).await?;
        self.record.missed += usize::from(renewed.is_err());
        if keep {
            self.record.kept.push((session.clone(), 1));
            return Some(());
        }
        self.timed(adapter.delete_session(&session.id)).await?.ok()?;
        self.record.revoked.push(session.clone());
        if self.timed(adapter.get_session(&session.id)).await?.is_ok_and(|found| found.is_some()) {
            self.record.resurrected += 1;
        }
        Some(())
    }

    async fn expect_alive(&mut self, session: &SessionSchema) -> Option<()> {
        let adapter = Arc::clone(&self.adapter);
        let found = self.timed(adapter.get_session(&session.id)).await?;
        self.record.missed += usize::from(found.is_ok_and(|found| found.is_none()));
        Some(())
    }

    /// Returns the result of a call, or records its error and returns `None`.
    async fn timed<T>(&mut self, call: impl Future<Output = AdapterResult<T>>) -> Option<AdapterResult<T>> {
        let start = now();
        let outcome = call.await;
        self.record.slowest = self.record.slowest.max(start.elapsed());
        match outcome {
            Err(error) if error.kind() != Kind::InvalidSessionId => {
                let example = || (0, format!("{error:?}"));
                self.record.errors.entry(format!("{:?}", error.kind())).or_insert_with(example).0 += 1;
                None
            }
            outcome => Some(outcome),
        }
    }
}

/// Repeats a call until it succeeds, because some connections may not have noticed that the store works again.
pub(crate) async fn read<T>(call: impl AsyncFn() -> AdapterResult<T>) -> T {
    for _ in 0..300 {
        if let Ok(answer) = call().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the adapter has not recovered after half a minute");
}

fn visits_of(session: &SessionSchema) -> u64 {
    session.attributes().get("visits").and_then(serde_json::Value::as_u64).unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "measures how long calls take")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
