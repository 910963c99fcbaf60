//! What holds on every database, and on one alone. Each case gets a new one.

mod lists;
mod lucia_js;
mod names;
mod native;
mod reading;
mod sqlite;
mod tables;
mod writing;

use futures_util::future::BoxFuture;

use crate::provider::Provider;

/// A case by its name.
pub(crate) type Case = fn(Provider) -> BoxFuture<'static, ()>;

/// A case is named like its function, which no function could find out.
macro_rules! cases {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$((stringify!($name), |provider| Box::pin($module::$name(provider)))),*]
    };
}

pub(crate) const CASES: &[(&str, Case)] = cases![
    reading::rows_of_the_client_are_read,
    writing::rows_written_here_are_read_by_the_client,
    writing::updates_made_here_are_read_by_the_client,
    writing::updates_of_the_client_are_read,
    writing::keys_and_renewals_written_here_are_read_by_the_client,
    writing::numbers_that_the_client_cannot_write_are_read_by_it,
    writing::both_store_the_same_bytes,
    lucia_js::accounts_made_there_work_here,
    lucia_js::accounts_made_here_work_there,
    lucia_js::accounts_are_shared_under_other_names,
    lucia_js::sign_ups_on_both_sides_at_once_make_one_user,
    names::tables_of_the_default_mode_are_shared,
    names::tables_of_lucias_sql_guides_are_shared,
    tables::the_expiry_index_is_made_once,
    tables::expired_sessions_are_deleted_by_the_index,
    tables::declared_defaults_fill_what_is_left_out,
];

pub(crate) const SQLITE_CASES: &[(&str, Case)] = cases![
    sqlite::times_as_milliseconds_are_shared,
    sqlite::numbers_that_are_not_kept_are_read_alike,
    sqlite::what_others_stored_is_read_as_the_client_reads_it,
    lucia_js::accounts_are_shared_with_lucias_own_adapter_for_sqlite,
];

pub(crate) const SERVER_CASES: &[(&str, Case)] = cases![native::native_types_are_shared];

pub(crate) const POSTGRES_CASES: &[(&str, Case)] = cases![
    lists::lists_are_shared,
    lucia_js::lists_are_attributes_on_both_sides,
    names::tables_of_another_schema_are_shared
];
