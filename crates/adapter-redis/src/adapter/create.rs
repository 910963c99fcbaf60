use lucia_core::{AdapterErrorKind as Kind, SessionSchema};

use super::{Inner, record};
use crate::{Connections, Topology, error::Error, script::Reply};

impl<C: Connections> Inner<C> {
    pub(super) async fn set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        if C::TOPOLOGY == Topology::Cluster {
            return self.cluster_set_session(session).await;
        }
        let mut connection = self.connection().await?;
        let keys = [self.namespaces.session_key(&session.id), self.namespaces.index_key(&session.user_id)];
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments = [json.as_bytes(), at.as_bytes(), session.id.as_str().as_bytes(), self.expires];
        // Each argument costs the server time, and indexes nearly always expire.
        let arguments = if self.expires == b"0" { &arguments[..] } else { &arguments[..3] };
        match self.scripts.create.run(&mut connection, &keys, arguments).await? {
            Reply::Done => Ok(()),
            _ => Err(Error::Refused(Kind::DuplicateSessionId)),
        }
    }
}
