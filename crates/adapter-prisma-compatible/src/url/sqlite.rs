use std::{borrow::Cow, time::Duration};

use percent_encoding::percent_decode_str;

use super::{InvalidUrl, PoolSize, Url};

/// The time for which SQLite waits for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of a URL for SQLite.
#[derive(Clone, Debug)]
pub(crate) struct SqliteUrl {
    /// The name of the file, or `:memory:`.
    pub(crate) path: String,
    pub(crate) mode: SqliteMode,
    pub(crate) shared_cache: Option<bool>,
    pub(crate) immutable: Option<bool>,
    pub(crate) vfs: Option<String>,
    pub(crate) busy_timeout: Duration,
    pub(crate) size: PoolSize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqliteMode {
    ReadOnly,
    ReadWrite,
    Create,
    Memory,
}

impl SqliteUrl {
    /// Parses the URL of sqlx, whose path is percent-encoded, or of Prisma, whose path is not.
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let mut url = Url::parse("SQLite", &["sqlite", "file"], url)?;
        let path = match url.address.split_once(':') {
            Some(("file", path)) => path.to_owned(),
            Some((_, path)) => {
                let path = percent_decode_str(path.strip_prefix("//").unwrap_or(path)).decode_utf8();
                path.map(Cow::into_owned).map_err(|_| url.invalid("the path is not percent-encoded UTF-8"))?
            }
            None => String::new(),
        };
        if path.is_empty() {
            return Err(url.invalid("it must contain the name of a file or `:memory:`"));
        }
        let size = url.take_pool()?;
        let mode = match url.take_word("mode", &["ro", "rw", "rwc", "memory"])?.as_deref() {
            Some("ro") => SqliteMode::ReadOnly,
            Some("rwc") => SqliteMode::Create,
            Some("memory") => SqliteMode::Memory,
            _ => SqliteMode::ReadWrite,
        };
        let shared_cache = url.take_word("cache", &["private", "shared"])?.map(|cache| cache == "shared");
        let immutable = url.take_word("immutable", &["true", "1", "false", "0"])?;
        let immutable = immutable.map(|immutable| matches!(immutable.as_str(), "true" | "1"));
        let vfs = url.take(&["vfs"]);
        let seconds = url.take_number::<u32>(&["socket_timeout"])?;
        let busy_timeout = seconds.map_or(BUSY_TIMEOUT, |seconds| Duration::from_secs(seconds.into()));
        url.take_all(&["schema"]);
        url.finish()?;
        Ok(Self { path, mode, shared_cache, immutable, vfs, busy_timeout, size })
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.path == ":memory:" || self.mode == SqliteMode::Memory
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.mode == SqliteMode::ReadOnly || self.immutable == Some(true)
    }

    /// Returns the error for settings that a driver does not support.
    pub(crate) fn invalid(reason: &str) -> InvalidUrl {
        InvalidUrl::new("SQLite", reason.to_owned())
    }
}
