use std::fmt;

/// The outcome of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The adapter passed.
    Passed,
    /// The adapter passed the part of the case that could run. Contains the reason.
    PassedInPart(String),
    /// The adapter failed, or its store could not be opened. Contains the message.
    Failed(String),
    /// The case does not apply to the backend. Contains the reason.
    Ignored(String),
}

/// The outcomes of all cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub(crate) cases: Vec<(&'static str, Outcome)>,
}

impl Report {
    /// Returns `true` if no case failed and at least one passed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failed().next().is_none() && self.count(is_passed) > 0
    }

    /// Returns every case by its name, in the order in which they ran.
    pub fn cases(&self) -> impl Iterator<Item = (&'static str, &Outcome)> {
        self.cases.iter().map(|(name, outcome)| (*name, outcome))
    }

    /// Returns the cases that failed, with their messages.
    pub fn failed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.cases().filter_map(|(name, outcome)| match outcome {
            Outcome::Failed(message) => Some((name, message.as_str())),
            Outcome::Passed | Outcome::PassedInPart(_) | Outcome::Ignored(_) => None,
        })
    }

    fn count(&self, which: impl Fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|(_, outcome)| which(outcome)).count()
    }
}

impl fmt::Display for Report {
    /// Writes one line per case, with the reason unless it passed, and a summary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcome) in self.cases() {
            match outcome {
                Outcome::Passed => writeln!(f, "ok      {name}")?,
                Outcome::PassedInPart(reason) => writeln!(f, "ok      {name} (in part: {reason})")?,
                Outcome::Failed(message) => writeln!(f, "FAILED  {name}: {message}")?,
                Outcome::Ignored(reason) => writeln!(f, "ignored {name}: {reason}")?,
            }
        }
        let passed = self.count(is_passed);
        let in_part = self.count(|outcome| matches!(outcome, Outcome::PassedInPart(_)));
        let ignored = self.count(|outcome| matches!(outcome, Outcome::Ignored(_)));
        write!(f, "{passed} passed ({in_part} in part), {} failed, {ignored} ignored", self.failed().count())
    }
}

fn is_passed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Passed | Outcome::PassedInPart(_))
}
