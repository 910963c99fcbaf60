use super::{InvalidUrl, Url};

/// How far TLS goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    /// TLS, and any certificate, although the certificate of an authority may be given.
    NoVerify,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What a URL says of TLS. Certificates and keys are files in PEM.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) mode: Option<SslMode>,
    /// The certificate of the authority that the server's is checked against.
    pub(crate) authority: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
}

impl Url<'_> {
    /// Takes what is about TLS, by the names that sqlx, Prisma, libpq and node-postgres have for it.
    pub(crate) fn take_tls(&mut self) -> Result<Tls, InvalidUrl> {
        let mut mode = self.take(&["sslmode", "ssl-mode"]).map(|mode| self.ssl_mode(&mode)).transpose()?;
        // Whoever spells `strict` otherwise does not want a connection that checks nothing.
        match self.take_word("sslaccept", &["strict", "accept_invalid_certs"])?.as_deref() {
            Some("strict") => mode = Some(SslMode::VerifyFull),
            Some(_) if mode == Some(SslMode::Require) => mode = Some(SslMode::NoVerify),
            _ => {}
        }
        if self.take(&["sslidentity"]).or(self.take(&["sslpassword"])).is_some() {
            let reason =
                "`sslidentity` is not supported: give the certificate and its key in PEM, with `sslcert` and `sslkey`";
            return Err(self.invalid(reason));
        }
        let mut authority = self.take_file(&["sslrootcert", "ssl-root-cert", "sslca", "ssl-ca"])?;
        let mut certificate = self.take_file(&["sslcert", "ssl-cert"])?;
        let key = self.take_file(&["sslkey", "ssl-key"])?;
        // The certificates of the system are those that sqlx takes if it is given none. Anybody can get one of theirs for
        // a name of their own, so the name is checked, too.
        if authority.as_deref() == Some("system") {
            authority = None;
            if *mode.get_or_insert(SslMode::VerifyFull) != SslMode::VerifyFull {
                return Err(self.invalid("`sslrootcert=system` needs `sslmode=verify-full`, or no `sslmode`"));
            }
        }
        // Prisma's name for the authority's, of which it takes no notice unless it checks certificates. A client's own is of
        // no use without its key.
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
