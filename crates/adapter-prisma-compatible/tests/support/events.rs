//! The recorded events of `tracing`.

use std::{
    fmt::{self, Write as _},
    mem,
    sync::{Arc, Mutex},
};

use tracing::{
    Dispatch, Event, Id, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{self, DefaultGuard, NoSubscriber},
};

/// Records the wanted events with the values of their fields.
#[derive(Clone)]
pub(crate) struct Events {
    wanted: fn(&Metadata<'_>) -> bool,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Events {
    pub(crate) fn of(wanted: fn(&Metadata<'_>) -> bool) -> Self {
        Self { wanted, heard: Arc::default() }
    }

    /// Records the events of this thread until the guards are dropped.
    #[allow(dead_code, reason = "round trips are recorded in all threads")]
    pub(crate) fn of_this_thread(&self) -> (DefaultGuard, Dispatch) {
        // With a single subscriber, `tracing` asks only the thread that reaches an event first. If that is the thread of
        // another test, which has no subscriber, the event is never recorded.
        let second = Dispatch::new(NoSubscriber::new());
        (subscriber::set_default(self.clone()), second)
    }

    /// Returns the events since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        mem::take(&mut self.heard.lock().unwrap())
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.wanted)(metadata)
    }
    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.heard.lock().unwrap().push(text.0);
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{value:?} ").unwrap();
    }
}
