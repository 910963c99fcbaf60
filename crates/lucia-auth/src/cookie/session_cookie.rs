use cookie::{
    Cookie,
    time::{Duration, OffsetDateTime, macros::datetime},
};
use lucia_core::{SessionToken, UnixMillis};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{InvalidSessionCookie, SentCookies, SetCookie, is_cookie_safe};
use crate::{Env, host::Host};

const DEFAULT_NAME: &str = "auth_session";

/// The lifetime of a cookie that does not expire with its session, or belongs to none.
pub(super) const UNLIMITED: Duration = Duration::days(365);

/// The latest time in the date format of cookies.
pub(super) const LATEST: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// Configures the name and the attributes of the session cookie.
///
/// Defaults to `auth_session`, `SameSite=Lax`, `Path=/`, no domain, not partitioned, expiring with the session.
/// The cookie is always `HttpOnly`, and `Secure` in [`Env::Prod`].
///
/// ```
/// use lucia_auth::{Auth, SameSite, SessionCookie, memory::MemoryAdapter};
///
/// let cookie = SessionCookie::new().name("__Host-session").same_site(SameSite::Strict);
/// let auth = Auth::builder(MemoryAdapter::new()).session_cookie(cookie).build()?;
/// let blank = auth.blank_session_cookie().to_string();
/// assert!(blank.starts_with("__Host-session=; HttpOnly; SameSite=Strict; Secure; Path=/"));
/// # Ok::<(), lucia_auth::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SessionCookie {
    name: String,
    same_site: SameSite,
    path: String,
    domain: Option<String>,
    expires: bool,
    partitioned: bool,
}

impl SessionCookie {
    /// Creates the default configuration.
    pub fn new() -> Self {
        Self {
            name: DEFAULT_NAME.to_owned(),
            same_site: SameSite::Lax,
            path: "/".to_owned(),
            domain: None,
            expires: true,
            partitioned: false,
        }
    }

