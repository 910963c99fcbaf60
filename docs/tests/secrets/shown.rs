use std::{
    collections::BTreeMap,
    error::Error,
    fmt::{Debug, Write as _},
};

/// The `Debug` and `Display` output of types, by name.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) texts: BTreeMap<String, String>,
    /// Secrets that do not contain the word.
    pub(super) secrets: Vec<String>,
}

impl Shown {
    pub(super) fn show(&mut self, name: &str, value: &dyn Debug) {
        write!(self.texts.entry(name.to_owned()).or_default(), "{value:?}\n{value:#?}\n").unwrap();
    }

    /// Records an error and its sources.
    pub(super) fn error(&mut self, name: &str, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.show(name, &error);
            self.show(name, &format_args!("{error}"));
            next = error.source();
        }
    }
}
