use crate::{arguments::StoreArguments, failure::Failure, output::Outcome, store};

pub(super) async fn create(stores: &StoreArguments, dry_run: bool) -> Result<Outcome, Failure> {
    let database = store::users(stores).await?;
    if dry_run {
        print!("{}", database.create_tables_sql(&stores.names)?);
    } else {
        database.create_tables(&stores.names).await?;
    }
    Ok(Outcome::Done)
}
