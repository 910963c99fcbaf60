//! The keys of a user: the name with the password, and the address without one.

use lucia_auth::{Error, KeyId, NewKey, User, UserId, VerifiedKey};
use serde::Serialize;

use super::{
    auth::{AppAuth, AppTokens, Profile},
    form::canonical,
};

/// The provider of the keys with a password.
pub(super) const USERNAME: &str = "username";
/// The provider of the keys that find a user by their address.
///
/// They have no password: a second hash would have to change with the first, and be guessed beside it.
pub(super) const EMAIL: &str = "email";

/// Returns the user name that belongs to a name or an address, as typed into the sign-in page.
///
/// Whatever was typed, one password is verified, and its attempts count for one account. An unknown address is a user
/// name that nobody can have, and takes as many reads as a known one.
pub(super) async fn find_username(auth: &AppAuth, name_or_address: &str) -> Result<String, Error> {
    let name = canonical(name_or_address);
    if !name.contains('@') {
        return Ok(name);
    }
    let user_id = match auth.get_key((EMAIL, &name)).await {
        Ok(key) => key.user_id,
        Err(Error::InvalidKeyId { .. }) => UserId::new("nobody"),
        Err(error) => return Err(error),
    };
    match auth.get_user(&user_id).await {
        Ok(user) => Ok(canonical(&user.attributes.username)),
        Err(Error::InvalidUserId { .. }) => Ok(name),
        Err(error) => Err(error),
    }
}

/// Returns the id of the key that finds a user by their address.
pub(super) async fn address_key(auth: &AppAuth, user: &User<Profile>) -> Result<KeyId, Error> {
    let keys = auth.get_all_user_keys(&user.id).await?;
    match keys.into_iter().map(|key| key.id).find(|key_id| key_id.provider_id() == EMAIL) {
        Some(key_id) => Ok(key_id),
        // The process ended in the middle of the sign-up.
        None => Ok(auth.create_key(&user.id, NewKey::new((EMAIL, user.attributes.email.as_str()))).await?.id),
    }
}

/// Replaces the address of a user, after a link that was mailed to the new one was followed. All other links end.
///
/// If the present address has changed meanwhile, its key is not found, and the error is
/// [`InvalidKeyId`](Error::InvalidKeyId).
pub(super) async fn set_address(
    auth: AppAuth,
    tokens: AppTokens,
    present: VerifiedKey,
    address: String,
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Verified<'a> {
        email: &'a str,
        email_verified: bool,
    }
    if present.id.provider_user_id() != address {
        auth.update_key_provider_user_id(&present.id, &address).await?;
    }
    auth.update_user_attributes(&present.user_id, &Verified { email: &address, email_verified: true }).await?;
    tokens.delete_user_tokens(&present.user_id).await
}
