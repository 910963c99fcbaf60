//! Phrases that make readers stop, and what to write instead.

/// A phrase, in lower case.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) text: &'static str,
    pub(super) instead: &'static str,
    /// Words before and after the phrase that make it good English.
    pub(super) except_after: &'static [&'static str],
    pub(super) except_before: &'static [&'static str],
}

impl Phrase {
    const fn new(text: &'static str, instead: &'static str) -> Self {
        Self { text, instead, except_after: &[], except_before: &[] }
    }

    const fn except_after(self, except_after: &'static [&'static str]) -> Self {
        Self { except_after, ..self }
    }

    const fn except_before(self, except_before: &'static [&'static str]) -> Self {
        Self { except_before, ..self }
    }
}

const THERE: &[&str] = &["there", "which", "one", "where"];
const COMPARISONS: &[&str] = &["longer", "more", "less", "fewer", "larger", "smaller", "later", "earlier"];

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new("all the same", "anyway, or still"),
    Phrase::new("anew", "again"),
    Phrase::new("are no", "are not").except_after(THERE).except_before(COMPARISONS),
    Phrase::new("are none", "are not, or are missing").except_after(THERE),
    Phrase::new("be it", "whether ... or ..."),
    Phrase::new("came of it", "the outcome"),
    Phrase::new("comes of it", "the outcome"),
    Phrase::new("fail of", "fail with, or the error of"),
    Phrase::new("failed of", "failed with, or the error of"),
    Phrase::new("fails of", "fails with, or the error of"),
    Phrase::new("has to be of", "must be"),
    Phrase::new("have to be of", "must be"),
    Phrase::new("is no", "is not a").except_after(THERE).except_before(COMPARISONS),
    Phrase::new("is none", "is not, or is missing").except_after(THERE),
    Phrase::new("it not", "does not ... it"),
    Phrase::new("no such", "unknown, not found, or not a").except_after(&["are", "is"]).except_before(&[
        "column",
        "file",
        "savepoint",
        "table",
    ]),
    Phrase::new("none of ours", "not ours"),
    Phrase::new("of one's own", "your own, or a separate"),
    Phrase::new("say otherwise", "Defaults to ..., or the difference"),
    Phrase::new("says otherwise", "Defaults to ..., or the difference"),
    Phrase::new("they not", "they do not"),
    Phrase::new("to be had", "available"),
    Phrase::new("told otherwise", "Defaults to ..., or the difference"),
    Phrase::new("unless you say so", "Defaults to ..."),
    Phrase::new("was no", "was not a").except_after(THERE).except_before(COMPARISONS),
];
