use std::{
    collections::BTreeSet,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures_util::future::join_all;
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Clock, SessionAdapter, SessionId, SessionScan, SessionSchema, TokenAdapter,
    UnixMillis, UserAdapter, UserId, kv::KvStore,
};

use crate::{
    Access, BackDoor, Profile, Promise,
    ensure::{CaseError, CaseResult, ensure_ok_or},
    sample,
};

/// A future that a case runs, alone or in parallel with others.
pub(crate) type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs a task to its end, and returns an error if it panicked. The runner decides on which thread.
pub(crate) type Spawn = Arc<dyn Fn(Task<()>) -> Task<Result<(), String>> + Send + Sync>;

/// The reasons why a case ran in part.
pub(crate) type LeftOut = Arc<Mutex<BTreeSet<String>>>;

/// The adapter of a case, on a store of its own.
pub(crate) struct Context<A: ?Sized> {
    pub(crate) adapter: Arc<A>,
    /// The second of two neighbouring stores.
    pub(crate) neighbour: Option<Arc<A>>,
    /// The users of the same store, if it has any.
    pub(crate) users: Option<Arc<dyn UserAdapter>>,
    pub(crate) back_door: Option<Arc<dyn BackDoor>>,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawn: Spawn,
    pub(crate) left_out: LeftOut,
}

pub(crate) type Users = Context<dyn UserAdapter>;
pub(crate) type Sessions = Context<dyn SessionAdapter>;
pub(crate) type Scans = Context<dyn SessionScan>;
pub(crate) type Stores = Context<dyn KvStore>;
pub(crate) type Tokens = Context<dyn TokenAdapter>;
pub(crate) type Joined = Context<dyn Adapter>;

impl<A: ?Sized + 'static> Context<A> {
    pub(crate) fn adapter(&self) -> Arc<A> {
        Arc::clone(&self.adapter)
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(crate) fn promises(&self, promise: Promise) -> bool {
        self.profile.promises(promise)
    }

    /// Returns the number of records that a case stores to have more than a page of them.
    pub(crate) fn more_than_a_page(&self) -> usize {
        let page = self.profile.page_size();
        page + page.div_ceil(10)
    }

    /// Returns the error kinds of inserting an id that resembles other ids of its case. A store that equates ids holds
    /// only one of them.
    pub(crate) fn refusals(&self, duplicate: Kind) -> Vec<Kind> {
        if self.promises(Promise::ExactIds) { vec![Kind::UnsupportedId] } else { vec![Kind::UnsupportedId, duplicate] }
    }

    /// Returns the back door of a case that requires it.
    pub(crate) fn door(&self) -> CaseResult<&dyn BackDoor> {
        self.back_door.as_deref().ok_or_else(|| CaseError::new("the profile has a back door, but the store has not"))
    }

    /// Returns the back door if it supports this operation. Otherwise the case runs in part.
    pub(crate) fn door_to(&self, access: Access) -> CaseResult<Option<&dyn BackDoor>> {
        if self.profile.allows(access) {
            return self.door().map(Some);
        }
        self.leave_out(format!("no back door to {access}"));
        Ok(None)
    }

    /// Records why the case runs in part.
    pub(crate) fn leave_out(&self, reason: impl Into<String>) {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).insert(reason.into());
    }

    /// Returns a user who may own sessions and tokens, stored if the store has users.
    pub(crate) async fn user(&self) -> CaseResult<UserId> {
        let id = sample::user_id();
        self.user_named(&id).await?;
        Ok(id)
    }

    /// Stores a user with this id. Returns `false` if the store rejects the id.
    pub(crate) async fn user_named(&self, id: &UserId) -> CaseResult<bool> {
        match &self.users {
            Some(users) => {
                let refusals = self.refusals(Kind::DuplicateUserId);
                ensure_ok_or(users.set_user(&sample::user(id), None).await, &refusals, "set_user")
            }
            None => Ok(true),
        }
    }

    /// Returns a session of this user that is active for eight hours. It is not stored.
    pub(crate) fn session(&self, user_id: &UserId) -> SessionSchema {
        sample::session(user_id, self.now())
    }

    /// Runs tasks in parallel, and returns their outcomes in order.
    pub(crate) async fn concurrently<T: Send + 'static>(
        &self,
        tasks: impl IntoIterator<Item = Task<T>>,
    ) -> CaseResult<Vec<T>> {
        let outcomes = join_all(tasks.into_iter().map(|task| spawned(&self.spawn, task))).await;
        outcomes.into_iter().map(|outcome| outcome.map_err(CaseError::new)).collect()
    }

    /// Runs two operations in parallel, the second one after `lag` pauses. Returns both outcomes.
    pub(crate) async fn race<T: Send + 'static>(
        &self,
        lag: usize,
        first: impl Future<Output = T> + Send + 'static,
        second: impl Future<Output = T> + Send + 'static,
    ) -> CaseResult<(T, T)> {
        let late = async move {
            pause(lag).await;
            second.await
        };
        let outcomes = self.concurrently([task(first), task(late)]).await?;
        let mut outcomes = outcomes.into_iter();
        outcomes.next().zip(outcomes.next()).ok_or_else(|| CaseError::new("a task was not run"))
    }
}

impl Sessions {
    /// Stores sessions of a user in parallel, and returns them.
    pub(crate) async fn store_sessions(&self, user_id: &UserId, count: usize) -> CaseResult<Vec<SessionSchema>> {
        const AT_ONCE: usize = 50;
        let sessions: Vec<_> = (0..count).map(|_| self.session(user_id)).collect();
        for chunk in sessions.chunks(AT_ONCE) {
            let tasks = chunk.iter().cloned().map(|session| {
                let adapter = self.adapter();
                task(async move { adapter.set_session(&session).await })
            });
            for outcome in self.concurrently(tasks).await? {
                outcome?;
            }
        }
        Ok(sessions)
    }

    /// Returns the session if `get_session` returns it and it has not expired.
    pub(crate) async fn alive(&self, session_id: &SessionId) -> CaseResult<Option<SessionSchema>> {
        let session = self.adapter.get_session(session_id).await?;
        Ok(session.filter(|session| !session.is_expired(self.now())))
    }
}

/// Spawns a task, and returns its outcome, or an error if it panicked.
pub(crate) fn spawned<T: Send + 'static>(
    spawn: &Spawn,
    task: Task<T>,
) -> impl Future<Output = Result<T, String>> + use<T> {
    let slot = Arc::new(Mutex::new(None));
    let filled = Arc::clone(&slot);
    let ended = spawn(Box::pin(async move {
        let outcome = task.await;
        *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }));
    async move {
        ended.await?;
        let outcome = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.ok_or_else(|| "the task was not run".to_owned())
    }
}

/// Creates a task of a race.
pub(crate) fn task<T>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    Box::pin(future)
}

/// Yields to the other tasks this many times.
pub(crate) async fn pause(times: usize) {
    for _ in 0..times {
        let mut paused = false;
        poll_fn(|cx| {
            if paused {
                return Poll::Ready(());
            }
            paused = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Drops a call when it waits for the nth time. Returns its outcome if it waits less often.
pub(crate) async fn drop_at_wait<T>(nth: usize, call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    let mut waits = 0;
    poll_fn(|cx| match call.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => {
            waits += 1;
            if waits == nth { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}
