//! The cases for all databases, and those for single ones. Each case has a new database.

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

/// A test case for a provider.
pub(crate) type Case = fn(Provider) -> BoxFuture<'static, ()>;

/// Lists cases with the names of their functions, which only a macro can provide.
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
    lucia_js::accounts_of_lucia_js_work_here,
    lucia_js::accounts_created_here_work_in_lucia_js,
    lucia_js::accounts_are_shared_under_other_names,
    lucia_js::concurrent_sign_ups_on_both_sides_create_one_user,
    names::tables_of_the_default_mode_are_shared,
    names::tables_of_the_lucia_js_guides_are_shared,
    tables::the_expiry_index_is_created_once,
    tables::expired_sessions_are_deleted_by_the_index,
    tables::declared_defaults_apply_to_omitted_columns,
];

pub(crate) const SQLITE_CASES: &[(&str, Case)] = cases![
    sqlite::times_as_milliseconds_are_shared,
    sqlite::numbers_changed_on_the_way_are_read_alike,
    sqlite::values_of_other_writers_are_read_as_by_the_client,
    lucia_js::accounts_are_shared_with_the_sqlite_adapter_of_lucia_js,
];

pub(crate) const SERVER_CASES: &[(&str, Case)] = cases![native::native_types_are_shared];

pub(crate) const POSTGRES_CASES: &[(&str, Case)] = cases![
    lists::lists_are_shared,
    lucia_js::lists_are_attributes_on_both_sides,
    names::tables_of_another_schema_are_shared
];
