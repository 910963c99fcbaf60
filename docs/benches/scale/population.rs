use lucia_core::{Adapter, Attributes, SessionAdapter, SessionSchema, UnixMillis, UserId, UserSchema};
use test_servers::time_of_calls;

use crate::rows::{FAR, scattered, token, user_id};

/// Sessions of each user. One of them has expired.
pub(crate) const SESSIONS_OF_A_USER: u64 = 10;

/// The number of users, and what their sessions are.
///
/// The sessions of one user, and the expired ones, are not next to each other, as in a table that has been in use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Population {
    pub(crate) users: u64,
    /// Whether the expired sessions have expired already.
    all_live: bool,
}

impl Population {
    pub(crate) fn of(sessions: u64) -> Self {
        assert!(sessions >= crate::FEW, "each measurement needs its own users");
        // One digit of the index of a user chooses the session that has expired.
        Self { users: sessions / SESSIONS_OF_A_USER / 10 * 10, all_live: false }
    }

    /// Returns the same users with live sessions only, for a store that drops expired ones.
    pub(crate) const fn all_live(self) -> Self {
        Self { all_live: true, ..self }
    }

    pub(crate) const fn sessions(self) -> u64 {
        self.users * SESSIONS_OF_A_USER
    }

    /// Returns the index of a user's session. The user is the remainder by the number of users.
    ///
    /// The last one is the expired one.
    pub(crate) const fn index(self, user: u64, number: u64) -> u64 {
        user + self.users * ((number + user) % SESSIONS_OF_A_USER)
    }

    /// Returns when a session expires: the expired ones one after the other, in the past.
    pub(crate) const fn expires(self, index: u64) -> i64 {
        let user = index % self.users;
        let has_expired = index == self.index(user, SESSIONS_OF_A_USER - 1);
        if has_expired && !self.all_live { 1 + user.cast_signed() } else { FAR }
    }

    /// Returns a time at which the expired sessions have expired.
    pub(crate) const fn now(self) -> UnixMillis {
        UnixMillis::new(1 + self.users.cast_signed())
    }

    pub(crate) fn session(self, index: u64) -> SessionSchema {
        let expires = UnixMillis::new(self.expires(index));
        let session = SessionSchema::new(token(index).hashed_id(), user_id(index % self.users), expires, expires);
        session.with_attributes(Attributes::from([("country", "NZ")])).unwrap()
    }

    /// Returns some live session.
    pub(crate) const fn some_session(self, call: u64) -> u64 {
        let live = scattered(call, self.users * (SESSIONS_OF_A_USER - 1));
        self.index(live % self.users, live / self.users)
    }

    pub(crate) fn some_user(self, call: u64) -> UserId {
        user_id(scattered(call, self.users)).into()
    }

    /// Returns a user that no other call number below that of the users returns, and that is not near the previous one.
    pub(crate) fn unique_user(self, call: u64) -> u64 {
        assert!(call < self.users, "no users are left");
        call * 7_919 % self.users
    }

    pub(crate) async fn store_users<A: Adapter + Clone + 'static>(self, adapter: &A, tasks: u64) {
        let adapter = adapter.clone();
        let store = move |index| {
            let adapter = adapter.clone();
            async move {
                let attributes = Attributes::from([("username", format!("name{index}"))]);
                let user = UserSchema::new(user_id(index)).with_attributes(attributes).unwrap();
                adapter.set_user(&user, None).await.unwrap();
            }
        };
        time_of_calls(tasks, self.users, store).await;
    }

    pub(crate) async fn store_sessions<A: SessionAdapter + Clone + 'static>(self, adapter: &A, tasks: u64) {
        let adapter = adapter.clone();
        let store = move |index| {
            let adapter = adapter.clone();
            async move { adapter.set_session(&self.session(index)).await.unwrap() }
        };
        time_of_calls(tasks, self.sessions(), store).await;
    }
}
