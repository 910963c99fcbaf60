//! Steps that several cases share.

use lucia_core::{SessionSchema, UserSchema};

use crate::{context::Joined, ensure::CaseResult, sample};

impl Joined {
    /// Stores a user with a session.
    pub(super) async fn stored(&self) -> CaseResult<(SessionSchema, UserSchema)> {
        let user = sample::user(&sample::user_id());
        let session = self.session(&user.id);
        self.adapter.set_user(&user, None).await?;
        self.adapter.set_session(&session).await?;
        Ok((session, user))
    }
}
