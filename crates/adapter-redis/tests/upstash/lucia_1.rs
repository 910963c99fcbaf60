//! The keys of Lucia JS 1.0 beside tokens and counters.

use super::{bare_keys, connection, set_up};

#[tokio::test]
async fn no_key_has_two_kinds() {
    let (_database, front, _) = set_up().await;
    let connection = connection(&front.url);
    bare_keys::no_session_has_the_key_of_another_record(connection.clone(), "hunter0").await;
    bare_keys::no_user_has_the_key_of_another_record(connection.clone(), "hunter1").await;
    bare_keys::no_entry_leads_to_another_record(connection.clone(), "hunter2").await;
    bare_keys::a_stored_session_of_such_a_user_is_an_error(connection.clone(), "hunter3").await;
    bare_keys::no_session_has_the_key_of_an_index(connection.clone(), "hunter4").await;
    bare_keys::no_user_has_the_key_of_a_session(connection.clone(), "hunter5").await;
    bare_keys::a_key_that_is_not_an_index_is_no_place_for_a_user(connection, "hunter6").await;
}
