use std::{
    hash::{BuildHasher as _, RandomState},
    sync::atomic::Ordering::Relaxed,
    time::Duration,
};

use tokio::time::sleep;

use super::store::UnstorageStore;
use crate::{error::Error, read_only_driver::ReadOnlyDriver};

/// The pauses before a probe is read again, in milliseconds: a replica may lag behind.
const PAUSES: [u64; 3] = [50, 200, 1_000];

/// The lifetime of a probe that could not be deleted.
const LIFETIME: Duration = Duration::from_secs(3_600);

impl UnstorageStore {
    /// Reads the first written value back, because a server responds with OK even if its driver is read-only. If the
    /// server fails, the next one is read back instead.
    pub(super) async fn check_stored(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        if self.stores.load(Relaxed) {
            return Ok(());
        }
        let stores = match self.read(key).await {
            Ok(Some(stored)) if stored == value => Ok(true),
            // The value may be another one by now, so a key of this call decides.
            Ok(_) => self.stores_probe(key).await,
            Err(error) => Err(error),
        };
        match stores {
            Ok(true) => self.stores.store(true, Relaxed),
            Ok(false) => return Err(ReadOnlyDriver.into()),
            Err(_) => {}
        }
        Ok(())
    }

    /// Returns `true` if the server stores a value under a key beside `key`, which is not that of any session.
    async fn stores_probe(&self, key: &str) -> Result<bool, Error> {
        let probe = format!("{key}~probe{:016x}", RandomState::new().hash_one(key));
        self.send_value(&probe, b"1", self.client.clock().now().saturating_add(LIFETIME)).await?;
        let mut stored = self.read(&probe).await?.is_some();
        for millis in PAUSES {
            if stored {
                break;
            }
            sleep(Duration::from_millis(millis)).await;
            stored = self.read(&probe).await?.is_some();
        }
        if stored {
            // Nothing reads it, so it may also stay.
            let _ = self.remove(&probe).await;
        }
        Ok(stored)
    }
}
