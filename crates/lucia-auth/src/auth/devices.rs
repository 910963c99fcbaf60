use super::Auth;
use crate::{Client, Error, SetCookie, VerifiedKey, cookie::device_cookie};

/// Devices.
impl<U, S> Auth<U, S> {
    /// Creates the cookie `auth_device`, which gives a client that signed in attempts of its own.
    ///
    /// [`AuthRequest::remember_device`](crate::AuthRequest::remember_device) sets it.
    ///
    /// # Errors
    /// Returns [`Random`](Error::Random).
    pub fn device_cookie(&self, client: &Client, key: &VerifiedKey) -> Result<SetCookie, Error> {
        let device = self.throttle().remember(client, key.id.as_str(), self.now())?;
        Ok(device_cookie(device.to_value(), self.env(), self.now()))
    }
}
