use lucia_core::{
    SystemClock,
    kv::{KvLayout, KvSessionAdapter},
};

use super::CloudflareKvStore;

/// Sessions in a Workers KV namespace.
pub type CloudflareKvSessionAdapter = KvSessionAdapter<CloudflareKvStore>;

impl CloudflareKvStore {
    /// Sessions under the prefixes of Lucia's adapter for Cloudflare KV: `session` and `user_sessions`.
    ///
    /// ```no_run
    /// use adapter_cloudflare_kv::CloudflareKvStore;
    ///
    /// # fn adapter(env: &worker::Env) -> worker::Result<()> {
    /// let sessions = CloudflareKvStore::new(env.kv("SESSIONS")?).into_session_adapter();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_session_adapter(self) -> CloudflareKvSessionAdapter {
        self.into_session_adapter_with(default_layout())
    }

    /// Sessions under other prefixes.
    ///
    /// ```no_run
    /// use adapter_cloudflare_kv::CloudflareKvStore;
    /// use lucia_core::kv::KvLayout;
    ///
    /// # fn adapter(env: &worker::Env) -> Result<(), Box<dyn std::error::Error>> {
    /// let layout = KvLayout::new("app:session", "app:user_sessions")?;
    /// let sessions = CloudflareKvStore::new(env.kv("SESSIONS")?).into_session_adapter_with(layout);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_session_adapter_with(self, layout: KvLayout) -> CloudflareKvSessionAdapter {
        KvSessionAdapter::new(self, layout, SystemClock)
    }
}

#[expect(clippy::expect_used, reason = "a test makes it")]
fn default_layout() -> KvLayout {
    KvLayout::new("session", "user_sessions").expect("both prefixes are plain, and neither continues the other")
}

#[cfg(test)]
mod tests {
    use super::default_layout;

    #[test]
    fn keys_are_those_of_lucia_js() {
        let layout = default_layout();
        assert_eq!(layout.session_key(&"s1".into()), "session:s1");
        assert_eq!(layout.list_key(&"u1".into()), "user_sessions:u1");
    }
}
