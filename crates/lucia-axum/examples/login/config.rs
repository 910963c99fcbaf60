use std::{
    env::{self, VarError},
    error::Error,
    fmt,
    str::FromStr,
};

use axum::BoxError;
use lucia_auth::ThrottleKey;
use tracing::Level;
use tracing_subscriber::filter::Targets;

use crate::{
    app::{Mailer, Origin},
    proxies::Proxies,
};

/// The settings, from environment variables.
pub(crate) struct Config {
    /// The levels of events that are printed.
    pub(crate) log: Targets,
    pub(crate) port: u16,
    pub(crate) database_url: String,
    /// `None` for that of the server's address.
    pub(crate) origin: Option<Origin>,
    pub(crate) throttle_key: ThrottleKey,
    pub(crate) mailer: Mailer,
    /// `None` if there is no proxy.
    pub(crate) trusted_proxies: Option<Proxies>,
}

/// A variable that the application cannot use. The error does not repeat its value, which may be secret.
#[derive(Debug)]
pub(crate) struct InvalidVariable {
    name: &'static str,
    hint: &'static str,
    cause: BoxError,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, BoxError> {
        let origin: Option<Origin> = parse("ORIGIN")?;
        let mailer = match (text("SMTP_URL")?, text("MAIL_FROM")?) {
            (Some(url), Some(from)) => Mailer::smtp(&url, &from)?,
            (Some(_), None) => return Err("SMTP_URL requires MAIL_FROM, the address of the sender".into()),
            (None, Some(_)) => return Err("MAIL_FROM requires SMTP_URL, the server that sends the mail".into()),
            (None, None) if origin.as_ref().is_some_and(Origin::is_encrypted) => {
                return Err("an https ORIGIN requires SMTP_URL: without it, everybody can read all mail".into());
            }
            (None, None) => Mailer::outbox(),
        };
        let trusted_proxies = parse("TRUSTED_PROXIES")?;
        if trusted_proxies.is_none() && origin.as_ref().is_some_and(Origin::is_encrypted) {
            return Err("an https ORIGIN requires TRUSTED_PROXIES: without it, attempts are not counted for each \
                        client's address"
                .into());
        }
        Ok(Self {
            log: parse("RUST_LOG")?.unwrap_or_else(|| Targets::new().with_default(Level::INFO)),
            port: parse("PORT").map_err(InvalidVariable::port)?.unwrap_or(3000),
            database_url: text("DATABASE_URL")?.unwrap_or_else(|| "sqlite://lucia-login.db?mode=rwc".to_owned()),
            origin,
            // Without one, counts and known devices are forgotten when the process ends.
            throttle_key: parse("THROTTLE_KEY")?.map_or_else(ThrottleKey::generate, Ok)?,
            mailer,
            trusted_proxies,
        })
    }
}

impl InvalidVariable {
    fn new(name: &'static str, cause: impl Into<BoxError>) -> Self {
        Self { name, hint: "", cause: cause.into() }
    }

    fn port(self) -> Self {
        Self { hint: " (a number from 0 to 65535)", ..self }
    }

    /// The database at this URL cannot be opened.
    pub(crate) fn database(url: &str, cause: BoxError) -> Self {
        let may_be_missing =
            ["sqlite:", "file:"].iter().any(|scheme| url.starts_with(scheme)) && !url.contains("mode=rwc");
        let hint = if may_be_missing { " (add `?mode=rwc` to create a file that does not exist)" } else { "" };
        Self { name: "DATABASE_URL", hint, cause }
    }
}

impl fmt::Display for InvalidVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {}{}", self.name, self.hint)
    }
}

impl Error for InvalidVariable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

fn text(name: &'static str) -> Result<Option<String>, InvalidVariable> {
    match env::var(name) {
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(InvalidVariable::new(name, "not UTF-8")),
    }
}

fn parse<T: FromStr<Err: Error + Send + Sync + 'static>>(name: &'static str) -> Result<Option<T>, InvalidVariable> {
    let parse = |text: String| text.parse().map_err(|error: T::Err| InvalidVariable::new(name, error));
    text(name)?.map(parse).transpose()
}
