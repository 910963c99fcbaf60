use std::{borrow::Cow, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
use sqlx::{Database, pool::PoolOptions};

use super::InvalidUrl;

/// The schemes of databases, which may be named in an error.
const OTHER_SCHEMES: &[&str] = &[
    "file",
    "libsql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "mysql",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "sqlite",
    "sqlserver",
];

/// A URL, and its remaining parameters.
pub(crate) struct Url<'u> {
    database: &'static str,
    /// The part before the parameters.
    pub(crate) address: &'u str,
    parameters: Vec<(String, String)>,
    /// `true` if the name of a parameter may be part of a password that is not percent-encoded.
    hides_names: bool,
}

impl<'u> Url<'u> {
    /// Parses the URL of a database with one of these schemes.
    pub(crate) fn parse(database: &'static str, schemes: &[&str], url: &'u str) -> Result<Self, InvalidUrl> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let hides_names = parameters.contains('@') || parameters.contains("password=");
        let mut parsed = Self { database, address, parameters: Vec::new(), hides_names };
        match address.split_once(':') {
            Some((scheme, _)) if schemes.contains(&scheme) => {}
            Some((scheme @ ("prisma" | "prisma+postgres"), _)) => {
                let reason = format!("`{scheme}://` is for Prisma Accelerate: use the URL of the database itself");
                return Err(parsed.invalid(reason));
            }
            found => {
                let schemes: Vec<_> = schemes.iter().map(|scheme| format!("`{scheme}:`")).collect();
                let needed = format!("it must begin with {}", schemes.join(" or "));
                // Any other start may be part of a password.
                return Err(parsed.invalid(match found {
                    Some((other, _)) if OTHER_SCHEMES.contains(&other) => {
                        format!("{needed}, and begins with `{other}:`, which is another kind of database")
                    }
                    _ => needed,
                }));
            }
        }
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (Some(name), Some(decoded)) = (percent_decoded(name), percent_decoded(value)) else {
                return Err(parsed.invalid_parameter(name, "is not percent-encoded UTF-8"));
            };
            parsed.parameters.push((name, decoded));
        }
        Ok(parsed)
    }

    /// Parses the address of a server with sqlx, together with the parameters of these names.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn server<O: FromStr<Err = sqlx::Error>>(
        &mut self,
        scheme: &str,
        names: &[&str],
    ) -> Result<O, InvalidUrl> {
        let Some((_, rest)) = self.address.split_once("://") else {
            return Err(self.invalid("`://` must follow the scheme"));
        };
        if rest.contains('#') {
            return Err(self.invalid("`#` must be percent-encoded, as `%23`"));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let mut hosts = authority.rsplit('@').next().unwrap_or_default().to_owned();
        let mut url = format!("{scheme}://{rest}?");
        for (name, value) in self.parameters.extract_if(.., |(name, _)| names.contains(&name.as_str())) {
            if name == "host" {
                hosts.clone_from(&value);
            }
            let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
            url.extend([name.as_str(), "="].into_iter().chain(encoded).chain(["&"]));
        }
        if hosts.contains(',') {
            return Err(self.invalid("several hosts are not supported: use one, for example that of a proxy"));
        }
        url.parse().map_err(|error| {
            // The causes are fixed texts, such as "invalid port number".
            let cause = if let sqlx::Error::Configuration(cause) = error { cause.to_string() } else { String::new() };
            self.invalid(format!("{cause} (percent-encode special characters in the user name and password)"))
        })
    }

    /// Removes the parameters with these names, and returns the last one.
    pub(crate) fn take(&mut self, names: &[&str]) -> Option<String> {
        self.take_all(names).pop()
    }

    /// Removes and returns all parameters with these names.
    pub(crate) fn take_all(&mut self, names: &[&str]) -> Vec<String> {
        let taken = self.parameters.extract_if(.., |(name, _)| names.contains(&name.as_str()));
        taken.map(|(_, value)| value).collect()
    }

    /// Adds a parameter.
    #[cfg(feature = "postgres")]
    pub(crate) fn put(&mut self, name: &str, value: String) {
        self.parameters.push((name.to_owned(), value));
    }

    /// Removes and returns the parameters whose names begin with `prefix`, without the prefix.
    #[cfg(feature = "postgres")]
    pub(crate) fn take_prefixed(&mut self, prefix: &str) -> Vec<(String, String)> {
        let taken = self.parameters.extract_if(.., |(name, _)| name.starts_with(prefix));
        taken.map(|(name, value)| (name[prefix.len()..].to_owned(), value)).collect()
    }

    /// Removes and parses a parameter that is a whole number.
    pub(crate) fn take_number<N: FromStr>(&mut self, names: &[&str]) -> Result<Option<N>, InvalidUrl> {
        let number = self.take(names).map(|value| value.parse());
        number.transpose().map_err(|_| self.invalid(format!("`{}` must be a whole number in range", names[0])))
    }

    /// Removes and checks a parameter that is one of these words.
    pub(crate) fn take_word(&mut self, name: &str, words: &[&str]) -> Result<Option<String>, InvalidUrl> {
        let word = self.take(&[name]);
        match word {
            Some(word) if !words.contains(&word.as_str()) => {
                Err(self.invalid(format!("`{name}` must be one of: {}", words.join(", "))))
            }
            word => Ok(word),
        }
    }

    /// Removes and parses the parameters of the pool.
    pub(crate) fn take_pool(&mut self) -> Result<PoolSize, InvalidUrl> {
        let connections = self.take_number(&["connection_limit"])?;
        if connections == Some(0) {
            return Err(self.invalid("`connection_limit` must be at least 1"));
        }
        // 0 means no limit, but sqlx needs one.
        let seconds = self.take_number::<u32>(&["pool_timeout"])?;
        let seconds = seconds.map(|seconds| if seconds == 0 { u32::MAX } else { seconds });
        // sqlx does not support this setting.
        self.take_number::<u32>(&["connect_timeout"])?;
        Ok(PoolSize { connections, timeout: seconds.map(|seconds| Duration::from_secs(seconds.into())) })
    }

    /// Checks that no parameters remain.
    pub(crate) fn finish(self) -> Result<(), InvalidUrl> {
        match self.parameters.first() {
            Some((name, _)) => Err(self.invalid_parameter(name, "is unknown")),
            None => Ok(()),
        }
    }

    pub(crate) fn invalid(&self, reason: impl Into<String>) -> InvalidUrl {
        InvalidUrl::new(self.database, reason.into())
    }

    /// Returns the error for a parameter. It contains the name, unless that may be part of a password.
    fn invalid_parameter(&self, name: &str, why: &str) -> InvalidUrl {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c));
        self.invalid(match (self.hides_names, is_name) {
            (false, true) => format!("parameter `{name}` {why}"),
            (false, false) => format!("a parameter {why}"),
            (true, _) => {
                format!("a parameter {why} (percent-encode `?`, `&` and `@` in passwords, as `%3F`, `%26` and `%40`)")
            }
        })
    }
}

/// The settings of the pool in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PoolSize {
    pub(crate) connections: Option<u32>,
    pub(crate) timeout: Option<Duration>,
}

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
impl PoolSize {
    pub(crate) fn apply<DB: Database>(&self, mut options: PoolOptions<DB>) -> PoolOptions<DB> {
        if let Some(connections) = self.connections {
            options = options.max_connections(connections);
        }
        match self.timeout {
            Some(timeout) => options.acquire_timeout(timeout),
            None => options,
        }
    }
}

/// Decodes the value of a parameter. In contrast to the library, an invalid escape is an error.
fn percent_decoded(value: &str) -> Option<String> {
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !value.split('%').skip(1).all(is_escape) {
        return None;
    }
    let value = value.replace('+', " ");
    percent_decode_str(&value).decode_utf8().ok().map(Cow::into_owned)
}
