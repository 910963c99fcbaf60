use super::Throttle;
use crate::{Client, Error, client::DeviceCookie};

impl Throttle {
    /// Returns the cookie of a client that signed in to an account. The device keeps its id and its other accounts.
    pub(crate) fn remember(&self, client: &Client, account: &str) -> Result<DeviceCookie, Error> {
        let key = self.key()?;
        let devices = client.devices();
        let known = devices.iter().find(|device| key.knows(device, account)).or_else(|| devices.first());
        let device = match known {
            Some(device) => device.clone(),
            None => new_device()?,
        };
        let mark = key.mark(device.id(), account);
        Ok(device.with_mark(mark))
    }
}

fn new_device() -> Result<DeviceCookie, Error> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| Error::Random(error.into()))?;
    Ok(DeviceCookie::new(id))
}
