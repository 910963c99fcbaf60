use std::{net::IpAddr, sync::Arc};

use axum::BoxError;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use url::Url;

use super::{mail::Mail, outbox::Outbox};

/// Sends mail by SMTP or, without a server, keeps it in the outbox.
#[derive(Clone)]
pub(crate) enum Mailer {
    Smtp(Arc<Smtp>),
    Outbox(Outbox),
}

/// A server and the sender's address.
pub(crate) struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Creates a mailer for a server: `smtps://user:password@mail.example.com`, or `smtp://…?tls=required` for STARTTLS.
    pub(crate) fn smtp(url: &str, from: &str) -> Result<Self, BoxError> {
        if sends_password_in_clear(url) {
            return Err("invalid SMTP_URL: the password would be sent unencrypted: use `smtps://`, or `smtp://` with \
                        `?tls=required`"
                .into());
        }
        // The URL has a password, so no error repeats it.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "invalid SMTP_URL: it must be like `smtps://user:password@mail.example.com`")?
            .build();
        let from = from.parse().map_err(|_| format!("invalid MAIL_FROM (an address is needed): {from}"))?;
        Ok(Self::Smtp(Arc::new(Smtp { server, from })))
    }

    pub(crate) fn outbox() -> Self {
        Self::Outbox(Outbox::default())
    }

    pub(super) async fn send(&self, mail: Mail) -> Result<(), BoxError> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Outbox(outbox) => {
                outbox.add(mail);
                Ok(())
            }
        }
    }
}

/// Returns `true` for a URL with a password for another machine, unless encryption is required. An attacker on the way
/// hides that the server offers it.
fn sends_password_in_clear(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_encrypted = url.query_pairs().find(|(name, _)| name == "tls").is_some_and(|(_, value)| value == "required");
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    url.scheme() == "smtp" && url.password().is_some() && !is_encrypted && !is_local
}

impl Smtp {
    async fn send(&self, mail: Mail) -> Result<(), BoxError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.to.as_str().parse()?))
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)?;
        self.server.send(message).await?;
        Ok(())
    }
}
