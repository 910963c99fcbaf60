use lucia_auth::{Auth, Error, NewKey, NewUser, PasswordError, PasswordRejection};

/// Returns the message for the password's field, if the user must choose another password.
async fn sign_up(auth: &Auth, username: &str, password: &str) -> Result<Option<String>, Error> {
    match auth.create_user(NewUser::new().key(NewKey::with_password(("username", username), password))).await {
        Ok(_) => Ok(None),
        // To translate the messages, match on the reason.
        Err(Error::Password(PasswordError::Rejected(PasswordRejection::TooShort { min }))) => {
            Ok(Some(format!("Mindestens {min} Zeichen.")))
        }
        Err(Error::Password(error)) if error.is_unacceptable() => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}
