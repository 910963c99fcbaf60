use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate};

use super::{Inner, record, update::ATTEMPTS};
use crate::{Connections, Topology, error::Error, script::Reply};

impl<C: Connections> Inner<C> {
    pub(super) async fn rotate_session(
        &self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let value = self.get(&mut connection, old).await?;
        let mut value = value.ok_or(Error::Refused(Kind::InvalidSessionId))?;
        if old == new {
            return Err(Error::Refused(Kind::DuplicateSessionId));
        }
        let rotate = |value: &[u8]| {
            let mut session = record::read(value, old.as_str().as_bytes())?;
            if !update.applies_to(&session) {
                return Err(Error::Refused(Kind::Conflict));
            }
            session.id.clone_from(new);
            session.apply(update);
            Ok(session)
        };
        if C::TOPOLOGY == Topology::Cluster {
            return self.cluster_rotate(&mut connection, old, value, rotate).await;
        }
        for _ in 0..ATTEMPTS {
            match self.rotate(&mut connection, old, &value, &rotate(&value)?).await? {
                Reply::Done | Reply::Ended => return Ok(()),
                Reply::Found(other) => value = other,
                Reply::Gone => return Err(Error::Refused(Kind::InvalidSessionId)),
                Reply::Refused => return Err(Error::Refused(Kind::DuplicateSessionId)),
            }
        }
        Err(Error::Refused(Kind::Conflict))
    }

    async fn rotate(
        &self,
        connection: &mut C::Connection,
        old: &SessionId,
        value: &[u8],
        session: &SessionSchema,
    ) -> Result<Reply, Error> {
        let keys = [
            self.namespaces.session_key(old),
            self.namespaces.session_key(&session.id),
            self.namespaces.index_key(&session.user_id),
        ];
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments = [
            value,
            json.as_bytes(),
            at.as_bytes(),
            old.as_str().as_bytes(),
            session.id.as_str().as_bytes(),
            self.expires,
        ];
        Ok(self.scripts.rotate.run(connection, &keys, &arguments).await?)
    }
}
