//! The keys of a user: the name with the password, and the address without one.

use lucia_auth::{Error, NewKey, UserId};
use serde::Serialize;

use super::{
    auth::{AppAuth, AppTokens},
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

/// Makes an address the user's, after a link that was mailed to it was followed. Links that were mailed to the old one end.
pub(super) async fn set_address(
    auth: AppAuth,
    tokens: AppTokens,
    user_id: UserId,
    address: String,
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Verified<'a> {
        email: &'a str,
        email_verified: bool,
    }
    let keys = auth.get_all_user_keys(&user_id).await?;
    match keys.iter().map(|key| &key.id).find(|key_id| key_id.provider_id() == EMAIL) {
        Some(present) if present.provider_user_id() == address => {}
        Some(present) => drop(auth.update_key_provider_user_id(present, &address).await?),
        None => drop(auth.create_key(&user_id, NewKey::new((EMAIL, address.as_str()))).await?),
    }
    auth.update_user_attributes(&user_id, &Verified { email: &address, email_verified: true }).await?;
    tokens.delete_user_tokens(&user_id).await
}
