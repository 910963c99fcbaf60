//! The keys of a user: the name with the password, and the address without one.

use lucia_auth::{Error, KeyId, NewKey, User, UserId};

use super::{
    auth::{AppAuth, Profile},
    email_address::EmailAddress,
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

/// Returns whether an address is the present one of a user.
pub(super) async fn has_address(auth: &AppAuth, user_id: &UserId, address: &EmailAddress) -> Result<bool, Error> {
    match auth.get_key((EMAIL, address.as_str())).await {
        Err(Error::InvalidKeyId { .. }) => Ok(false),
        key => Ok(key?.user_id == *user_id),
    }
}
