use std::{error::Error, sync::Arc};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

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
    pub(crate) fn smtp(url: &str, from: &str) -> Result<Self, Box<dyn Error>> {
        // The URL has a password, so no error repeats it.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| "invalid SMTP_URL")?.build();
        let from = from.parse().map_err(|_| format!("invalid MAIL_FROM: {from}"))?;
        Ok(Self::Smtp(Arc::new(Smtp { server, from })))
    }

    pub(crate) fn outbox() -> Self {
        Self::Outbox(Outbox::default())
    }

    pub(super) async fn send(&self, mail: Mail) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Outbox(outbox) => {
                outbox.add(mail);
                Ok(())
            }
        }
    }
}

impl Smtp {
    async fn send(&self, mail: Mail) -> Result<(), Box<dyn Error + Send + Sync>> {
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
