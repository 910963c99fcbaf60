use std::{
    env::{self, VarError},
    error::Error,
    fmt::Display,
    str::FromStr,
};

use lucia_auth::ThrottleKey;

use crate::app::{Mailer, Origin};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The settings, from environment variables.
pub(crate) struct Config {
    pub(crate) port: u16,
    pub(crate) database_url: String,
    /// `None` for that of the server's address.
    pub(crate) origin: Option<Origin>,
    pub(crate) throttle_key: ThrottleKey,
    pub(crate) mailer: Mailer,
    /// `None` if there is no proxy.
    pub(crate) trusted_proxies: Option<String>,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self> {
        let origin: Option<Origin> = parse("ORIGIN")?;
        let mailer = match text("SMTP_URL")? {
            Some(url) => Mailer::smtp(&url, &text("MAIL_FROM")?.ok_or("SMTP_URL requires MAIL_FROM")?)?,
            None if origin.as_ref().is_some_and(Origin::is_encrypted) => {
                return Err("an https ORIGIN requires SMTP_URL: without it, everybody can read all mail".into());
            }
            None => Mailer::outbox(),
        };
        let trusted_proxies = text("TRUSTED_PROXIES")?;
        if trusted_proxies.is_none() && origin.as_ref().is_some_and(Origin::is_encrypted) {
            return Err("an https ORIGIN requires TRUSTED_PROXIES: without it, attempts are not counted for each \
                        client's address"
                .into());
        }
        Ok(Self {
            port: parse("PORT")?.unwrap_or(3000),
            database_url: text("DATABASE_URL")?.unwrap_or_else(|| "sqlite://lucia-login.db?mode=rwc".to_owned()),
            origin,
            // Without one, counts and known devices are forgotten when the process ends.
            throttle_key: parse("THROTTLE_KEY")?.map_or_else(ThrottleKey::generate, Ok)?,
            mailer,
            trusted_proxies,
        })
    }
}

fn text(name: &str) -> Result<Option<String>> {
    match env::var(name) {
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("invalid {name}: not UTF-8").into()),
    }
}

/// Parses a variable. The error does not repeat its value, which may be secret.
fn parse<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>> {
    let parse = |text: String| text.parse().map_err(|error| format!("invalid {name}: {error}"));
    Ok(text(name)?.map(parse).transpose()?)
}
