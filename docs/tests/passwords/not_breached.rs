use std::time::Duration;

use lucia_auth::{PasswordCheck, PasswordContext, PasswordError, PasswordRejection, lucia_core::async_trait};
use reqwest::Client;
use sha1::{Digest as _, Sha1};

#[derive(Debug)]
struct NotBreached {
    client: Client,
    /// `https://api.pwnedpasswords.com`
    url: String,
}

impl NotBreached {
    /// Returns a line `digits:count` for each listed password whose SHA-1 starts with these digits.
    async fn range(&self, start: &str) -> Result<String, reqwest::Error> {
        let request = self.client.get(format!("{}/range/{start}", self.url)).timeout(Duration::from_secs(2));
        // Padding hides the number of lines from those who see the encrypted response.
        request.header("add-padding", "true").send().await?.error_for_status()?.text().await
    }
}

#[async_trait]
impl PasswordCheck for NotBreached {
    async fn check(&self, password: &str, _: &PasswordContext<'_>) -> Result<(), PasswordError> {
        let digits: String = Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect();
        let (start, rest) = digits.split_at(5);
        // The URL contains digits, which do not belong in a log.
        let failed = |error: reqwest::Error| PasswordError::check_failed(error.without_url());
        let range = self.range(start).await.map_err(failed)?;
        // Padding has a count of 0.
        let is_listed = |line: &str| line.split_once(':').is_some_and(|(digits, count)| digits == rest && count != "0");
        if range.lines().any(is_listed) { Err(PasswordRejection::Breached.into()) } else { Ok(()) }
    }
}
