use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate};

use super::{Inner, record};
use crate::{Connections, Topology, error::Error, script::Reply};

/// How often a change is tried again because somebody else was faster. Each time one of them has got on.
pub(super) const ATTEMPTS: usize = 256;

impl<C: Connections> Inner<C> {
    pub(super) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let mut value = if C::TOPOLOGY == Topology::Single && !update.is_empty() && update.attributes().is_empty() {
            match self.renew(&mut connection, session_id, update).await? {
                Reply::Done | Reply::Ended => return Ok(()),
                Reply::Refused => return Err(Error::Refused(Kind::Conflict)),
                Reply::Gone => return Err(Error::Refused(Kind::InvalidSessionId)),
                Reply::Found(value) => value,
            }
        } else {
            let value = self.get(&mut connection, session_id).await?;
            value.ok_or(Error::Refused(Kind::InvalidSessionId))?
        };
        for _ in 0..ATTEMPTS {
            let mut session = record::read(&value, session_id.as_str().as_bytes())?;
            if update.is_empty() {
                return Ok(());
            }
            if !update.applies_to(&session) {
                return Err(Error::Refused(Kind::Conflict));
            }
            session.apply(update);
            let swapped = match C::TOPOLOGY {
                Topology::Single => self.swap(&mut connection, &value, &session).await?,
                Topology::Cluster => {
                    let moves_expiry = update.idle_expires.is_some();
                    self.cluster_swap(&mut connection, &value, &session, moves_expiry).await?
                }
            };
            match swapped {
                Reply::Done | Reply::Ended => return Ok(()),
                Reply::Found(other) => value = other,
                Reply::Gone | Reply::Refused => return Err(Error::Refused(Kind::InvalidSessionId)),
            }
        }
        Err(Error::Refused(Kind::Conflict))
    }

    /// Changes nothing but times, where they stand as Lucia writes them: there is nothing to read before.
    async fn renew(
        &self,
        connection: &mut C::Connection,
        session_id: &SessionId,
        update: &SessionUpdate,
    ) -> Result<Reply, Error> {
        let times = [update.expected_idle_expires, update.active_expires, update.idle_expires];
        if times.iter().flatten().any(|time| time.get() < 0) {
            return Ok(self.get(connection, session_id).await?.map_or(Reply::Gone, Reply::Found));
        }
        let [expected, active, idle] = times.map(|time| time.map_or_else(String::new, |time| time.get().to_string()));
        let arguments = [
            session_id.as_str().as_bytes(),
            self.namespaces.index_prefix().as_bytes(),
            expected.as_bytes(),
            active.as_bytes(),
            idle.as_bytes(),
            self.expires,
        ];
        let key = self.namespaces.session_key(session_id);
        Ok(self.scripts.renew.run(connection, &[key], &arguments).await?)
    }

    async fn swap(&self, connection: &mut C::Connection, old: &[u8], session: &SessionSchema) -> Result<Reply, Error> {
        let keys = [self.namespaces.session_key(&session.id), self.namespaces.index_key(&session.user_id)];
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments = [old, json.as_bytes(), at.as_bytes(), session.id.as_str().as_bytes(), self.expires];
        Ok(self.scripts.swap.run(connection, &keys, &arguments).await?)
    }
}