    /// Sets the cookie's name. Browsers enforce the rules of the prefixes `__Host-` and `__Secure-`. Defaults to
    /// `auth_session`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets with which requests from other sites browsers send the cookie. [`SameSite::None`] requires [`Env::Prod`].
    /// Defaults to [`SameSite::Lax`].
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Sets the path below which browsers send the cookie. Defaults to `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the domain to which browsers send the cookie, including its subdomains. Defaults to only the host that set
    /// it.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets whether the cookie expires with the session. If not, it lasts for a year, and only the server decides.
    /// Defaults to `true`.
    pub fn expires(mut self, expires: bool) -> Self {
        self.expires = expires;
        self
    }

    /// Sets whether the cookie is `Partitioned`: if the site is embedded in other sites, browsers keep a separate
    /// cookie for each. Requires [`Env::Prod`], and [`SameSite::None`] for the cookie to be sent there. Defaults to
    /// `false`.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    pub(crate) fn validate(&self, env: Env) -> Result<(), InvalidSessionCookie> {
        let name = || self.name.clone();
        if !is_token(&self.name) {
            return Err(InvalidSessionCookie::Name { name: name() });
        }
        let is_host_only = has_prefix(&self.name, "__Host-");
        if env == Env::Dev && (is_host_only || has_prefix(&self.name, "__Secure-")) {
            return Err(InvalidSessionCookie::InsecurePrefix { name: name() });
        }
        if is_host_only && (self.path != "/" || self.domain.is_some()) {
            return Err(InvalidSessionCookie::HostPrefix { name: name() });
        }
        if env == Env::Dev && self.same_site == SameSite::None {
            return Err(InvalidSessionCookie::InsecureSameSiteNone);
        }
        if env == Env::Dev && self.partitioned {
            return Err(InvalidSessionCookie::InsecurePartitioned);
        }
        if !self.path.starts_with('/') || !self.path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
            return Err(InvalidSessionCookie::Path { path: self.path.clone() });
        }
        self.domain.as_deref().map_or(Ok(()), validate_domain)
    }

    /// Creates the cookie of a session with its expiry or, for `None`, the one that deletes the client's.
    pub(crate) fn build(&self, session: Option<(&SessionToken, UnixMillis)>, env: Env, now: UnixMillis) -> SetCookie {
        let (value, expires) = match session {
            Some((token, expires)) if self.expires => (to_value(token), to_date(expires)),
            Some((token, _)) => (to_value(token), to_date(now).saturating_add(UNLIMITED)),
            None => (String::new(), OffsetDateTime::UNIX_EPOCH),
        };
        let expires = expires.min(LATEST);
        let mut cookie = Cookie::build((self.name.clone(), value))
            .http_only(true)
            .secure(env == Env::Prod)
            .same_site(self.same_site.to_attribute())
            .partitioned(self.partitioned)
            .path(self.path.clone())
            .expires(expires)
            // Takes precedence over `Expires`, which depends on the client's clock (RFC 6265, section 5.3).
            .max_age((expires - to_date(now)).max(Duration::ZERO))
            .build();
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        SetCookie::new(cookie)
    }

    /// Parses the session tokens in `Cookie` headers.
    pub(crate) fn read<'a>(&self, headers: impl Iterator<Item = &'a [u8]>) -> SentCookies {
        // A browser may have both while the site migrates to a partitioned cookie.
        let is_only = has_prefix(&self.name, "__Host-") && !self.partitioned;
        SentCookies::read(&self.name, is_only, headers)
    }
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self::new()
    }
}

/// The `SameSite` attribute of the session cookie.
///
/// ```
/// use lucia_auth::{SameSite, SessionCookie};
///
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// let cookie = SessionCookie::new().same_site(SameSite::Strict);
/// ```
// Exhaustive: browsers know these three (RFC 6265bis).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// Browsers never send the cookie with requests from other sites.
    Strict,
    /// Browsers send the cookie with requests from other sites that load a page by a safe method, such as a followed
    /// link.
    #[default]
    Lax,
    /// Browsers send the cookie with all requests, and require it to be `Secure`.
    None,
}

impl SameSite {
    const fn to_attribute(self) -> cookie::SameSite {
        match self {
            Self::Strict => cookie::SameSite::Strict,
            Self::Lax => cookie::SameSite::Lax,
            Self::None => cookie::SameSite::None,
        }
    }
}

/// Escapes a token of the application that a cookie could not carry, so that it cannot end the header's value.
fn to_value(token: &SessionToken) -> String {
    if is_cookie_safe(token.as_str()) {
        token.as_str().to_owned()
    } else {
        utf8_percent_encode(token.as_str(), NON_ALPHANUMERIC).to_string()
    }
}

/// Truncates to seconds, and to the years of a cookie's date.
pub(super) fn to_date(time: UnixMillis) -> OffsetDateTime {
    let seconds = time.get().div_euclid(1_000).clamp(0, LATEST.unix_timestamp());
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(LATEST)
}

/// Checks the syntax of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Compares the prefixes case-insensitively, as browsers do.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Rejects addresses and public suffixes, whose cookies browsers silently ignore.
fn validate_domain(domain: &str) -> Result<(), InvalidSessionCookie> {
    let name = domain.strip_prefix('.').unwrap_or(domain);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // The parser recognises addresses, but accepts characters that a header cannot hold.
    let is_address = !matches!(Host::parse(name), Some(Host::Domain(_)));
    if is_address || !name.split('.').all(is_label) {
        return Err(InvalidSessionCookie::Domain { domain: domain.to_owned() });
    }
    #[cfg(feature = "public-suffix")]
    {
        let lower = name.to_ascii_lowercase();
        if psl::suffix(lower.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == lower.as_bytes()) {
            return Err(InvalidSessionCookie::PublicSuffix { domain: domain.to_owned() });
        }
    }
    Ok(())
}
