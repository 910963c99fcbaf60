use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{extract::State, response::Response};
use http::StatusCode;
use minijinja::{Value, context};

use super::{mail::Mail, pages};

/// The number of mails that are kept.
const CAPACITY: usize = 50;

/// The mails that were not sent, because there is no SMTP server. Everybody can read them, and so follow their links: it
/// is for trying the application out.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Arc<Mutex<VecDeque<Mail>>>);

impl Outbox {
    pub(super) fn add(&self, mail: Mail) {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push_front(mail);
        mails.truncate(CAPACITY);
    }

    /// Returns the mails for the page, the newest first.
    fn to_values(&self) -> Vec<Value> {
        let mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let to_value = |mail: &Mail| {
            let lines: Vec<_> = mail.text.lines().map(Value::from).collect();
            context! { to => mail.to.as_str(), subject => mail.subject, lines }
        };
        mails.iter().map(to_value).collect()
    }
}

pub(super) async fn page(State(outbox): State<Outbox>) -> Response {
    let values = context! { mails => outbox.to_values() };
    pages::without_referrer(pages::render(StatusCode::OK, "outbox.html", values))
}
