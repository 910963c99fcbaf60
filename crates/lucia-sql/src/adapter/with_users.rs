//! Sessions with their users, which may be those of a replica.

use futures_util::future::join;
use lucia_core::{SessionId, SessionSchema, UserSchema};

use super::{sessions::Sessions, user_replica::UserReplica};
use crate::{
    driver::{Query, Row, SqlValue},
    error::Error,
    statement::SessionStatements,
};

type SessionAndUser = (SessionSchema, UserSchema);

// The replica may have sessions that were revoked, and may not have new ones. It only tells the columns of a user: which
// sessions exist, and which of them have no user, is decided by the primary.
impl Sessions {
    /// Reads a session, and its user from the replica if there is one.
    pub(super) async fn get_session_and_user(&self, session_id: &SessionId) -> Result<Option<SessionAndUser>, Error> {
        let query = self.statements.get_with_user.find(&self.session.id, session_id.as_str());
        let (Some(replica), Some(query)) = (&self.replica, query) else {
            return self.get_session_and_user_from_primary(session_id).await;
        };
        let (session, users) = join(self.get_session(session_id), self.users_on(replica, &[query])).await;
        Ok(self.complete(session?, &users).await?.pop())
    }

    /// Reads the first of these sessions that exists, and its user from the replica if there is one.
    pub(super) async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> Result<Option<SessionAndUser>, Error> {
        let Some(replica) = &self.replica else {
            return self.get_first_session_and_user_from_primary(session_ids).await;
        };
        let queries = self.queries_with_users(session_ids);
        let (session, users) = join(self.get_first_session(session_ids), self.users_on(replica, &queries)).await;
        Ok(self.complete(session?, &users).await?.pop())
    }

    /// Reads several sessions, and their users from the replica if there is one.
    pub(super) async fn get_sessions_and_users(&self, session_ids: &[SessionId]) -> Result<Vec<SessionAndUser>, Error> {
        let Some(replica) = &self.replica else {
            return self.get_sessions_and_users_from_primary(session_ids).await;
        };
        let queries = self.queries_with_users(session_ids);
        let (sessions, users) = join(self.get_sessions(session_ids), self.users_on(replica, &queries)).await;
        self.complete(sessions?, &users).await
    }

    fn queries_with_users(&self, session_ids: &[SessionId]) -> Vec<Query> {
        let ids: Vec<_> = session_ids.iter().filter_map(|id| self.id(id)).collect();
        ids.chunks(SessionStatements::READ_BATCH).map(|ids| self.statements.get_several_with_users(ids)).collect()
    }

    async fn users_on(&self, replica: &UserReplica, queries: &[Query]) -> Vec<UserSchema> {
        let rows = replica.fetch(queries).await;
        rows.into_iter().filter_map(|row| self.user_in(row)).collect()
    }

    /// Returns the user in a row of a session and its user. A row that is not as expected is read again from the primary.
    fn user_in(&self, row: Row) -> Option<UserSchema> {
        let mut cells = row.into_iter();
        self.session.read(&mut cells).ok()?;
        match cells.as_slice().first() {
            None | Some(SqlValue::Null) => None,
            Some(_) => self.users_and_keys.user.read(&mut cells).ok(),
        }
    }

    /// Adds the users to their sessions. Those that the replica does not have are read from the primary together with
    /// their sessions, which are deleted only if they have no user there.
    async fn complete(
        &self,
        sessions: impl IntoIterator<Item = SessionSchema>,
        users: &[UserSchema],
    ) -> Result<Vec<SessionAndUser>, Error> {
        let (mut found, mut others) = (Vec::new(), Vec::new());
        for session in sessions {
            match users.iter().find(|user| user.id == session.user_id) {
                Some(user) => found.push((session, user.clone())),
                None => others.push(session.id),
            }
        }
        found.extend(self.get_sessions_and_users_from_primary(&others).await?);
        Ok(found)
    }
}
