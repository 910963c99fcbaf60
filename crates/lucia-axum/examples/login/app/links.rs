use std::{future::Future, sync::Arc, time::Duration};

use axum::BoxError;
use lucia_auth::{Error, NewToken, OneTimeToken, TokenPurpose, User, UserId};

use super::{
    address_change::AddressChange,
    auth::{AppAuth, AppTokens, Profile, StoredSession},
    email_address::EmailAddress,
    form::canonical,
    keys::{EMAIL, USERNAME, address_key, has_address},
    mail::{Mail, SignedOut},
    mailer::Mailer,
    origin::Origin,
    tasks::Tasks,
};

/// The time for which a link that was mailed is not replaced: long enough to use it, whoever asks for others.
const INTERVAL: Duration = Duration::from_secs(2 * 60);

/// What became of the request for another link.
pub(super) enum Resent {
    Mailed,
    /// One was asked for a moment ago.
    TooEarly,
    /// The address is confirmed already.
    Confirmed,
}

/// Mails links with one-time tokens.
///
/// Mails are sent after the answer, in tasks of their own, which complete before the program ends. So the answer is as fast
/// for an address that has no account, and does not fail with the mail server; a mail that is lost is asked for again, two
/// minutes later.
#[derive(Clone)]
pub(crate) struct Links {
    auth: AppAuth,
    tokens: AppTokens,
    mailer: Mailer,
    origin: Origin,
    tasks: Tasks,
}

impl Links {
    pub(crate) fn new(auth: AppAuth, tokens: AppTokens, mailer: Mailer, origin: Origin) -> Self {
        Self { auth, tokens, mailer, origin, tasks: Tasks::new() }
    }

    pub(super) fn auth(&self) -> &AppAuth {
        &self.auth
    }

    pub(super) fn tokens(&self) -> &AppTokens {
        &self.tokens
    }

    pub(super) fn mailer(&self) -> &Mailer {
        &self.mailer
    }

    /// Returns the tasks that must complete.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Mails a link that confirms the present address of a user.
    pub(super) fn confirm_address(&self, user: User<Profile>) {
        let links = self.clone();
        self.mail("address confirmation", async move {
            let present = links.present_address(&user).await?;
            let Some(mail) = links.confirmation(&user, present).await? else { return Ok(()) };
            links.mailer.send(mail).await
        });
    }

    /// Mails another link that confirms the present address of a user, who is signed in, if there is a need.
    pub(super) async fn confirm_address_again(&self, user: User<Profile>) -> Result<Resent, BoxError> {
        let present = self.present_address(&user).await?;
        if user.attributes.email_verified && user.attributes.email == present.as_str() {
            return Ok(Resent::Confirmed);
        }
        let Some(mail) = self.confirmation(&user, present).await? else { return Ok(Resent::TooEarly) };
        let mailer = self.mailer.clone();
        self.mail("address confirmation", async move { mailer.send(mail).await });
        Ok(Resent::Mailed)
    }

    /// Mails a link to another address that makes it the one of a user, who is signed in.
    pub(super) fn change_address(&self, session: Arc<StoredSession>, new: EmailAddress) {
        let links = self.clone();
        self.mail("address change", async move {
            let present = links.present_address(&session.user).await?;
            let change = AddressChange { present, new };
            // Voids earlier links: the address of one may be mistyped, and be that of a stranger.
            let token = links.tokens.issue(verification(&session.user, &change)).await?;
            // A new password ends sessions and links, but has missed a link that was issued since.
            links.auth.get_session(&session.token).await?;
            links.mailer.send(links.verify_address(change, &token)).await
        });
    }

    /// Tells the owner of the present address that it will change.
    pub(super) fn announce_change(&self, user: User<Profile>) {
        let links = self.clone();
        self.mail("notice of an address change", async move {
            let page = links.origin.page("/forgot-password");
            links.mailer.send(Mail::address_changes(links.present_address(&user).await?, &page)).await
        });
    }

    /// Tells the owner of the old address that it was changed.
    pub(super) fn announce_changed(&self, old: EmailAddress) {
        let links = self.clone();
        self.mail("notice of a changed address", async move {
            let page = links.origin.page("/sign-in");
            links.mailer.send(Mail::address_changed(old, &page)).await
        });
    }

    /// Mails a link for a new password, if the address has an account.
    pub(super) fn reset_password(&self, address: EmailAddress) {
        let links = self.clone();
        self.mail("password reset", async move {
            let Some(user) = links.owner(&address).await? else { return Ok(()) };
            let key_id = (USERNAME, canonical(&user.attributes.username));
            let token = NewToken::for_key(TokenPurpose::PASSWORD_RESET, key_id).bound_to(address.as_str());
            let Some(token) = links.issue(token).await? else { return Ok(()) };
            // A change of the address ends the links that were mailed to it, but has missed one that was issued since.
            if !has_address(&links.auth, &user.id, &address).await? {
                return Ok(());
            }
            let link = links.origin.link("/reset-password", &token);
            links.mailer.send(Mail::reset_password(address, &link)).await
        });
    }

    /// Tells a user that their password was changed.
    pub(super) fn announce_new_password(&self, user_id: UserId, signed_out: SignedOut) {
        let links = self.clone();
        self.mail("notice of a new password", async move {
            let page = links.origin.page("/forgot-password");
            let user = links.auth.get_user(&user_id).await?;
            links.mailer.send(Mail::password_changed(links.present_address(&user).await?, signed_out, &page)).await
        });
    }

    /// Starts to send a mail. If that fails, the log has what kind of mail it was, and nothing that it contains.
    fn mail(&self, kind: &'static str, sending: impl Future<Output = Result<(), BoxError>> + Send + 'static) {
        self.tasks.spawn(async move {
            if let Err(error) = sending.await {
                tracing::error!(kind, error = &*error, "mail not sent");
            }
        });
    }

    /// Returns a mail with a link that confirms the present address, unless one was asked for a moment ago.
    async fn confirmation(&self, user: &User<Profile>, present: EmailAddress) -> Result<Option<Mail>, Error> {
        let change = AddressChange::confirmation(present);
        let token = self.issue(verification(user, &change)).await?;
        Ok(token.map(|token| self.verify_address(change, &token)))
    }

    /// Returns the mail with the link of a change of address, to the new one.
    fn verify_address(&self, change: AddressChange, token: &OneTimeToken) -> Mail {
        Mail::verify_address(change.new, &self.origin.link("/verify-email", token))
    }

    /// Returns the address of a user, which their key decides.
    async fn present_address(&self, user: &User<Profile>) -> Result<EmailAddress, BoxError> {
        Ok(address_key(&self.auth, user).await?.provider_user_id().parse()?)
    }

    /// Issues a token, unless a link for the same was mailed a moment ago: that one stays valid, unless something else has
    /// voided it.
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

/// Returns the token of a change of address. It is for the key with the password: a new password voids the link.
fn verification(user: &User<Profile>, change: &AddressChange) -> NewToken {
    let key_id = (USERNAME, canonical(&user.attributes.username));
    NewToken::for_key(TokenPurpose::EMAIL_VERIFICATION, key_id).bound_to(change.to_string())
}
