use super::email_address::EmailAddress;

/// A mail of plain text. Its links are secret, so it is not printed.
///
/// Its words are fixed. Anybody can sign up with the address of somebody else: a name that users choose would be a message
/// that strangers send in the name of this application.
pub(super) struct Mail {
    pub(super) to: EmailAddress,
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// The sessions that a new password ends.
#[derive(Clone, Copy)]
pub(super) enum SignedOut {
    Everywhere,
    /// All but the one in which it was changed.
    EverywhereElse,
}

impl Mail {
    pub(super) fn verify_address(to: EmailAddress, link: &str) -> Self {
        let text = format!(
            "Hello,\n\n\
             please confirm that this is your address:\n\n\
             {link}\n\n\
             The link is valid for one day. If you did not ask for it, ignore this mail.\n"
        );
        Self { to, subject: "Confirm your e-mail address", text }
    }

    pub(super) fn reset_password(to: EmailAddress, link: &str) -> Self {
        let text = format!(
            "Hello,\n\n\
             here you can choose a new password:\n\n\
             {link}\n\n\
             The link is valid for 30 minutes. If you did not ask for it, ignore this mail: your password stays as it \
             is.\n"
        );
        Self { to, subject: "Choose a new password", text }
    }

    /// A notice to the old address, whose owner may not be the person who changes it.
    pub(super) fn address_changes(to: EmailAddress, page: &str) -> Self {
        let text = format!(
            "Hello,\n\n\
             the address of your account will change as soon as a link that we sent to the new one is followed.\n\n\
             If that was not you, choose a new password now, which also signs out everybody else:\n\n\
             {page}\n"
        );
        Self { to, subject: "Your e-mail address changes", text }
    }

    /// A notice to the old address, which finds the account no more.
    pub(super) fn address_changed(to: EmailAddress, page: &str) -> Self {
        let text = format!(
            "Hello,\n\n\
             the address of your account was changed: this one no longer belongs to it.\n\n\
             If that was not you, sign in with your user name, and change the password and the address:\n\n\
             {page}\n"
        );
        Self { to, subject: "Your e-mail address was changed", text }
    }

    pub(super) fn password_changed(to: EmailAddress, signed_out: SignedOut, page: &str) -> Self {
        let signed_out = match signed_out {
            SignedOut::Everywhere => "everywhere",
            SignedOut::EverywhereElse => "everywhere else",
        };
        let text = format!(
            "Hello,\n\n\
             your password was changed, and you were signed out {signed_out}.\n\n\
             If that was not you, choose a new one:\n\n\
             {page}\n"
        );
        Self { to, subject: "Your password was changed", text }
    }
}
