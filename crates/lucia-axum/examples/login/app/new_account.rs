use lucia_auth::{Error, NewKey, NewUser, User};

use super::{
    auth::{AppAuth, Profile},
    email_address::EmailAddress,
    form::canonical,
    keys::{EMAIL, USERNAME},
};

/// A user who signs up, with valid names.
pub(super) struct NewAccount {
    pub(super) username: String,
    pub(super) email: EmailAddress,
    pub(super) password: String,
}

/// The reason why an account was not created. Nothing is stored then.
pub(super) enum NotCreated {
    UsernameTaken,
    AddressTaken,
    Failed(Error),
}

impl From<Error> for NotCreated {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Creates a user with a key for the name and one for the address.
///
/// Looks up neither before the password is accepted and hashed, so that a refusal of the password and a server that is busy
/// or down tell nothing about them.
pub(super) async fn create(auth: AppAuth, account: NewAccount) -> Result<User<Profile>, NotCreated> {
    let NewAccount { username, email, password } = account;
    let by_name = NewKey::with_password((USERNAME, canonical(&username)), password);
    let profile = Profile { username, email: email.to_string(), email_verified: false };
    let user = match auth.create_user(NewUser::new().key(by_name).attributes(&profile)).await {
        Ok(user) => user,
        Err(Error::DuplicateKeyId { .. } | Error::DuplicateAttribute { .. }) => return Err(NotCreated::UsernameTaken),
        Err(error) => return Err(error.into()),
    };
    let by_address = NewKey::new((EMAIL, email.as_str()));
    if let Err(error) = auth.create_key(&user.id, by_address).await {
        auth.delete_user(&user.id).await?;
        return Err(match error {
            // Somebody else signed up with it meanwhile.
            Error::DuplicateKeyId { .. } => NotCreated::AddressTaken,
            error => error.into(),
        });
    }
    Ok(user)
}
