use std::{sync::Arc, time::Duration};

use super::{
    AuthRequest,
    state::{Pending, Validation},
};
use crate::{Error, Session, auth::sessions::Validated};

/// How long after its request a response may set a cookie again that another response may have set.
const RESENT_WITHIN: Duration = Duration::from_secs(5);

impl<U, S> AuthRequest<U, S> {
    /// Returns the session of the request's cookie, if it is live, and renews it if it is idle.
    ///
    /// Renewing a session sets the response's cookie again. For ten minutes, so does every page load with a response
    /// within five seconds, because the first response may have been lost. Requests of scripts do not, because the
    /// browser may receive a newer cookie before their response. For the same reason, a session that is not found does
    /// not delete the cookie.
    ///
    /// Browsers send several cookies with one name if the path or the domain changed. Up to four are tried.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails, which does not mean "signed out", and
    /// [`Attributes`](Error::Attributes) for a row that does not fit its type. The next call tries again.
    pub async fn validate(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let (validation, tokens) = {
            let mut state = self.state();
            state.used.cookie = true;
            (Arc::clone(&state.by_cookie), state.tokens.clone())
        };
        if tokens.is_empty() {
            return Ok(None);
        }
        let found = validation.get_or_try_init(|| async {
            let found = found(self.shared.auth.validate_any_session(&tokens).await)?;
            self.follow(&validation, found.as_ref());
            Ok::<_, Error>(found.map(|validated| Arc::new(validated.session)))
        });
        found.await.cloned()
    }

    /// Returns the session of the request's bearer token, if it is live, and renews it if it is idle. Sets no cookie.
    ///
    /// A token is accepted from any origin, because browsers do not send it on their own.
    ///
    /// # Errors
    /// Returns the errors of [`validate`](Self::validate).
    pub async fn validate_bearer_token(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let validation = {
            let mut state = self.state();
            state.used.bearer_token = true;
            Arc::clone(&state.by_bearer_token)
        };
        let Some(token) = &self.shared.bearer_token else {
            return Ok(None);
        };
        let found = validation.get_or_try_init(|| async {
            let session = found(self.shared.auth.validate_session(token).await)?;
            Ok::<_, Error>(session.map(Arc::new))
        });
        found.await.cloned()
    }

    /// Discards the cached results of validations, so that the next ones read the store again. Signs nobody out.
    #[doc(alias = "invalidate")]
    pub fn forget_validation(&self) {
        let mut state = self.state();
        state.by_cookie = Validation::default();
        state.by_bearer_token = Validation::default();
    }

    #[doc(hidden)]
    #[deprecated(
        since = "0.1.0",
        note = "it signs nobody out: use `sign_out`, or `forget_validation` for what Lucia's did"
    )]
    pub fn invalidate(&self) {
        self.forget_validation();
    }

    /// Sets the cookie after a validation, unless the session was set meanwhile.
    fn follow(&self, validation: &Validation<U, S>, found: Option<&Validated<U, S>>) {
        let mut state = self.state();
        if !Arc::ptr_eq(&state.by_cookie, validation) {
            return;
        }
        // Keep the cookie of a session that is not found: some stores show a new session late.
        let Some(Validated { session, was_stored_recently }) = found else {
            return;
        };
        state.tokens = vec![session.token.clone()];
        state.expires_at = Some(session.idle_period_expires_at);
        if session.fresh || (self.shared.is_page_load && *was_stored_recently) {
            let mut pending = Pending::new(self.shared.auth.create_session_cookie(Some(session)));
            if !session.fresh {
                pending.until = self.shared.auth.now().saturating_add(RESENT_WITHIN);
            }
            state.pending = Some(pending);
        }
    }
}

fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::InvalidSessionId { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
