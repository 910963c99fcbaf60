//! The cases that each broken adapter fails: those named after its bug, and those that depend on the broken behaviour.

use crate::{
    key_value::{Bug as KeyValueBug, End},
    table::Bug as TableBug,
};

/// The cases that list sessions, which needs the index.
const LISTING: &[&str] = &[
    "get_session_reads_what_lucia_js_wrote",
    "session_ids_never_alias",
    "get_sessions_by_user_id_returns_all_of_the_user",
    "get_sessions_by_user_id_returns_more_than_a_page",
    "get_sessions_by_user_id_returns_none_of_another_user",
    "get_sessions_by_user_id_ignores_a_foreign_index_entry",
    "get_sessions_by_user_id_skips_missing_sessions",
    "get_sessions_by_user_id_survives_a_corrupt_value",
    "set_session_inserts_the_session",
    "set_session_with_a_duplicate_id_changes_nothing",
    "parallel_set_session_with_one_id_has_one_winner",
    "set_session_of_an_unknown_user_is_stored",
    "update_session_keeps_other_fields",
    "update_session_of_an_unknown_id_is_invalid",
    "update_session_to_a_past_expiry_ends_it",
    "delete_session_removes_it_and_its_index_entry",
    "delete_session_deletes_only_that_session",
    "delete_sessions_by_user_id_deletes_all_of_the_user",
    "delete_sessions_by_user_id_deletes_none_of_another_user",
    "delete_sessions_by_user_id_spares_a_foreign_index_entry",
    "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
    "delete_sessions_by_user_id_misses_none_set_in_parallel",
    "delete_sessions_by_user_id_deletes_more_than_a_page",
    "delete_sessions_by_user_id_of_an_unknown_user_succeeds",
    "delete_other_sessions_keeps_one",
    "delete_other_sessions_never_keeps_another_users_session",
    "rotate_session_gives_a_session_a_new_id",
    "rotate_session_of_an_unknown_id_is_invalid",
    "rotate_session_to_a_taken_id_changes_nothing",
    "rotate_session_with_another_expiry_than_expected_conflicts",
    "delete_session_frees_its_id",
    "delete_sessions_by_user_id_frees_their_ids",
    "delete_other_sessions_frees_their_ids",
    "delete_expired_sessions_frees_their_ids",
    "update_session_to_a_past_expiry_frees_its_id",
    "rotate_session_frees_the_old_id",
];

