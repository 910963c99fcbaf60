use lucia_core::AdapterErrorKind as Kind;

use crate::{error::Error, script::Reply};

/// The maximum number of attempts to change a session while other writers change it: each failed attempt means that one
/// of them succeeded.
const MAX_ATTEMPTS: usize = 256;

/// The attempts to change a session whose stored value must be the expected one.
pub(super) struct CompareAndSet {
    /// The value that the next attempt expects.
    pub(super) expected: Vec<u8>,
    attempts: usize,
}

impl CompareAndSet {
    pub(super) const fn new(expected: Vec<u8>) -> Self {
        Self { expected, attempts: 0 }
    }

    /// Returns the outcome after the reply to an attempt. `None` if it found another value, which the next attempt
    /// expects. `refused` is the kind of the error of [`Reply::Refused`].
    pub(super) fn outcome(&mut self, reply: Reply, refused: Kind) -> Option<Result<(), Error>> {
        self.attempts += 1;
        match reply {
            Reply::Found(other) if self.attempts < MAX_ATTEMPTS => {
                self.expected = other;
                None
            }
            reply => Some(reply.done(refused)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_attempt_expects_the_value_that_was_found() {
        let mut attempts = CompareAndSet::new(b"a".to_vec());
        assert!(attempts.outcome(Reply::Found(b"b".to_vec()), Kind::DuplicateSessionId).is_none());
        assert_eq!(attempts.expected, b"b");
        assert!(matches!(attempts.outcome(Reply::Done, Kind::DuplicateSessionId), Some(Ok(()))));
    }

    #[test]
    fn attempts_are_limited() {
        let mut attempts = CompareAndSet::new(Vec::new());
        let mut outcomes = (0..MAX_ATTEMPTS).map(|_| attempts.outcome(Reply::Found(Vec::new()), Kind::Backend));
        assert!(outcomes.by_ref().take(MAX_ATTEMPTS - 1).all(|outcome| outcome.is_none()));
        assert!(matches!(outcomes.next(), Some(Some(Err(Error::Refused(Kind::Conflict))))));
    }
}
