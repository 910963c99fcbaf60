use super::{InvalidUrl, Url};

/// The mode of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    /// TLS with any certificate, even if the certificate of an authority is given.
    NoVerify,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The settings of TLS in a URL. Certificates and keys are PEM files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) mode: Option<SslMode>,
    /// The certificate of the authority, with which the certificate of the server is verified.
    pub(crate) authority: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
}

impl Url<'_> {
    /// Removes and parses the parameters of TLS, with the names in sqlx, Prisma, libpq and node-postgres.
    pub(crate) fn take_tls(&mut self) -> Result<Tls, InvalidUrl> {
        let mut mode = self.take(&["sslmode", "ssl-mode"]).map(|mode| self.ssl_mode(&mode)).transpose()?;
        // A misspelled `strict` must not lead to a connection without verification.
        match self.take_word("sslaccept", &["strict", "accept_invalid_certs"])?.as_deref() {
            Some("strict") => mode = Some(SslMode::VerifyFull),
            Some(_) if mode == Some(SslMode::Require) => mode = Some(SslMode::NoVerify),
            _ => {}
        }
        if self.take(&["sslidentity"]).or(self.take(&["sslpassword"])).is_some() {
            let reason =
                "`sslidentity` is not supported: set `sslcert` and `sslkey` to the certificate and its key in PEM";
            return Err(self.invalid(reason));
        }
        let mut authority = self.take_file(&["sslrootcert", "ssl-root-cert", "sslca", "ssl-ca"])?;
        let mut certificate = self.take_file(&["sslcert", "ssl-cert"])?;
        let key = self.take_file(&["sslkey", "ssl-key"])?;
        // Without a file, sqlx uses the certificates of the system. Anybody can get a certificate from their
        // authorities for another name, so the name is verified, too.
        if authority.as_deref() == Some("system") {
            authority = None;
            if *mode.get_or_insert(SslMode::VerifyFull) != SslMode::VerifyFull {
                return Err(self.invalid("`sslrootcert=system` needs `sslmode=verify-full`, or no `sslmode`"));
            }
        }
        // In Prisma, `sslcert` is the certificate of the authority, and is ignored unless certificates are verified. A
        // client certificate is useless without its key.
        if key.is_none() {
            let named_by_prisma = certificate.take();
            if matches!(mode, Some(SslMode::VerifyCa | SslMode::VerifyFull)) {
                authority = authority.or(named_by_prisma);
            }
        }
        Ok(Tls { mode, authority, certificate, key })
    }

    fn ssl_mode(&self, mode: &str) -> Result<SslMode, InvalidUrl> {
        Ok(match mode.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => SslMode::Disable,
            "allow" => SslMode::Allow,
            "prefer" | "preferred" => SslMode::Prefer,
            "no-verify" => SslMode::NoVerify,
            "require" | "required" => SslMode::Require,
            "verify-ca" => SslMode::VerifyCa,
            "verify-full" | "verify-identity" => SslMode::VerifyFull,
            _ => {
                let modes = "disable, allow, prefer, require, no-verify, verify-ca, verify-full";
                return Err(self.invalid(format!("`sslmode` must be one of: {modes}")));
            }
        })
    }

    fn take_file(&mut self, names: &[&str]) -> Result<Option<String>, InvalidUrl> {
        match self.take(names) {
            Some(file) if file.is_empty() => Err(self.invalid(format!("`{}` must be the name of a file", names[0]))),
            file => Ok(file),
        }
    }
}
