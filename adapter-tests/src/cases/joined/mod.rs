mod delete_user;
mod get_session_and_user;
mod get_sessions_and_users;
mod set_session_and_get_user;

use lucia_core::{Adapter, SessionSchema, UserSchema};

use crate::{case::Case, context::Joined, ensure::CaseResult, sample};

pub(crate) const CASES: &[&[Case<dyn Adapter>]] =
    &[get_session_and_user::CASES, get_sessions_and_users::CASES, set_session_and_get_user::CASES, delete_user::CASES];

impl Joined {
    /// A user with a session.
    async fn stored(&self) -> CaseResult<(SessionSchema, UserSchema)> {
        let user = sample::user(&sample::user_id());
        let session = self.session(&user.id);
        self.adapter.set_user(&user, None).await?;
        self.adapter.set_session(&session).await?;
        Ok((session, user))
    }
}
