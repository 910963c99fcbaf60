use std::sync::Arc;

use adapter_tests::harness::Harness;

use crate::{database::Database, everything::Everything, tokens::Tokens};

/// Adds all cases on a database.
pub(crate) fn with_database(harness: Harness, database: impl Database) -> Harness {
    let everything = Arc::new(Everything(database));
    harness.adapter(&everything).session_scan(&everything).token_adapter(&Arc::new(Tokens(database)))
}
