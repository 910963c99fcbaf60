//! The cases that each broken adapter fails: those named after its bug, and those that depend on the broken behaviour.

use super::Bug;

/// With all promises.
pub(crate) const WHOLE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (
        Bug::P1UpdateOfNothingIsAFailure,
        &[
            "update_user_of_an_unknown_id_is_invalid",
            "update_key_of_an_unknown_id_is_invalid",
            "update_session_of_an_unknown_id_is_invalid",
            "update_session_with_another_expiry_than_expected_conflicts",
            "core_creates_and_updates_a_user",
        ],
    ),
    (
        Bug::P2DuplicateKeyIsNotRecognised,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
            "core_sign_up_with_a_taken_key_leaves_no_user",
        ],
    ),
    (
        Bug::P2DuplicateUserIsADuplicateKey,
        &["set_user_with_a_duplicate_user_id_changes_nothing", "core_creates_and_updates_a_user"],
    ),
    (Bug::P3AnyForeignKeyIsTheUser, &["set_session_with_a_dangling_reference_blames_no_user"]),
    (
        Bug::P4DuplicateSessionIsAFailure,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
            "set_session_and_get_user_with_a_duplicate_id_changes_nothing",
        ],
    ),
    (
        Bug::P5DeleteTwiceFails,
        &[
            "delete_user_twice_succeeds",
            "delete_key_deletes_only_that_key",
            "delete_key_twice_succeeds",
            "delete_session_twice_succeeds",
            "delete_session_deletes_only_that_session",
            "core_deletes_a_user_with_keys_and_sessions",
            "core_revokes_a_plain_session_that_has_moved",
            "core_signs_a_client_out",
        ],
    ),
    (
        Bug::S1EmptyUpdateFails,
        &[
            "update_user_with_nothing_changes_nothing",
            "update_user_of_an_unknown_id_is_invalid",
            "update_key_with_nothing_changes_nothing",
            "update_key_of_an_unknown_id_is_invalid",
            "update_session_with_nothing_changes_nothing",
            "update_session_of_an_unknown_id_is_invalid",
        ],
    ),
    (
        Bug::S2AnyNameIsAColumn,
        &[
            "set_user_refuses_hostile_attribute_names",
            "update_user_refuses_hostile_attribute_names",
            "set_session_refuses_hostile_attribute_names",
            "update_session_refuses_hostile_attribute_names",
        ],
    ),
    (Bug::S6DuplicateUserWithKeyIsADuplicateKey, &["set_user_with_a_duplicate_user_id_changes_nothing"]),
    (
        Bug::S7UserStaysWhenItsKeyIsTaken,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "core_sign_up_with_a_taken_key_leaves_no_user",
        ],
    ),
    (
        Bug::DroppedCallLeavesTheUser,
        &["parallel_set_user_with_one_key_id_has_one_winner", "set_user_that_is_dropped_inserts_both_or_neither"],
    ),
    (Bug::DroppedCallTakesTheNextAlong, &["set_user_that_is_dropped_inserts_both_or_neither"]),
    (
        Bug::S9NoForeignKeys,
        &[
            "delete_user_deletes_its_keys",
            "set_key_of_an_unknown_user_is_invalid",
            "set_session_of_an_unknown_user_is_invalid",
            "delete_user_deletes_its_sessions",
        ],
    ),
    (
        Bug::C3SessionIsStoredFirst,
        &["set_session_and_get_user_of_an_unknown_user_is_invalid", "core_sessions_of_an_unknown_user_are_refused"],
    ),
    (Bug::C16OrphansStay, &["get_session_and_user_of_an_orphan_is_none", "core_rotates_no_session_of_a_deleted_user"]),
    (Bug::KeyIsCheckedFirst, &["parallel_set_user_with_one_key_id_has_one_winner"]),
    (Bug::AnotherUsersKeyIsTaken, &["set_user_with_another_users_key_is_refused"]),
    (Bug::DuplicateAttributeIsADuplicateKey, &["set_user_with_a_duplicate_attribute_changes_nothing"]),
    (Bug::UpdateIgnoresUniqueness, &["update_user_to_a_taken_attribute_changes_nothing"]),
    (Bug::UserUpdateReplaces, &["update_user_keeps_other_attributes"]),
    (Bug::UserUpdateSkipsNull, &["update_user_stores_null"]),
    (Bug::UsersIgnoreCase, &["user_ids_are_compared_exactly"]),
    (Bug::KeysIgnoreCase, &["key_ids_are_compared_exactly"]),
    (
        Bug::KeysAreCutAtAColon,
        &["key_ids_never_alias", "delete_key_deletes_only_that_key", "core_passwords_survive_the_store"],
    ),
    (Bug::KeyUpdateIgnoresTheCondition, &["update_key_with_another_hash_than_expected_conflicts"]),
    (Bug::KeyConditionIsCheckedFirst, &["update_key_with_another_hash_than_expected_conflicts"]),
    (Bug::RenamingKeepsTheOldKey, &["update_key_renames_the_key", "core_sign_ins_do_not_outlive_a_change_of_password"]),
    (
        Bug::RenamingLosesTheHash,
        &[
            "update_key_renames_the_key",
            "update_key_to_a_taken_id_changes_nothing",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (Bug::RenamingReplaces, &["update_key_to_a_taken_id_changes_nothing"]),
    (
        Bug::HashIsNotCleared,
        &[
            "update_key_clears_the_hash",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (Bug::KeysAreOne, &["get_keys_by_user_id_returns_all_of_the_user", "set_key_inserts_the_key"]),
    (
        Bug::KeyIsDeletedByPrefix,
        &[
            "key_ids_are_compared_exactly",
            "delete_key_deletes_only_that_key",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (
        Bug::KeysOfAllUsersAreDeleted,
        &["delete_keys_by_user_id_deletes_all_of_the_user", "delete_keys_by_user_id_of_an_unknown_user_succeeds"],
    ),
    (Bug::JoinMixesColumns, &["get_session_and_user_does_not_mix_columns"]),
    (Bug::JoinFillsNulls, &["get_session_and_user_does_not_mix_columns"]),
    (
        Bug::JoinOfNothingFails,
        &[
            "get_session_and_user_of_an_unknown_id_is_none",
            "get_session_and_user_of_an_orphan_is_none",
            "core_stores_hashes_of_session_tokens",
            "core_rotates_no_session_of_a_deleted_user",
        ],
    ),
    (Bug::SeveralReadsMixUsersUp, &["get_sessions_and_users_returns_what_the_separate_calls_return"]),
    (Bug::SeveralReadsStopAtAnUnknown, &["get_sessions_returns_those_that_exist"]),
    (
        Bug::FirstReadsTakeTheLast,
        &[
            "get_first_session_returns_the_first_that_exists",
            "get_first_session_and_user_returns_the_first_that_exists",
        ],
    ),
    (
        Bug::DeleteExpiredTakesTheBoundary,
        &["delete_expired_sessions_deletes_only_expired_ones", "delete_expired_sessions_stops_at_the_limit"],
    ),
    (
        Bug::DeleteExpiredStopsEarly,
        &["delete_expired_sessions_deletes_only_expired_ones", "delete_expired_sessions_stops_at_the_limit"],
    ),
    (Bug::DeleteExpiredIgnoresTheLimit, &["delete_expired_sessions_stops_at_the_limit"]),
    (
        Bug::OldestAreTheFirstToExpire,
        &[
            "delete_oldest_sessions_keeps_the_youngest",
            "delete_oldest_sessions_keeps_the_given_session",
            "delete_oldest_sessions_takes_a_session_without_the_attribute_first",
            "delete_oldest_sessions_deletes_none_of_another_user",
            "delete_oldest_sessions_frees_their_ids",
        ],
    ),
    (
        Bug::OldestAreKept,
        &[
            "delete_oldest_sessions_keeps_the_youngest",
            "delete_oldest_sessions_keeps_the_given_session",
            "delete_oldest_sessions_takes_a_session_without_the_attribute_first",
            "delete_oldest_sessions_compares_expiries_of_the_same_age",
            "delete_oldest_sessions_deletes_none_of_another_user",
            "delete_oldest_sessions_frees_their_ids",
        ],
    ),
    (Bug::NoAgeIsZero, &["delete_oldest_sessions_takes_a_session_without_the_attribute_first"]),
    (Bug::AgesIgnoreExpiries, &["delete_oldest_sessions_compares_expiries_of_the_same_age"]),
    (
        Bug::OldestOfAllUsersAreDeleted,
        &["delete_oldest_sessions_keeps_the_given_session", "delete_oldest_sessions_deletes_none_of_another_user"],
    ),
    (Bug::AnyNameIsAnAge, &["delete_oldest_sessions_refuses_hostile_attribute_names"]),
    (Bug::EqualAgesAreUnordered, &["parallel_delete_oldest_sessions_keeps_as_many"]),
    (
        Bug::NewSessionIsNotKept,
        &["delete_oldest_sessions_keeps_the_given_session", "parallel_delete_oldest_sessions_keeps_as_many"],
    ),
    (
        Bug::NewSessionIsKeptInAddition,
        &["delete_oldest_sessions_keeps_the_given_session", "parallel_delete_oldest_sessions_keeps_as_many"],
    ),
    (
        Bug::UnknownSessionTakesAPlace,
        &[
            "delete_oldest_sessions_keeps_the_youngest",
            "delete_oldest_sessions_keeps_the_given_session",
            "delete_oldest_sessions_takes_a_session_without_the_attribute_first",
            "delete_oldest_sessions_compares_expiries_of_the_same_age",
            "delete_oldest_sessions_deletes_none_of_another_user",
            "delete_oldest_sessions_frees_their_ids",
        ],
    ),
    (
        Bug::UserGetsAKey,
        &[
            "set_user_without_key_inserts_the_user",
            "get_keys_by_user_id_returns_all_of_the_user",
            "set_key_inserts_the_key",
            "set_key_with_a_duplicate_id_changes_nothing",
            "update_key_renames_the_key",
            "delete_key_twice_succeeds",
        ],
    ),
    (
        Bug::FirstKeyIsDropped,
        &[
            "set_user_with_key_inserts_both",
            "set_user_with_a_duplicate_user_id_changes_nothing",
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "set_user_that_is_dropped_inserts_both_or_neither",
            "delete_user_deletes_its_keys",
            "core_sign_up_with_a_taken_key_leaves_no_user",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (
        Bug::EmptyTextIsNull,
        &["get_user_returns_the_stored_row", "get_session_returns_the_stored_row", "update_session_keeps_other_fields"],
    ),
    (
        Bug::UnknownUserIsAFailure,
        &[
            "get_user_of_an_unknown_id_is_none",
            "user_ids_never_alias",
            "user_ids_are_compared_exactly",
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "set_user_with_another_users_key_is_refused",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "set_user_with_a_duplicate_attribute_changes_nothing",
            "set_user_refuses_hostile_attribute_names",
            "update_user_of_an_unknown_id_is_invalid",
            "delete_user_deletes_the_user",
            "delete_user_twice_succeeds",
            "core_deletes_a_user_with_keys_and_sessions",
            "core_renews_no_session_of_a_deleted_user",
        ],
    ),
    (
        Bug::UnknownKeyIsAFailure,
        &[
            "set_user_with_a_duplicate_user_id_changes_nothing",
            "set_user_with_another_users_key_is_refused",
            "set_user_with_a_duplicate_attribute_changes_nothing",
            "set_user_refuses_hostile_attribute_names",
            "delete_user_deletes_its_keys",
            "get_key_of_an_unknown_id_is_none",
            "key_ids_never_alias",
            "key_ids_are_compared_exactly",
            "set_key_of_an_unknown_user_is_invalid",
            "update_key_renames_the_key",
            "update_key_of_an_unknown_id_is_invalid",
            "delete_key_deletes_only_that_key",
            "delete_keys_by_user_id_deletes_all_of_the_user",
            "core_deletes_a_user_with_keys_and_sessions",
        ],
    ),
    (
        Bug::ListsOfUnknownUsersFail,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "get_keys_by_user_id_of_an_unknown_user_is_empty",
            "get_sessions_by_user_id_of_an_unknown_user_is_empty",
            "set_session_of_an_unknown_user_is_invalid",
            "set_session_and_get_user_of_an_unknown_user_is_invalid",
            "delete_user_deletes_its_sessions",
            "core_no_session_survives_a_parallel_deletion",
            "core_renews_no_session_of_a_deleted_user",
            "core_rotates_no_session_of_a_deleted_user",
        ],
    ),
    (Bug::UsersAreCutAtAColon, &["user_ids_never_alias"]),
    (
        Bug::UserIsNotDeleted,
        &[
            "delete_user_deletes_the_user",
            "delete_user_twice_succeeds",
            "delete_user_deletes_its_keys",
            "get_session_and_user_of_an_orphan_is_none",
            "get_session_and_user_works_on_the_default",
            "delete_user_deletes_its_sessions",
            "core_deletes_a_user_with_keys_and_sessions",
            "core_forgets_the_session_of_a_deleted_user",
            "core_renews_no_session_of_a_deleted_user",
            "core_rotates_no_session_of_a_deleted_user",
            "get_sessions_and_users_leaves_out_orphans",
            "get_first_session_and_user_of_an_orphan_is_none",
        ],
    ),
    (
        Bug::MissingHashIsEmpty,
        &[
            "get_key_returns_the_stored_row",
            "key_ids_are_compared_exactly",
            "set_key_inserts_the_key",
            "update_key_clears_the_hash",
            "update_key_with_another_hash_than_expected_conflicts",
            "delete_key_deletes_only_that_key",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (
        Bug::HashIsNotSet,
        &[
            "update_key_sets_the_hash",
            "update_key_with_another_hash_than_expected_conflicts",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
            "core_sign_ins_beside_a_change_of_password_are_revoked",
        ],
    ),
    (
        Bug::JoinShowsNoAttributes,
        &[
            "get_session_and_user_returns_what_the_separate_calls_return",
            "get_session_and_user_of_an_orphan_is_none",
            "get_session_and_user_does_not_mix_columns",
        ],
    ),
    (Bug::JoinedInsertShowsNoAttributes, &["set_session_and_get_user_inserts_the_session"]),
    (Bug::RefusedSessionUsesUpItsId, &["set_session_and_get_user_of_an_unknown_user_is_invalid"]),
    (
        Bug::RenewalIsNotWritten,
        &[
            "update_session_to_a_past_expiry_ends_it",
            "core_renews_an_idle_session",
            "update_session_to_a_past_expiry_frees_its_id",
        ],
    ),
    (Bug::UserIsCheckedBeforeOnly, &["core_no_session_survives_a_parallel_deletion"]),
    (
        Bug::RotationKeepsTheOldId,
        &[
            "rotate_session_gives_a_session_a_new_id",
            "parallel_rotate_session_has_one_winner",
            "rotate_session_frees_the_old_id",
            "core_rotates_a_session",
            "core_moves_a_plain_session_at_its_renewal",
            "core_parallel_renewals_move_a_plain_session_once",
            "core_stores_no_byte_of_a_session_token",
        ],
    ),
    (
        Bug::RotationOfNothingIsAFailure,
        &[
            "rotate_session_of_an_unknown_id_is_invalid",
            "rotate_session_survives_no_revocation",
            "parallel_rotate_session_has_one_winner",
            "core_parallel_renewals_move_a_plain_session_once",
            "core_revokes_a_plain_session_that_has_moved",
        ],
    ),
    (Bug::UnknownIdsAreCached, &["core_stores_no_byte_of_a_session_token"]),
    (
        Bug::KeysArePutInPlace,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
            "core_sign_up_with_a_taken_key_leaves_no_user",
        ],
    ),
];

/// The same without promises: the failures of the twins.
pub(crate) const LOOSE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (
        Bug::SeveralReadsKeepOrphans,
        &[
            "get_sessions_and_users_leaves_out_orphans",
            "get_first_session_and_user_of_an_orphan_is_none",
            "core_forgets_the_session_of_a_deleted_user",
        ],
    ),
    (
        Bug::ForeignKeysUnasked,
        &[
            "delete_user_leaves_its_keys",
            "set_key_of_an_unknown_user_is_stored",
            "set_session_of_an_unknown_user_is_stored",
            "delete_user_leaves_its_sessions",
        ],
    ),
    (
        Bug::UniqueUnasked,
        &["set_user_with_equal_attributes_stores_both", "set_session_with_a_dangling_reference_is_stored"],
    ),
    (Bug::NamesAreNormalised, &["set_user_stores_any_attribute_name", "set_session_stores_any_attribute_name"]),
    (Bug::UsersIgnoreCase, &["user_ids_that_the_store_equates_are_not_mixed"]),
    (Bug::KeysIgnoreCase, &["key_ids_that_the_store_equates_are_not_mixed"]),
    (
        Bug::P2DuplicateKeyIsNotRecognised,
        &[
            "set_user_with_a_duplicate_key_id_reports_it",
            "parallel_set_user_with_one_key_id_keeps_one_key",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
        ],
    ),
    (
        Bug::KeysArePutInPlace,
        &[
            "set_user_with_a_duplicate_key_id_reports_it",
            "parallel_set_user_with_one_key_id_keeps_one_key",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
        ],
    ),
];
