//! Checks of the options.

use lucia_core::{Attributes, SessionUpdate};

use super::BuildError;
#[cfg(feature = "password")]
use crate::password::PasswordConfig;
use crate::{
    SessionPeriods,
    lifetime::{Lifetime, Periods},
};

impl Lifetime {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        if let Periods::Fixed(SessionPeriods { active, idle }) = self.periods
            && active.as_millis() == 0
            && idle.as_millis() == 0
        {
            return Err(BuildError::ZeroSessionLifetime { option: "session_expires_in" });
        }
        for (option, attribute) in
            [("session_created_at", &self.created_at), ("session_authenticated_at", &self.authenticated_at)]
        {
            let attributes: Attributes = attribute.iter().map(|attribute| (attribute.as_str(), 0)).collect();
            SessionUpdate::default()
                .with_attributes(attributes)
                .map_err(|source| BuildError::SessionAttribute { option, source })?;
        }
        if self.created_at.is_some() && self.created_at == self.authenticated_at {
            return Err(BuildError::SameSessionAttribute);
        }
        if self.absolute.is_some_and(|max| max.as_millis() == 0) {
            return Err(BuildError::ZeroSessionLifetime { option: "absolute_session_lifetime" });
        }
        if self.max_sessions_per_user == Some(0) {
            return Err(BuildError::NoSessions);
        }
        for (option, is_set) in [
            ("absolute_session_lifetime", self.absolute.is_some()),
            ("max_sessions_per_user", self.max_sessions_per_user.is_some()),
        ] {
            if is_set && self.created_at.is_none() {
                return Err(BuildError::NoSessionCreatedAt { option });
            }
        }
        Ok(())
    }
}

#[cfg(feature = "password")]
impl PasswordConfig {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        for (option, is_zero) in
            [("max_password_length", self.max_length == 0), ("hash_concurrency", self.concurrency == Some(0))]
        {
            if is_zero {
                return Err(BuildError::ZeroPasswordBound { option });
            }
        }
        // A character has at least one byte.
        if self.rules.shortest() > self.max_length {
            return Err(BuildError::NoAcceptablePassword);
        }
        Ok(())
    }
}
