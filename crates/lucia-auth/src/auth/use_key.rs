use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use lucia_core::{AdapterErrorKind, InvalidKeyId, KeyId, KeySchema};

use super::{
    Auth,
    keys::{parse, refused},
};
use crate::{
    Client, Error, NoAttributes, VerifiedKey,
    password::{Origin, Verification},
};

/// How often a key is verified again because it changed meanwhile.
const REHASH_ATTEMPTS: usize = 3;

/// The action whose attempts are counted.
const SIGN_IN: &str = "sign-in";

/// The verification of a key and its password. [`Auth::use_key_with_password`] returns it, and it starts when it is
/// awaited.
#[must_use = "a verification does nothing unless it is awaited"]
pub struct UseKey<'a, U = NoAttributes, S = NoAttributes> {
    auth: &'a Auth<U, S>,
    key_id: Result<KeyId, InvalidKeyId>,
    password: &'a str,
    client: Client,
}

/// Passwords.
impl<U, S> Auth<U, S> {
    /// Verifies a key and its password. Name the [client](UseKey::client), so that guesses are limited for its address,
    /// and a device that signed in before is not locked out by guesses of others.
    ///
    /// Sign in with [`NewSession::for_key`](crate::NewSession::for_key), because the password may change between the
    /// two calls.
    ///
    /// Every failure takes the same time, including that of an unknown key. Show users the same message for all errors
    /// for which [`is_invalid_credentials`](Error::is_invalid_credentials) returns `true`.
    ///
    /// If [`rehash_on_use`](crate::AuthBuilder::rehash_on_use) is set, an outdated hash of a correct password is
    /// replaced. If the password changes in parallel, the new password decides.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId), [`InvalidPassword`](Error::InvalidPassword), also if the key has
    /// no password, [`OutdatedPassword`](Error::OutdatedPassword) or [`MalformedKeyId`](Error::MalformedKeyId).
    /// Nothing is verified beyond a limit of the [`Throttle`](crate::Throttle)
    /// ([`TooManyAttempts`](Error::TooManyAttempts)), or if too many passwords are waiting to be hashed
    /// ([`Busy`](Error::Busy)).
    ///
    /// ```
    /// use lucia_auth::{Auth, Client, Error, NewKey, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new().key(NewKey::with_password(("username", "ada"), "correct horse"))).await?;
    /// // In a request, `AuthRequest::client` knows the client.
    /// let client = Client::new().address([203, 0, 113, 7].into());
    /// let key = auth.use_key_with_password(("username", "ada"), "correct horse").client(&client).await?;
    /// assert_eq!(key.user_id, user.id);
    /// let session = auth.create_session(NewSession::for_key(&key)).await?;
    /// let wrong = auth.use_key_with_password(("username", "ada"), "battery staple").client(&client).await;
    /// assert!(matches!(wrong, Err(Error::InvalidPassword)));
    /// # Ok(()) }
    /// ```
    #[doc(alias = "useKey")]
    pub fn use_key_with_password<'a>(
        &'a self,
        key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>,
        password: &'a str,
    ) -> UseKey<'a, U, S> {
        UseKey { auth: self, key_id: parse(key_id), password, client: Client::new() }
    }

    /// Verifies the first of these keys that has this password, within the limits. Gives the attempts back that were not
    /// wrong guesses.
    pub(super) async fn verify_within_limits(
        &self,
        key_ids: impl Iterator<Item = &KeyId> + Send,
        password: &str,
        client: &Client,
    ) -> Result<VerifiedKey, Error> {
        let (mut wrong, mut beyond_limit) = (Vec::new(), None);
        let mut result = Err(Error::InvalidPassword);
        for key_id in key_ids {
            let origin = Origin::new(client, key_id);
            // Before the store is asked for anything.
            self.passwords().check_room(&origin)?;
            let max_waiting = self.passwords().max_waiting();
            let _turn = self.throttle().turn(self.clock(), SIGN_IN, key_id.as_str(), client, max_waiting).await?;
            let attempt = match self.attempt(SIGN_IN, key_id.as_str(), client).await {
                Ok(attempt) => attempt,
                Err(error @ Error::TooManyAttempts { .. }) => {
                    beyond_limit = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            result = self.verify_key(key_id, password, &origin).await;
            if result.as_ref().is_err_and(Error::is_invalid_credentials) {
                wrong.push(attempt);
            } else {
                attempt.give_back().await;
                break;
            }
        }
        match (&result, beyond_limit) {
            (Ok(_), _) => {
                for attempt in wrong {
                    attempt.give_back().await;
                }
            }
            // The password may be that of the key that was not verified.
            (Err(error), Some(beyond_limit)) if error.is_invalid_credentials() => return Err(beyond_limit),
            (Err(_), _) => {}
        }
        result
    }

    async fn verify_key(&self, key_id: &KeyId, password: &str, origin: &Origin) -> Result<VerifiedKey, Error> {
        let mut attempts = 1..=REHASH_ATTEMPTS;
        loop {
            let row = self.adapter().get_key(key_id).await?;
            let Some((row, hash)) = row.as_ref().and_then(|row| Some((row, row.hashed_password.as_ref()?))) else {
                self.passwords().verify_dummy(password, origin.clone()).await?;
                let unknown = Error::InvalidKeyId { source: None };
                return Err(refused(key_id, row.map_or(unknown, |_| Error::InvalidPassword)));
            };
            match self.passwords().verify(password, hash, origin.clone()).await? {
                Verification::ValidButOutdated if self.rehashes_on_use() => {
                    match self.rehash(row, password, origin.clone()).await {
                        Ok(row) => return Ok(self.verified(row)),
                        // The password or its hash changed meanwhile: verify the stored one.
                        Err(error) if is_conflict(&error) && attempts.next().is_some() => {}
                        // The next sign-in replaces it.
                        Err(Error::Busy { .. }) => return Ok(self.verified(row.clone())),
                        Err(error) => return Err(error),
                    }
                }
                Verification::Valid | Verification::ValidButOutdated => return Ok(self.verified(row.clone())),
                Verification::Invalid => return Err(refused(key_id, Error::InvalidPassword)),
                Verification::Unsupported => return Err(refused(key_id, Error::OutdatedPassword)),
            }
        }
    }

    /// Replaces the hash of a correct password, and returns the updated row.
    async fn rehash(&self, row: &KeySchema, password: &str, origin: Origin) -> Result<KeySchema, Error> {
        let new = self.passwords().hash(password, origin).await?;
        let row = self.replace_hash(row, Some(new)).await?;
        tracing::debug!(provider_id = row.id.provider_id(), "password rehashed");
        Ok(row)
    }
}

fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::Adapter(error) if error.kind() == AdapterErrorKind::Conflict)
}

impl<U, S> UseKey<'_, U, S> {
    /// Sets the client that presents the password, such as [`AuthRequest::client`](crate::AuthRequest::client). Defaults
    /// to a client of which nothing is known.
    pub fn client(mut self, client: &Client) -> Self {
        self.client = client.clone();
        self
    }
}

impl<'a, U, S> IntoFuture for UseKey<'a, U, S> {
    type Output = Result<VerifiedKey, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { auth, key_id, password, client } = self;
        Box::pin(async move { auth.verify_within_limits([&key_id?].into_iter(), password, &client).await })
    }
}

impl<U, S> fmt::Debug for UseKey<'_, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseKey").finish_non_exhaustive()
    }
}