pub(crate) const KEY_VALUE: &[(KeyValueBug, &[&str])] = &[
    (KeyValueBug::None, &[]),
    (KeyValueBug::U1IndexNamesTheUser, LISTING),
    (KeyValueBug::U2DeleteLooksInTheSessionsIndex, &["delete_session_removes_it_and_its_index_entry"]),
    (
        KeyValueBug::U3DeleteAllKeepsTheIndex,
        &[
            "delete_sessions_by_user_id_deletes_all_of_the_user",
            "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
            "delete_sessions_by_user_id_deletes_more_than_a_page",
        ],
    ),
    (KeyValueBug::U4TimeToLiveIsAbsolute, &["set_session_records_the_expiry"]),
    (KeyValueBug::U5UpdateLosesTheExpiry, &["update_session_with_nothing_changes_nothing"]),
    (
        KeyValueBug::U6IdsAreCutAtAQuestionMark,
        &[
            "get_session_of_an_unknown_id_is_none",
            "session_ids_never_alias",
            "get_sessions_by_user_id_returns_none_of_another_user",
            "delete_session_deletes_only_that_session",
            "delete_sessions_by_user_id_deletes_none_of_another_user",
        ],
    ),
    (KeyValueBug::R1UpdateResurrects, &["update_session_never_resurrects"]),
    (KeyValueBug::R2UpdateIsLost, &["parallel_update_session_loses_nothing"]),
    (KeyValueBug::R3DeleteAllMissesWhatIsSetMeanwhile, &["delete_sessions_by_user_id_misses_none_set_in_parallel"]),
    (KeyValueBug::R4ExpiredEntriesStay, &["get_sessions_by_user_id_skips_missing_sessions"]),
    (
        KeyValueBug::R5DuplicatesReplace,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
        ],
    ),
    (
        KeyValueBug::R5ListHasForeignSessions,
        &["get_sessions_by_user_id_ignores_a_foreign_index_entry", "delete_expired_sessions_frees_their_ids"],
    ),
    (
        KeyValueBug::R5DeleteAllTakesForeignSessions,
        &["delete_sessions_by_user_id_spares_a_foreign_index_entry", "delete_expired_sessions_frees_their_ids"],
    ),
    (
        KeyValueBug::R6IndexIsWrittenFirst,
        &["set_session_that_fails_half_way_leaves_nothing", "set_session_with_a_past_expiry_leaves_nothing_alive"],
    ),
    (KeyValueBug::SessionIsWrittenFirst, &["set_session_that_fails_half_way_leaves_nothing"]),
    (KeyValueBug::R7UpdateTakesAbsoluteTimeToLive, &["update_session_moves_the_recorded_expiry"]),
    (
        KeyValueBug::R8ExpiryIsCutToSeconds,
        &[
            "get_session_shows_a_session_until_its_last_millisecond",
            "set_session_records_the_expiry",
            "update_session_moves_the_recorded_expiry",
        ],
    ),
    (KeyValueBug::R9CorruptValueFailsTheList, &["get_sessions_by_user_id_survives_a_corrupt_value"]),
    (KeyValueBug::R11IdsAreNotEscaped, &["sessions_of_two_stores_are_isolated"]),
    (KeyValueBug::K1ExpiryIsAnEpoch, &["set_session_records_the_expiry", "update_session_moves_the_recorded_expiry"]),
    (
        KeyValueBug::K2ShortLivesAreRefused,
        &[
            "get_session_shows_a_session_until_its_last_millisecond",
            "set_session_with_a_past_expiry_leaves_nothing_alive",
            "update_session_to_a_past_expiry_ends_it",
            "delete_expired_sessions_frees_their_ids",
            "update_session_to_a_past_expiry_frees_its_id",
        ],
    ),
    (
        KeyValueBug::K3IndexIsReadModifyWrite,
        &[
            "get_sessions_by_user_id_returns_more_than_a_page",
            "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
            "delete_sessions_by_user_id_misses_none_set_in_parallel",
            "delete_sessions_by_user_id_deletes_more_than_a_page",
            "delete_other_sessions_keeps_one",
        ],
    ),
    (KeyValueBug::K4ExpiredIdsStayInTheIndex, &["get_sessions_by_user_id_skips_missing_sessions"]),
    (KeyValueBug::K9OnePage, &["get_sessions_by_user_id_returns_more_than_a_page"]),
    (
        KeyValueBug::S1EmptyUpdateFails,
        &["update_session_with_nothing_changes_nothing", "update_session_of_an_unknown_id_is_invalid"],
    ),
    (KeyValueBug::InsertIsCheckedFirst, &["parallel_set_session_with_one_id_has_one_winner"]),
    (
        KeyValueBug::DuplicatesAreSwallowed,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
        ],
    ),
    (KeyValueBug::PastExpiryStaysIndexed, &["set_session_with_a_past_expiry_leaves_nothing_alive"]),
    (
        KeyValueBug::UpdateCreates,
        &["update_session_of_an_unknown_id_is_invalid", "update_session_with_another_expiry_than_expected_conflicts"],
    ),
    (
        KeyValueBug::UpdateDropsOthers,
        &[
            "update_session_keeps_other_fields",
            "update_session_stores_null",
            "update_session_with_another_expiry_than_expected_conflicts",
            "parallel_update_session_loses_nothing",
            "rotate_session_keeps_other_fields",
        ],
    ),
    (KeyValueBug::UpdateDropsNull, &["update_session_stores_null"]),
    (
        KeyValueBug::UpdateIgnoresTheCondition,
        &[
            "update_session_with_another_expiry_than_expected_conflicts",
            "parallel_update_session_with_one_expectation_has_one_winner",
        ],
    ),
    (KeyValueBug::ConditionIsCheckedFirst, &["parallel_update_session_with_one_expectation_has_one_winner"]),
    (
        KeyValueBug::UpdateToThePastKeepsTheSession,
        &["update_session_to_a_past_expiry_ends_it", "update_session_to_a_past_expiry_frees_its_id"],
    ),
    (KeyValueBug::ExpiryIsNotMoved, &["update_session_moves_the_recorded_expiry"]),
    (
        KeyValueBug::DeleteIsByPrefix,
        &["session_ids_never_alias", "session_ids_are_compared_exactly", "delete_session_deletes_only_that_session"],
    ),
    (
        KeyValueBug::DeleteTwiceFails,
        &[
            "get_sessions_by_user_id_skips_missing_sessions",
            "delete_session_twice_succeeds",
            "delete_session_deletes_only_that_session",
        ],
    ),
    (
        KeyValueBug::DeleteAllIsByPrefix,
        &[
            "delete_sessions_by_user_id_deletes_none_of_another_user",
            "delete_sessions_by_user_id_spares_a_foreign_index_entry",
            "delete_expired_sessions_frees_their_ids",
        ],
    ),
    (KeyValueBug::DeleteAllTakesOnePage, &["delete_sessions_by_user_id_deletes_more_than_a_page"]),
    (
        KeyValueBug::DeleteAllOfNobodyFails,
        &[
            "sessions_of_two_stores_are_isolated",
            "delete_sessions_by_user_id_misses_none_set_in_parallel",
            "delete_sessions_by_user_id_of_an_unknown_user_succeeds",
            "delete_session_frees_its_id",
            "delete_sessions_by_user_id_frees_their_ids",
            "delete_expired_sessions_frees_their_ids",
            "update_session_to_a_past_expiry_frees_its_id",
        ],
    ),
    (KeyValueBug::DeleteOthersKeepsForeign, &["delete_other_sessions_never_keeps_another_users_session"]),
    (
        KeyValueBug::DeleteOthersDeletesAll,
        &["delete_other_sessions_keeps_one", "delete_other_sessions_frees_their_ids"],
    ),
    (KeyValueBug::DeleteExpiredDeletes, &["delete_expired_sessions_leaves_it_to_the_store"]),
    (
        KeyValueBug::RotationKeepsTheOldId,
        &[
            "rotate_session_gives_a_session_a_new_id",
            "rotate_session_survives_no_revocation",
            "parallel_rotate_session_has_one_winner",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (KeyValueBug::RotationResets, &["rotate_session_keeps_other_fields"]),
    (KeyValueBug::RotationReplaces, &["rotate_session_to_a_taken_id_changes_nothing"]),
    (KeyValueBug::RotationTakesSteps, &["parallel_rotate_session_has_one_winner"]),
    (
        KeyValueBug::RotationDoesNotLookAgain,
        &["rotate_session_survives_no_revocation", "parallel_rotate_session_has_one_winner"],
    ),
    (KeyValueBug::RotationIgnoresTheCondition, &["rotate_session_with_another_expiry_than_expected_conflicts"]),
    (KeyValueBug::NumbersAreFloats, &["set_session_never_rounds_integers"]),
    (KeyValueBug::LargeValuesAreCut, &["set_session_stores_large_and_nested_attributes"]),
    (KeyValueBug::DeepValuesAreCut, &["set_session_reads_back_nested_attributes_or_refuses_them"]),
    (KeyValueBug::CorruptIsALiveSession, &["get_session_of_a_corrupt_value_fails_alone"]),
    (KeyValueBug::OnlyNewLayout, &["get_session_reads_what_lucia_js_wrote"]),
    (KeyValueBug::IdsIgnoreCase, &["session_ids_are_compared_exactly", "delete_session_deletes_only_that_session"]),
    (KeyValueBug::IdsAreTrimmed, &["session_ids_are_compared_exactly"]),
    (KeyValueBug::DebugShowsIds, &["debug_output_holds_no_session_id"]),
];

pub(crate) const TABLE: &[(TableBug, &[&str])] = &[
    (TableBug::None, &[]),
    (
        TableBug::P1UpdateOfNothingIsAFailure,
        &[
            "update_user_of_an_unknown_id_is_invalid",
            "update_key_of_an_unknown_id_is_invalid",
            "update_session_of_an_unknown_id_is_invalid",
            "update_session_with_another_expiry_than_expected_conflicts",
            "core_creates_and_updates_a_user",
        ],
    ),
    (
        TableBug::P2DuplicateKeyIsNotRecognised,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
            "core_sign_up_with_a_taken_key_leaves_no_user",
        ],
    ),
    (
        TableBug::P2DuplicateUserIsADuplicateKey,
        &["set_user_with_a_duplicate_user_id_changes_nothing", "core_creates_and_updates_a_user"],
    ),
    (TableBug::P3AnyForeignKeyIsTheUser, &["set_session_with_a_dangling_reference_blames_no_user"]),
    (
        TableBug::P4DuplicateSessionIsAFailure,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
            "set_session_and_get_user_with_a_duplicate_id_changes_nothing",
        ],
    ),
    (
        TableBug::P5DeleteTwiceFails,
        &[
            "delete_user_twice_succeeds",
            "delete_key_deletes_only_that_key",
            "delete_key_twice_succeeds",
            "delete_session_twice_succeeds",
            "delete_session_deletes_only_that_session",
            "core_deletes_a_user_with_keys_and_sessions",
        ],
    ),
    (
        TableBug::S1EmptyUpdateFails,
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
        TableBug::S2AnyNameIsAColumn,
        &[
            "set_user_refuses_hostile_attribute_names",
            "update_user_refuses_hostile_attribute_names",
            "set_session_refuses_hostile_attribute_names",
            "update_session_refuses_hostile_attribute_names",
        ],
    ),
    (TableBug::S6DuplicateUserWithKeyIsADuplicateKey, &["set_user_with_a_duplicate_user_id_changes_nothing"]),
    (
        TableBug::S7UserStaysWhenItsKeyIsTaken,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "parallel_set_user_with_one_key_id_has_one_winner",
            "core_sign_up_with_a_taken_key_leaves_no_user",
        ],
    ),
    (
        TableBug::DroppedCallLeavesTheUser,
        &["parallel_set_user_with_one_key_id_has_one_winner", "set_user_that_is_dropped_inserts_both_or_neither"],
    ),
    (TableBug::DroppedCallTakesTheNextAlong, &["set_user_that_is_dropped_inserts_both_or_neither"]),
    (
        TableBug::S9NoForeignKeys,
        &[
            "delete_user_deletes_its_keys",
            "set_key_of_an_unknown_user_is_invalid",
            "set_session_of_an_unknown_user_is_invalid",
            "delete_user_deletes_its_sessions",
        ],
    ),
    (
        TableBug::C3SessionIsStoredFirst,
        &["set_session_and_get_user_of_an_unknown_user_is_invalid", "core_sessions_of_an_unknown_user_are_refused"],
    ),
    (
        TableBug::C16OrphansStay,
        &["get_session_and_user_of_an_orphan_is_none", "core_forgets_the_session_of_a_deleted_user"],
    ),
    (TableBug::KeyIsCheckedFirst, &["parallel_set_user_with_one_key_id_has_one_winner"]),
    (TableBug::AnotherUsersKeyIsTaken, &["set_user_with_another_users_key_is_refused"]),
    (TableBug::DuplicateAttributeIsADuplicateKey, &["set_user_with_a_duplicate_attribute_changes_nothing"]),
    (TableBug::UpdateIgnoresUniqueness, &["update_user_to_a_taken_attribute_changes_nothing"]),
    (TableBug::UserUpdateReplaces, &["update_user_keeps_other_attributes"]),
    (TableBug::UserUpdateSkipsNull, &["update_user_stores_null"]),
    (TableBug::UsersIgnoreCase, &["user_ids_are_compared_exactly"]),
    (TableBug::KeysIgnoreCase, &["key_ids_are_compared_exactly"]),
    (
        TableBug::KeysAreCutAtAColon,
        &["key_ids_never_alias", "delete_key_deletes_only_that_key", "core_passwords_survive_the_store"],
    ),
    (TableBug::KeyUpdateIgnoresTheCondition, &["update_key_with_another_hash_than_expected_conflicts"]),
    (TableBug::KeyConditionIsCheckedFirst, &["update_key_with_another_hash_than_expected_conflicts"]),
    (
        TableBug::RenamingKeepsTheOldKey,
        &["update_key_renames_the_key", "core_sign_ins_do_not_outlive_a_change_of_password"],
    ),
    (
        TableBug::RenamingLosesTheHash,
        &[
            "update_key_renames_the_key",
            "update_key_to_a_taken_id_changes_nothing",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (TableBug::RenamingReplaces, &["update_key_to_a_taken_id_changes_nothing"]),
    (
        TableBug::HashIsNotCleared,
        &[
            "update_key_clears_the_hash",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (TableBug::KeysAreOne, &["get_keys_by_user_id_returns_all_of_the_user", "set_key_inserts_the_key"]),
    (
        TableBug::KeyIsDeletedByPrefix,
        &[
            "key_ids_are_compared_exactly",
            "delete_key_deletes_only_that_key",
            "core_sign_ins_do_not_outlive_a_change_of_password",
        ],
    ),
    (
        TableBug::KeysOfAllUsersAreDeleted,
        &["delete_keys_by_user_id_deletes_all_of_the_user", "delete_keys_by_user_id_of_an_unknown_user_succeeds"],
    ),
    (TableBug::JoinMixesColumns, &["get_session_and_user_does_not_mix_columns"]),
    (TableBug::JoinFillsNulls, &["get_session_and_user_does_not_mix_columns"]),
    (
        TableBug::JoinOfNothingFails,
        &[
            "get_session_and_user_of_an_unknown_id_is_none",
            "get_session_and_user_of_an_orphan_is_none",
            "core_rotates_a_session",
            "core_revokes_all_sessions_but_one",
            "core_forgets_the_session_of_a_deleted_user",
            "core_a_foreign_origin_reaches_no_session",
            "core_signs_a_client_out",
        ],
    ),
    (TableBug::SeveralReadsMixUsersUp, &["get_sessions_and_users_returns_what_the_separate_calls_return"]),
    (TableBug::SeveralReadsStopAtAnUnknown, &["get_sessions_returns_those_that_exist"]),
    (
        TableBug::DeleteExpiredTakesTheBoundary,
        &["delete_expired_sessions_deletes_only_expired_ones", "delete_expired_sessions_stops_at_the_limit"],
    ),
    (
        TableBug::DeleteExpiredStopsEarly,
        &["delete_expired_sessions_deletes_only_expired_ones", "delete_expired_sessions_stops_at_the_limit"],
    ),
    (TableBug::DeleteExpiredIgnoresTheLimit, &["delete_expired_sessions_stops_at_the_limit"]),
    (
        TableBug::UserGetsAKey,
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
        TableBug::FirstKeyIsDropped,
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
        TableBug::EmptyTextIsNull,
        &["get_user_returns_the_stored_row", "get_session_returns_the_stored_row", "update_session_keeps_other_fields"],
    ),
    (
        TableBug::UnknownUserIsAFailure,
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
        ],
    ),
    (
        TableBug::UnknownKeyIsAFailure,
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
        TableBug::ListsOfUnknownUsersFail,
        &[
            "set_user_with_a_duplicate_key_id_changes_nothing",
            "get_keys_by_user_id_of_an_unknown_user_is_empty",
            "get_sessions_by_user_id_of_an_unknown_user_is_empty",
            "set_session_of_an_unknown_user_is_invalid",
            "set_session_and_get_user_of_an_unknown_user_is_invalid",
            "delete_user_deletes_its_sessions",
            "core_no_session_survives_a_parallel_deletion",
        ],
    ),
    (TableBug::UsersAreCutAtAColon, &["user_ids_never_alias"]),
    (
        TableBug::UserIsNotDeleted,
        &[
            "delete_user_deletes_the_user",
            "delete_user_twice_succeeds",
            "delete_user_deletes_its_keys",
            "get_session_and_user_of_an_orphan_is_none",
            "get_session_and_user_works_on_the_default",
            "delete_user_deletes_its_sessions",
            "core_deletes_a_user_with_keys_and_sessions",
            "core_forgets_the_session_of_a_deleted_user",
            "get_sessions_and_users_leaves_out_orphans",
        ],
    ),
    (
        TableBug::MissingHashIsEmpty,
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
        TableBug::HashIsNotSet,
        &[
            "update_key_sets_the_hash",
            "update_key_with_another_hash_than_expected_conflicts",
            "core_passwords_survive_the_store",
            "core_sign_ins_do_not_outlive_a_change_of_password",
            "core_sign_ins_beside_a_change_of_password_are_revoked",
        ],
    ),
    (
        TableBug::JoinShowsNoAttributes,
        &[
            "get_session_and_user_returns_what_the_separate_calls_return",
            "get_session_and_user_of_an_orphan_is_none",
            "get_session_and_user_does_not_mix_columns",
        ],
    ),
    (TableBug::JoinedInsertShowsNoAttributes, &["set_session_and_get_user_inserts_the_session"]),
    (
        TableBug::RenewalIsNotWritten,
        &[
            "update_session_to_a_past_expiry_ends_it",
            "core_renews_an_idle_session",
            "update_session_to_a_past_expiry_frees_its_id",
        ],
    ),
    (TableBug::UserIsCheckedBeforeOnly, &["core_no_session_survives_a_parallel_deletion"]),
    (
        TableBug::KeysArePutInPlace,
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
pub(crate) const LOOSE_KEY_VALUE: &[(KeyValueBug, &[&str])] = &[
    (KeyValueBug::None, &[]),
    (
        KeyValueBug::ForeignDuplicatesAreListed,
        &[
            "get_sessions_by_user_id_ignores_a_foreign_index_entry",
            "parallel_set_session_with_one_id_leaves_one_session",
            "delete_expired_sessions_frees_their_ids",
        ],
    ),
    (
        KeyValueBug::UpdateDeletesFirst,
        &["update_session_never_resurrects", "parallel_update_session_leaves_a_whole_session"],
    ),
    (
        KeyValueBug::DeleteAllForgetsOne,
        &[
            "sessions_of_two_stores_are_isolated",
            "get_sessions_by_user_id_removes_old_leftovers",
            "get_sessions_by_user_id_survives_a_corrupt_value",
            "update_session_never_resurrects",
            "delete_sessions_by_user_id_deletes_all_of_the_user",
            "delete_sessions_by_user_id_deletes_none_of_another_user",
            "delete_sessions_by_user_id_spares_a_foreign_index_entry",
            "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
            "delete_sessions_by_user_id_misses_none_set_before",
            "delete_sessions_by_user_id_deletes_more_than_a_page",
            "rotate_session_hides_from_no_revocation",
            "delete_sessions_by_user_id_frees_their_ids",
            "delete_other_sessions_frees_their_ids",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (
        KeyValueBug::RotationIsNotIndexed,
        &[
            "rotate_session_gives_a_session_a_new_id",
            "rotate_session_hides_from_no_revocation",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (KeyValueBug::IdsIgnoreCase, &["session_ids_that_the_store_equates_are_not_mixed"]),
    (KeyValueBug::R4ExpiredEntriesStay, &["get_sessions_by_user_id_removes_old_leftovers"]),
    (KeyValueBug::SessionIsWrittenFirst, &["set_session_that_fails_half_way_leaves_nothing_alive"]),
    // An index entry may survive a failure, but not the entry of a session that was never alive.
    (KeyValueBug::R6IndexIsWrittenFirst, &["set_session_with_a_past_expiry_leaves_nothing_alive"]),
    // The twins allow what a store without scripts cannot prevent.
    (KeyValueBug::R2UpdateIsLost, &[]),
    (KeyValueBug::R3DeleteAllMissesWhatIsSetMeanwhile, &[]),
    (KeyValueBug::InsertIsCheckedFirst, &[]),
    (KeyValueBug::ConditionIsCheckedFirst, &[]),
    (KeyValueBug::RotationTakesSteps, &[]),
    (KeyValueBug::RotationDoesNotLookAgain, &[]),
];

/// The same without a back door to the index.
pub(crate) const CLOSED_KEY_VALUE: &[(KeyValueBug, &[&str])] = &[
    (KeyValueBug::None, &[]),
    (KeyValueBug::EntryOutlives(End::Delete), &["delete_session_frees_its_id"]),
    (KeyValueBug::EntryOutlives(End::DeleteAll), &["delete_sessions_by_user_id_frees_their_ids"]),
    (KeyValueBug::EntryOutlives(End::DeleteOthers), &["delete_other_sessions_frees_their_ids"]),
    (KeyValueBug::EntryOutlives(End::Expiry), &["delete_expired_sessions_frees_their_ids"]),
    (KeyValueBug::EntryOutlives(End::UpdateToThePast), &["update_session_to_a_past_expiry_frees_its_id"]),
    (KeyValueBug::EntryOutlives(End::Rotation), &["rotate_session_frees_the_old_id"]),
    (KeyValueBug::EntryOutlivesAndIsDeleted, &["delete_session_frees_its_id"]),
];

/// The same without promises: the failures of the twins.
pub(crate) const LOOSE_TABLE: &[(TableBug, &[&str])] = &[
    (TableBug::None, &[]),
    (TableBug::SeveralReadsKeepOrphans, &["get_sessions_and_users_leaves_out_orphans"]),
    (
        TableBug::ForeignKeysUnasked,
        &[
            "delete_user_leaves_its_keys",
            "set_key_of_an_unknown_user_is_stored",
            "set_session_of_an_unknown_user_is_stored",
            "delete_user_leaves_its_sessions",
        ],
    ),
    (
        TableBug::UniqueUnasked,
        &["set_user_with_equal_attributes_stores_both", "set_session_with_a_dangling_reference_is_stored"],
    ),
    (TableBug::NamesAreNormalised, &["set_user_stores_any_attribute_name"]),
    (TableBug::UsersIgnoreCase, &["user_ids_that_the_store_equates_are_not_mixed"]),
    (TableBug::KeysIgnoreCase, &["key_ids_that_the_store_equates_are_not_mixed"]),
    (
        TableBug::P2DuplicateKeyIsNotRecognised,
        &[
            "set_user_with_a_duplicate_key_id_reports_it",
            "parallel_set_user_with_one_key_id_keeps_one_key",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
        ],
    ),
    (
        TableBug::KeysArePutInPlace,
        &[
            "set_user_with_a_duplicate_key_id_reports_it",
            "parallel_set_user_with_one_key_id_keeps_one_key",
            "set_key_with_a_duplicate_id_changes_nothing",
            "parallel_set_key_with_one_id_has_one_winner",
        ],
    ),
];
