use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use worker::Body;

use crate::error::Error;

/// The largest form that is read.
const MAX_BYTES: usize = 4096;

/// The fields of the forms for signing up and signing in.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Credentials {
    pub(crate) async fn read(body: Body) -> Result<Self, Error> {
        let body = Limited::new(body, MAX_BYTES).collect().await.map_err(|_| Error::Form("The form is too long."))?;
        let form = serde_urlencoded::from_bytes::<Self>(&body.to_bytes());
        let mut form = form.map_err(|_| Error::Form("The form needs a username and a password."))?;
        // A username is found in any spelling.
        form.username.make_ascii_lowercase();
        Ok(form)
    }

    /// Checks the rules for new usernames.
    pub(crate) fn check(self) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !(3..=31).contains(&self.username.len()) || !self.username.chars().all(plain) {
            return Err(Error::Form("A username has 3 to 31 letters, digits, hyphens and underscores."));
        }
        Ok(self)
    }
}
