use crate::{
    arguments::StoreArguments,
    failure::Failure,
    output::{Outcome, print},
    store,
};

pub(super) async fn create(stores: &StoreArguments, dry_run: bool) -> Result<Outcome, Failure> {
    let database = store::users(stores).await?;
    let with_sessions = stores.sessions.is_none();
    if dry_run {
        print(&database.create_tables_sql(&stores.names, with_sessions)?)?;
    } else {
        database.create_tables(&stores.names, with_sessions).await?;
    }
    Ok(Outcome::Done)
}
