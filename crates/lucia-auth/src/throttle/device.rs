use lucia_core::UnixMillis;

use super::{Throttle, ThrottleKey};
use crate::{Client, Error, client::DeviceCookie, random::random_bytes};

/// How long after a sign-in a device is known: as long as its cookie lasts.
const MAX_DAYS: u32 = 365;

const DAY_MILLIS: i64 = 86_400_000;

impl Throttle {
    /// Returns the cookie of a client that signed in to an account. The device keeps its id and its other accounts.
    pub(crate) fn remember(&self, client: &Client, account: &str, now: UnixMillis) -> Result<DeviceCookie, Error> {
        let key = self.key()?;
        let known = known_device(key, client, account, now).or_else(|| client.devices().first());
        let device = match known {
            Some(device) => device.clone(),
            None => new_device()?,
        };
        let id = *device.id();
        Ok(device.with_mark(key.mark(&id, account, day(now)), |mark| key.is_mark(mark, &id, account)))
    }
}

/// Returns the device of a client that signed in to an account within the last year.
pub(super) fn known_device<'a>(
    key: &ThrottleKey,
    client: &'a Client,
    account: &str,
    now: UnixMillis,
) -> Option<&'a DeviceCookie> {
    client.devices().iter().find(|device| {
        let mut marks = device.marks().iter();
        marks.any(|mark| key.is_mark(mark, device.id(), account) && day(now).saturating_sub(mark.day) <= MAX_DAYS)
    })
}

/// Returns the day, counted from 1970.
fn day(now: UnixMillis) -> u32 {
    u32::try_from(now.get().max(0) / DAY_MILLIS).unwrap_or(u32::MAX)
}

fn new_device() -> Result<DeviceCookie, Error> {
    Ok(DeviceCookie::new(random_bytes().map_err(Error::Random)?))
}
