use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use lucia_core::{SessionAdapter, SessionId, UnixMillis, UserId};

/// The acknowledged changes of one session, under all of its ids.
#[derive(Debug)]
pub(crate) struct Lineage {
    /// Its ids, of which the last is current.
    ids: Mutex<Vec<SessionId>>,
    /// The last successful update of each task.
    updates: Mutex<HashMap<usize, u64>>,
    first_expiry: UnixMillis,
    /// The successful renewals: the new expiry by the one it replaced.
    renewals: Mutex<HashMap<UnixMillis, UnixMillis>>,
    /// A revocation of all sessions started after this one was created.
    swept: AtomicBool,
    /// A revocation of all sessions was running while this one was created, so it may or may not be revoked.
    may_be_swept: AtomicBool,
}

impl Lineage {
    pub(crate) fn id(&self) -> SessionId {
        self.ids.lock().unwrap().last().cloned().expect("a session has an id")
    }

    pub(crate) fn updated(&self, task: usize, value: u64) {
        self.updates.lock().unwrap().insert(task, value);
    }

    pub(crate) fn rotated(&self, id: SessionId) {
        self.ids.lock().unwrap().push(id);
    }

    /// Records a successful renewal. If another one replaced the same expiry, one of the two was lost.
    pub(crate) fn renewed(&self, from: UnixMillis, to: UnixMillis) {
        let other = self.renewals.lock().unwrap().insert(from, to);
        assert_eq!(other, None, "two renewals of one expiry succeeded");
    }

    /// Returns the expiry after all renewals, each of which replaced that of the previous one.
    fn last_expiry(&self) -> UnixMillis {
        let renewals = self.renewals.lock().unwrap();
        let mut chain = vec![self.first_expiry];
        while let Some(next) = chain.last().and_then(|last| renewals.get(last)) {
            chain.push(*next);
        }
        assert_eq!(chain.len(), renewals.len() + 1, "a renewal did not replace the expiry of the previous one");
        chain[renewals.len()]
    }
}

/// The acknowledged changes of all sessions.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lineages: Mutex<Vec<Arc<Lineage>>>,
    /// The ids whose revocation was acknowledged, and the times.
    revoked: Mutex<HashMap<SessionId, u64>>,
    sweeping: AtomicU64,
    swept: AtomicU64,
    time: AtomicU64,
}

impl Ledger {
    /// Returns a time that is later than every earlier acknowledgement.
    pub(crate) fn now(&self) -> u64 {
        self.time.fetch_add(1, Ordering::SeqCst)
    }

    /// Returns the number of revocations of all sessions that have started.
    pub(crate) fn sweeps(&self) -> u64 {
        self.sweeping.load(Ordering::SeqCst)
    }

    /// Records a created session, and how many revocations of all had started and ended when its call started.
    pub(crate) fn created(&self, id: SessionId, expiry: UnixMillis, began: (u64, u64)) -> Arc<Lineage> {
        let lineage = Arc::new(Lineage {
            ids: Mutex::new(vec![id]),
            updates: Mutex::default(),
            first_expiry: expiry,
            renewals: Mutex::default(),
            swept: AtomicBool::new(false),
            may_be_swept: AtomicBool::new(false),
        });
        let mut lineages = self.lineages.lock().unwrap();
        // A revocation that started since then did not see this session in the ledger, but may have seen it in the store.
        let undisturbed = began.0 == began.1 && self.sweeping.load(Ordering::SeqCst) == began.0;
        lineage.may_be_swept.store(!undisturbed, Ordering::SeqCst);
        lineages.push(Arc::clone(&lineage));
        lineage
    }

    /// Returns what a call that creates a session must record when it starts.
    pub(crate) fn creation_begins(&self) -> (u64, u64) {
        let ended = self.swept.load(Ordering::SeqCst);
        (self.sweeps(), ended)
    }

    /// Records that a revocation of all sessions starts, which deletes every session created before.
    pub(crate) fn sweep_begins(&self) -> Vec<Arc<Lineage>> {
        let lineages = self.lineages.lock().unwrap();
        self.sweeping.fetch_add(1, Ordering::SeqCst);
        lineages.clone()
    }

    pub(crate) fn sweep_ended(&self, lineages: &[Arc<Lineage>]) {
        for lineage in lineages {
            lineage.swept.store(true, Ordering::SeqCst);
        }
        self.swept.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn revoked(&self, id: SessionId) {
        let now = self.now();
        self.revoked.lock().unwrap().insert(id, now);
    }

    /// Returns `true` if a revocation was acknowledged before this time.
    pub(crate) fn was_revoked_before(&self, id: &SessionId, moment: u64) -> bool {
        self.revoked.lock().unwrap().get(id).is_some_and(|revoked| *revoked < moment)
    }

    /// Compares the store with the acknowledged changes, after all tasks have ended.
    pub(crate) async fn check(&self, adapter: &dyn SessionAdapter, user: &UserId) -> Summary {
        let lineages = self.lineages.lock().unwrap().clone();
        let listed = adapter.get_sessions_by_user_id(user).await.unwrap();
        let listed: HashSet<_> = listed.into_iter().map(|session| session.id).collect();
        let mut alive = HashSet::new();
        for lineage in &lineages {
            let ids = lineage.ids.lock().unwrap().clone();
            let (last, former) = ids.split_last().expect("a session has an id");
            for id in former {
                assert_eq!(adapter.get_session(id).await.unwrap(), None, "a former id is alive");
            }
            let revoked = self.was_revoked_before(last, u64::MAX);
            let swept = lineage.swept.load(Ordering::SeqCst);
            let Some(session) = adapter.get_session(last).await.unwrap() else {
                let may_be_gone = revoked || swept || lineage.may_be_swept.load(Ordering::SeqCst);
                assert!(may_be_gone, "a session is missing that was not revoked");
                continue;
            };
            assert!(!revoked, "a revoked session is alive");
            assert!(!swept, "a session survived a revocation of all");
            assert!(listed.contains(last), "a live session is not listed");
            assert_eq!(session.idle_expires, lineage.last_expiry(), "a renewal is lost");
            for (task, value) in &*lineage.updates.lock().unwrap() {
                let stored = session.attributes().get(&attribute(*task));
                assert_eq!(stored, Some(&(*value).into()), "an update is lost");
            }
            alive.insert(last.clone());
        }
        assert_eq!(listed, alive, "the list and the sessions differ");
        let count = |of: &dyn Fn(&Lineage) -> usize| lineages.iter().map(|lineage| of(lineage)).sum();
        Summary {
            created: lineages.len(),
            alive: alive.len(),
            revoked: self.revoked.lock().unwrap().len(),
            sweeps: self.sweeps(),
            rotations: count(&|lineage| lineage.ids.lock().unwrap().len() - 1),
            renewals: count(&|lineage| lineage.renewals.lock().unwrap().len()),
            updates: count(&|lineage| lineage.updates.lock().unwrap().len()),
        }
    }
}

/// Returns the name of the attribute that only this task updates.
pub(crate) fn attribute(task: usize) -> String {
    format!("task{task}")
}

#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
pub(crate) struct Summary {
    pub(crate) created: usize,
    pub(crate) alive: usize,
    pub(crate) revoked: usize,
    pub(crate) sweeps: u64,
    pub(crate) rotations: usize,
    pub(crate) renewals: usize,
    /// The updates by tasks and sessions, of which the last of each is checked.
    pub(crate) updates: usize,
}
