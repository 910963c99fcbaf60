use std::{error::Error as StdError, future::Future, time::Duration};

use lucia_auth::{Error, NewToken, OneTimeToken, TokenPurpose, User};

use super::{
    auth::{AppAuth, AppTokens, Profile},
    email_address::EmailAddress,
    form::canonical,
    keys::{EMAIL, USERNAME, address_key},
    mail::Mail,
    mailer::Mailer,
    origin::Origin,
};

/// The time for which a link that was mailed is not replaced: long enough to use it, whoever asks for others.
const INTERVAL: Duration = Duration::from_secs(2 * 60);

type Sent = Result<(), Box<dyn StdError + Send + Sync>>;

/// Mails links with one-time tokens.
///
/// Mails are sent after the answer, in tasks of their own. So the answer is as fast for an address that has no account, and
/// does not fail with the mail server; a mail that is lost is asked for again, two minutes later.
#[derive(Clone)]
pub(crate) struct Links {
    auth: AppAuth,
    tokens: AppTokens,
    mailer: Mailer,
    origin: Origin,
}

impl Links {
    pub(crate) fn new(auth: AppAuth, tokens: AppTokens, mailer: Mailer, origin: Origin) -> Self {
        Self { auth, tokens, mailer, origin }
    }

    pub(super) fn tokens(&self) -> &AppTokens {
        &self.tokens
    }

    pub(super) fn mailer(&self) -> &Mailer {
        &self.mailer
    }

    /// Mails a link that makes an address the user's: their present one, or another.
    pub(super) fn verify(&self, user: User<Profile>, address: EmailAddress) {
        let links = self.clone();
        spawn(async move {
            // For the key of the present address: a change of the address ends the link.
            let key_id = address_key(&links.auth, &user).await?;
            let token = NewToken::for_key(TokenPurpose::EMAIL_VERIFICATION, key_id).bound_to(address.as_str());
            let Some(token) = links.issue(token).await? else { return Ok(()) };
            let link = links.origin.link("/verify-email", &token);
            links.mailer.send(Mail::verify_address(address, &link)).await
        });
    }

    /// Tells the owner of the present address that it will change.
    pub(super) fn announce_change(&self, user: User<Profile>) {
        let links = self.clone();
        spawn(async move {
            let page = links.origin.page("/forgot-password");
            let Ok(old) = user.attributes.email.parse() else { return Ok(()) };
            links.mailer.send(Mail::address_changes(old, &page)).await
        });
    }

    /// Mails a link for a new password, if the address has an account.
    pub(super) fn reset_password(&self, address: EmailAddress) {
        let links = self.clone();
        spawn(async move {
            let Some(user) = links.owner(&address).await? else { return Ok(()) };
            let key_id = (USERNAME, canonical(&user.attributes.username));
            let token = NewToken::for_key(TokenPurpose::PASSWORD_RESET, key_id).bound_to(address.as_str());
            let Some(token) = links.issue(token).await? else { return Ok(()) };
            // A change of the address ends the links that were mailed to it, but has missed one that was issued since.
            if links.owner(&address).await?.is_none_or(|owner| owner.id != user.id) {
                return Ok(());
            }
            let link = links.origin.link("/reset-password", &token);
            links.mailer.send(Mail::reset_password(address, &link)).await
        });
    }

    pub(super) fn announce_new_password(&self, user: User<Profile>) {
        let links = self.clone();
        spawn(async move {
            let page = links.origin.page("/forgot-password");
            let Ok(address) = user.attributes.email.parse() else { return Ok(()) };
            links.mailer.send(Mail::password_changed(address, &page)).await
        });
    }

    /// Issues a token, unless a link for the same was mailed a moment ago: that one stays valid.
    async fn issue(&self, token: NewToken) -> Result<Option<OneTimeToken>, Error> {
        match self.tokens.issue(token.at_most_every(INTERVAL)).await {
            Err(Error::TooManyAttempts { .. }) => Ok(None),
            issued => issued.map(Some),
        }
    }

    /// Returns the user who has an address.
    async fn owner(&self, address: &EmailAddress) -> Result<Option<User<Profile>>, Error> {
        let key = match self.auth.get_key((EMAIL, address.as_str())).await {
            Err(Error::InvalidKeyId { .. }) => return Ok(None),
            key => key?,
        };
        match self.auth.get_user(&key.user_id).await {
            Err(Error::InvalidUserId { .. }) => Ok(None),
            user => user.map(Some),
        }
    }
}

#[expect(clippy::print_stderr, reason = "an example has no log")]
fn spawn(sending: impl Future<Output = Sent> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = sending.await {
            eprintln!("mail not sent: {error}: {:?}", error.source());
        }
    });
}
