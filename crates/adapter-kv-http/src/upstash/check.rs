use lucia_core::AdapterResult;

use super::{
    adapter::{Failure, UpstashSessionAdapter, unexpected},
    reply::Reply,
    script,
};
use crate::{HttpError, client::Repeat};

/// How much is looked at: so many times so many keys. Where sessions are in another index, it has one for every few of them, so
/// that a small part of a large database has some.
const SCANS: usize = 10;
const KEYS_A_SCAN: &str = "1000";
/// How many indexes are compared with that of the configuration.
const SAMPLE: usize = 100;

impl UpstashSessionAdapter {
    /// Checks that the prefixes are those of the store, as `adapter-redis` does when it is made.
    ///
    /// With other ones on the store of Lucia JS 2.0 to 2.1.2, lists and revocations fail, and only for the users who have
    /// signed in there: call this at the start of the application, or after a deployment. Of up to 10,000 keys, it looks for an
    /// index of Lucia JS that names a live session which the configured one does not. It takes one request for each 1,000 keys,
    /// and one more for each of those in which there are such indexes; none with the prefixes of Lucia JS.
    ///
    /// ```no_run
    /// use adapter_kv_http::UpstashConfig;
    ///
    /// # async fn run(url: &str, token: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = UpstashConfig::new(url, token).session_adapter()?;
    /// adapter.check().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) with [`HttpError::OtherIndex`] as its source if there is one, and
    /// otherwise those of every operation.
    pub async fn check(&self) -> AdapterResult<()> {
        self.look_for_another_index().await.map_err(|failure| failure.during("check"))
    }

    async fn look_for_another_index(&self) -> Result<(), Failure> {
        let Some(other) = self.names.other_index_prefix() else {
            return Ok(());
        };
        let pattern = format!("{other}*");
        let arguments = [other, self.names.index_prefix(), self.names.session_prefix()];
        let (mut cursor, mut left) = ("0".to_owned(), SAMPLE);
        for _ in 0..SCANS {
            let scan = ["SCAN", &cursor, "MATCH", &pattern, "COUNT", KEYS_A_SCAN, "TYPE", "set"];
            let (next, keys) = page(self.rest.run(&scan, Repeat::Always).await?).ok_or_else(unexpected)?;
            let indexes: Vec<_> =
                keys.iter().map(String::as_str).filter(|key| key.starts_with(other)).take(left).collect();
            if !indexes.is_empty() {
                match self.script(script::CHECK, &indexes, &arguments, Repeat::Always).await? {
                    Reply::Int(0) => {}
                    Reply::Int(-1) => return Err(Failure::Http(HttpError::OtherIndex)),
                    _ => return Err(unexpected()),
                }
            }
            left -= indexes.len();
            if next == "0" || left == 0 {
                break;
            }
            cursor = next;
        }
        Ok(())
    }
}

/// The next cursor, and the keys that are text: no user of this adapter has another one.
fn page(reply: Reply) -> Option<(String, Vec<String>)> {
    let text = |reply| if let Reply::Bytes(bytes) = reply { String::from_utf8(bytes).ok() } else { None };
    let Reply::Array(parts) = reply else { return None };
    let [cursor, Reply::Array(keys)] = <[Reply; 2]>::try_from(parts).ok()? else { return None };
    Some((text(cursor)?, keys.into_iter().filter_map(text).collect()))
}
