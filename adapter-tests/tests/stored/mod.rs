//! A back door to sessions in memory.

use adapter_tests::{BackDoor, BoxError};
use lucia_core::{SessionScan, async_trait};

pub(crate) struct Door<S>(pub(crate) S);

#[async_trait]
impl<S: SessionScan + 'static> BackDoor for Door<S> {
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = String::new();
        let mut cursor = None;
        loop {
            let page = self.0.scan_sessions(cursor.as_deref(), 100).await?;
            for session in self.0.get_sessions(&page.session_ids).await? {
                stored += &session.to_json();
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(stored.into_bytes());
            }
        }
    }
}
