//! Tests which rejections are logged.
//!
//! This test has a separate process, because `tracing` caches the interest in a callsite: one that another thread
//! reached while the recorder was being installed could stay disabled.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, http::Request, response::IntoResponse as _, routing::get};
use lucia_auth::{AdapterError, AdapterErrorKind as Kind, Error, PasswordError};
use lucia_axum::{AuthRejection, CurrentSession, RequireSession};
use tower::ServiceExt as _;
use tracing::{
    Event, Id, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Records the events of the levels `error` and `warn`.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

impl Visit for &Recorder {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            chain.push_str(&format!(": {error}"));
            source = error.source();
        }
        self.0.lock().unwrap().push_str(&format!("{field}={chain}\n"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &span::Record<'_>) {}
    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push_str(&format!("{} ", event.metadata().level()));
        event.record(&mut &*self);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn adapter(kind: Kind) -> Error {
    AdapterError::new(kind).with_source("column \"nickname\" is a secret of the operator").into()
}

#[derive(Debug)]
struct Profile;

#[tokio::test]
async fn server_errors_are_logged_with_their_sources_and_client_errors_are_not() {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    for (error, level) in [
        (adapter(Kind::Unavailable), "ERROR"),
        (adapter(Kind::Backend), "ERROR"),
        // Probably the application generates ids that do not fit the type of the column.
        (adapter(Kind::UnsupportedId), "WARN"),
        (adapter(Kind::DuplicateKeyId), ""),
        (Error::Password(PasswordError::TooLong { max: 1024 }), ""),
        (Error::InvalidPassword, ""),
        (Error::InvalidRequest, ""),
    ] {
        let rejection = AuthRejection::from(error);
        let (status, shown) = (rejection.status(), rejection.to_string());
        assert!(!shown.contains("nickname"), "{shown}");
        drop(rejection.into_response());
        let logged = std::mem::take(&mut *recorder.0.lock().unwrap());
        assert!(logged.starts_with(level) && logged.is_empty() == level.is_empty(), "{shown}: {logged}");
        if !level.is_empty() {
            assert!(logged.contains("nickname") && logged.contains(status.as_str()), "{logged}");
        }
    }
    let guarded = Router::new().route("/", get(|| async {})).route_layer(RequireSession::<Profile>::new());
    for app in [guarded, Router::new().route("/", get(|_: CurrentSession<Profile>| async {}))] {
        let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 500);
        let logged = std::mem::take(&mut *recorder.0.lock().unwrap());
        assert!(logged.starts_with("ERROR") && logged.contains("AuthLayer<logging::Profile, "), "{logged}");
    }
}
