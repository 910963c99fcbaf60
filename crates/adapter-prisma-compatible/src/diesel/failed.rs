use diesel::result::Error;
use lucia_sql::driver::{DriverError, Place};

use super::diagnosis::diagnose;

/// The failure of a statement in a transaction, or of the transaction itself.
pub(super) struct Failed(pub(super) DriverError);

impl From<DriverError> for Failed {
    fn from(error: DriverError) -> Self {
        Self(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(diagnose(error, |_, _| Place::default()))
    }
}
