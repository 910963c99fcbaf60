use std::time::Duration;

use crate::visitor::Visitor;

/// A mail on the page `/outbox`.
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Mail {
    /// Returns the path of the link in the mail, with its token.
    pub(crate) fn path(&self, origin: &str) -> &str {
        let link = between(&self.text, r#"href=""#, "\"");
        link.strip_prefix(origin).unwrap_or_else(|| panic!("{link} is not a link to {origin}"))
    }

    /// Returns the token in the link.
    pub(crate) fn token(&self) -> &str {
        between(&self.text, "?token=", "\"")
    }
}

/// Returns the mails, the newest first.
pub(crate) async fn mails(visitor: &Visitor) -> Vec<Mail> {
    let page = visitor.get("/outbox").await.text().await.unwrap();
    let articles = page.split("<article").skip(1);
    articles
        .map(|article| Mail {
            subject: between(article, "<h2>", "<").to_owned(),
            to: between(article, "To ", "<").to_owned(),
            text: article.to_owned(),
        })
        .collect()
}

/// Waits for a mail, which is sent after the answer. Returns the newest one.
pub(crate) async fn receive(visitor: &Visitor, to: &str, subject: &str) -> Mail {
    let received = async {
        loop {
            let mails = mails(visitor).await;
            if let Some(mail) = mails.into_iter().find(|mail| mail.to == to && mail.subject == subject) {
                return mail;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), received).await.expect("the mail is sent")
}

/// Waits for a mail with another link than an earlier one.
pub(crate) async fn receive_after(earlier: &Mail, visitor: &Visitor) -> Mail {
    let received = async {
        loop {
            let mail = receive(visitor, &earlier.to, &earlier.subject).await;
            if mail.token() != earlier.token() {
                return mail;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), received).await.expect("another mail is sent")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}
