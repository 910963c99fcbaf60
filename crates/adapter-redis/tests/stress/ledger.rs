use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use lucia_core::{SessionAdapter, SessionId, UnixMillis, UserId};

/// What the tasks were told about one session, under whatever ids it had.
#[derive(Debug)]
pub(crate) struct Lineage {
    /// Its ids. The last one is in use.
    ids: Mutex<Vec<SessionId>>,
    /// The last update of each task that succeeded.
    updates: Mutex<HashMap<usize, u64>>,
    first_expiry: UnixMillis,
    /// The renewals that succeeded: which expiry took the place of which.
    renewals: Mutex<HashMap<UnixMillis, UnixMillis>>,
    /// A revocation of all sessions began when this one had been created.
    swept: AtomicBool,
    /// A revocation of all sessions was under way while this one was created: it may have got it or not.
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

    /// A renewal succeeded. No other has replaced the same expiry, or one of the two is lost.
    pub(crate) fn renewed(&self, from: UnixMillis, to: UnixMillis) {
        let other = self.renewals.lock().unwrap().insert(from, to);
        assert_eq!(other, None, "two renewals of one expiry succeeded");
    }

    /// The expiry after all renewals, each of which built on the one before.
    fn last_expiry(&self) -> UnixMillis {
        let renewals = self.renewals.lock().unwrap();
        let mut chain = vec![self.first_expiry];
        while let Some(next) = chain.last().and_then(|last| renewals.get(last)) {
            chain.push(*next);
        }
        assert_eq!(chain.len(), renewals.len() + 1, "a renewal did not build on the one before");
        chain[renewals.len()]
    }
}

/// What the tasks were told about all sessions.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    lineages: Mutex<Vec<Arc<Lineage>>>,
    /// Ids whose revocation was acknowledged, and when.
    revoked: Mutex<HashMap<SessionId, u64>>,
    sweeping: AtomicU64,
    swept: AtomicU64,
    time: AtomicU64,
}

impl Ledger {
    /// A moment: it is later than whatever was acknowledged before.
    pub(crate) fn now(&self) -> u64 {
        self.time.fetch_add(1, Ordering::SeqCst)
    }

    /// How many revocations of all sessions have begun.
    pub(crate) fn sweeps(&self) -> u64 {
        self.sweeping.load(Ordering::SeqCst)
    }

    /// A session was created, in a call that began when so many sweeps had begun and so many had ended.
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
        // A sweep that began in the meantime has not seen this session in the ledger, and may have seen it in the store.
        let undisturbed = began.0 == began.1 && self.sweeping.load(Ordering::SeqCst) == began.0;
        lineage.may_be_swept.store(!undisturbed, Ordering::SeqCst);
        lineages.push(Arc::clone(&lineage));
        lineage
    }

    /// What a call that creates a session notes when it begins.
    pub(crate) fn creation_begins(&self) -> (u64, u64) {
        let ended = self.swept.load(Ordering::SeqCst);
        (self.sweeps(), ended)
    }

    /// A revocation of all sessions is about to begin: whatever has been created until now will be gone.
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

    /// Whether a revocation had been acknowledged before this moment.
    pub(crate) fn was_revoked_before(&self, id: &SessionId, moment: u64) -> bool {
        self.revoked.lock().unwrap().get(id).is_some_and(|revoked| *revoked < moment)
    }

    /// Compares the store with what the tasks were told, when all have ended.
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
                assert!(may_be_gone, "a session is gone that nobody revoked");
                continue;
            };
            assert!(!revoked, "a revoked session is alive");
            assert!(!swept, "a session is alive that was there when all were revoked");
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

/// The attribute that one task updates and no other.
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
    /// Of tasks, on sessions: the last of each is looked for.
    pub(crate) updates: usize,
}
