use std::{error::Error as StdError, future::Future};

use lucia_auth::{Error, NewToken, TokenPurpose, User};

use super::{
    auth::{AppAuth, AppTokens, Profile},
    email_address::EmailAddress,
    form::canonical,
    keys::{EMAIL, USERNAME},
    mail::Mail,
    mailer::Mailer,
    origin::Origin,
};

type Sent = Result<(), Box<dyn StdError + Send + Sync>>;

/// Mails links with one-time tokens.
///
/// Mails are sent after the answer, in tasks of their own. So the answer is as fast for an address that has no account, and
/// does not fail with the mail server; a mail that is lost is asked for again.
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
            let token = NewToken::new(TokenPurpose::EMAIL_VERIFICATION, user.id).bound_to(address.as_str());
            let link = links.origin.link("/verify-email", &links.tokens.issue(token).await?);
            links.mailer.send(Mail::verify_address(address, &user.attributes.username, &link)).await
        });
    }

    /// Tells the owner of the present address about the new one.
    pub(super) fn announce_change(&self, user: User<Profile>, new: EmailAddress) {
        let links = self.clone();
        spawn(async move {
            let page = links.origin.page("/forgot-password");
            let Ok(old) = user.attributes.email.parse() else { return Ok(()) };
            links.mailer.send(Mail::address_changes(old, &user.attributes.username, &new, &page)).await
        });
    }

    /// Mails a link for a new password, if the address has an account.
    pub(super) fn reset_password(&self, address: EmailAddress) {
        let links = self.clone();
        spawn(async move {
            let key = match links.auth.get_key((EMAIL, address.as_str())).await {
                Err(Error::InvalidKeyId { .. }) => return Ok(()),
                key => key?,
            };
            let user = links.auth.get_user(&key.user_id).await?;
            let username = &user.attributes.username;
            let token = NewToken::for_key(TokenPurpose::PASSWORD_RESET, (USERNAME, canonical(username)));
            let link = links.origin.link("/reset-password", &links.tokens.issue(token).await?);
            links.mailer.send(Mail::reset_password(address, username, &link)).await
        });
    }

    pub(super) fn announce_new_password(&self, user: User<Profile>) {
        let links = self.clone();
        spawn(async move {
            let page = links.origin.page("/forgot-password");
            let Ok(address) = user.attributes.email.parse() else { return Ok(()) };
            links.mailer.send(Mail::password_changed(address, &user.attributes.username, &page)).await
        });
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
