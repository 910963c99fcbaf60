use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Conflict;

/// The statements that fail.
#[derive(Debug, Default)]
pub(super) struct Plan(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failing: Option<(Conflict, Failing)>,
    failed: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Failing {
    /// One statement, after this many others.
    After(u64),
    Every,
}

impl Plan {
    pub(super) fn set(&self, conflict: Conflict, failing: Failing) {
        *self.state() = State { failing: Some((conflict, failing)), failed: Vec::new() };
    }

    /// Returns the statements that failed, and lets all others pass.
    pub(super) fn clear(&self) -> Vec<String> {
        std::mem::take(&mut *self.state()).failed
    }

    /// Returns the conflict of a statement, which may commit what it or others wrote. A rollback never fails, and neither
    /// does reading a diagnosis or a variable.
    pub(super) fn next(&self, sql: &str, commits: bool) -> Option<Conflict> {
        if ["ROLLBACK", "GET DIAGNOSTICS", "SELECT @"].iter().any(|start| sql.starts_with(start)) {
            return None;
        }
        let mut state = self.state();
        let (conflict, failing) = state.failing?;
        if conflict == Conflict::LostCommit && !commits {
            return None;
        }
        match failing {
            Failing::Every => {}
            Failing::After(0) => state.failing = None,
            Failing::After(others) => {
                state.failing = Some((conflict, Failing::After(others - 1)));
                return None;
            }
        }
        state.failed.push(sql.to_owned());
        Some(conflict)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_fails_after_others_and_no_rollback_does() {
        let plan = Plan::default();
        assert_eq!(plan.next("BEGIN", false), None);
        plan.set(Conflict::Deadlock, Failing::After(1));
        let statements = ["BEGIN", "ROLLBACK", "SELECT @lucia", "COMMIT", "SELECT 1"];
        assert_eq!(
            statements.map(|sql| plan.next(sql, sql == "COMMIT")),
            [None, None, None, Some(Conflict::Deadlock), None]
        );
        assert_eq!(plan.clear(), ["COMMIT"]);

        plan.set(Conflict::LockTimeout, Failing::Every);
        assert_eq!(statements.map(|sql| plan.next(sql, sql == "COMMIT").is_some()), [true, false, false, true, true]);
        assert_eq!(plan.clear().len(), 3);
        assert_eq!(plan.next("COMMIT", true), None);

        plan.set(Conflict::LostCommit, Failing::After(0));
        assert_eq!(statements.map(|sql| plan.next(sql, sql == "COMMIT").is_some()), [false, false, false, true, false]);
    }
}
