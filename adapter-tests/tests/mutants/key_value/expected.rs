//! The cases that each broken adapter fails: those named after its bug, and those that depend on the broken behaviour.

use super::{Bug, End};

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
    "delete_oldest_sessions_keeps_the_youngest",
    "delete_oldest_sessions_keeps_the_given_session",
    "delete_oldest_sessions_takes_a_session_without_the_attribute_first",
    "delete_oldest_sessions_compares_expiries_of_the_same_age",
    "delete_oldest_sessions_deletes_none_of_another_user",
    "parallel_delete_oldest_sessions_keeps_as_many",
    "rotate_session_gives_a_session_a_new_id",
    "rotate_session_of_an_unknown_id_is_invalid",
    "rotate_session_to_a_taken_id_changes_nothing",
    "rotate_session_with_another_expiry_than_expected_conflicts",
    "delete_session_frees_its_id",
    "delete_sessions_by_user_id_frees_their_ids",
    "delete_other_sessions_frees_their_ids",
    "delete_oldest_sessions_frees_their_ids",
    "delete_expired_sessions_frees_their_ids",
    "update_session_to_a_past_expiry_frees_its_id",
    "rotate_session_frees_the_old_id",
];

/// With all promises and the back door.
pub(crate) const WHOLE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::U1IndexNamesTheUser, LISTING),
    (Bug::U2DeleteLooksInTheSessionsIndex, &["delete_session_removes_it_and_its_index_entry"]),
    (
        Bug::U3DeleteAllKeepsTheIndex,
        &[
            "delete_sessions_by_user_id_deletes_all_of_the_user",
            "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
            "delete_sessions_by_user_id_deletes_more_than_a_page",
        ],
    ),
    (Bug::U4TimeToLiveIsAbsolute, &["set_session_records_the_expiry"]),
    (Bug::U5UpdateLosesTheExpiry, &["update_session_with_nothing_changes_nothing"]),
    (
        Bug::U6IdsAreCutAtAQuestionMark,
        &[
            "get_session_of_an_unknown_id_is_none",
            "session_ids_never_alias",
            "get_sessions_by_user_id_returns_none_of_another_user",
            "delete_session_deletes_only_that_session",
            "delete_sessions_by_user_id_deletes_none_of_another_user",
        ],
    ),
    (Bug::R1UpdateResurrects, &["update_session_never_resurrects"]),
    (Bug::R2UpdateIsLost, &["parallel_update_session_loses_nothing"]),
    (Bug::R3DeleteAllMissesWhatIsSetMeanwhile, &["delete_sessions_by_user_id_misses_none_set_in_parallel"]),
    (Bug::R4ExpiredEntriesStay, &["get_sessions_by_user_id_skips_missing_sessions"]),
    (
        Bug::R5DuplicatesReplace,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
        ],
    ),
    (
        Bug::R5ListHasForeignSessions,
        &["get_sessions_by_user_id_ignores_a_foreign_index_entry", "delete_expired_sessions_frees_their_ids"],
    ),
    (
        Bug::R5DeleteAllTakesForeignSessions,
        &["delete_sessions_by_user_id_spares_a_foreign_index_entry", "delete_expired_sessions_frees_their_ids"],
    ),
    (
        Bug::R6IndexIsWrittenFirst,
        &["set_session_that_fails_half_way_leaves_nothing", "set_session_with_a_past_expiry_leaves_nothing_alive"],
    ),
    (Bug::SessionIsWrittenFirst, &["set_session_that_fails_half_way_leaves_nothing"]),
    (Bug::R7UpdateTakesAbsoluteTimeToLive, &["update_session_moves_the_recorded_expiry"]),
    (
        Bug::R8ExpiryIsCutToSeconds,
        &[
            "get_session_shows_a_session_until_its_last_millisecond",
            "set_session_records_the_expiry",
            "update_session_moves_the_recorded_expiry",
        ],
    ),
    (Bug::R9CorruptValueFailsTheList, &["get_sessions_by_user_id_survives_a_corrupt_value"]),
    (Bug::R11IdsAreNotEscaped, &["sessions_of_two_stores_are_isolated"]),
    (Bug::K1ExpiryIsAnEpoch, &["set_session_records_the_expiry", "update_session_moves_the_recorded_expiry"]),
    (
        Bug::K2ShortLivesAreRefused,
        &[
            "get_session_shows_a_session_until_its_last_millisecond",
            "set_session_with_a_past_expiry_leaves_nothing_alive",
            "update_session_to_a_past_expiry_ends_it",
            "delete_expired_sessions_frees_their_ids",
            "update_session_to_a_past_expiry_frees_its_id",
        ],
    ),
    (
        Bug::K3IndexIsReadModifyWrite,
        &[
            "get_sessions_by_user_id_returns_more_than_a_page",
            "delete_sessions_by_user_id_deletes_what_was_set_in_parallel",
            "delete_sessions_by_user_id_misses_none_set_in_parallel",
            "delete_sessions_by_user_id_deletes_more_than_a_page",
            "delete_other_sessions_keeps_one",
        ],
    ),
    (Bug::K4ExpiredIdsStayInTheIndex, &["get_sessions_by_user_id_skips_missing_sessions"]),
    (Bug::K9OnePage, &["get_sessions_by_user_id_returns_more_than_a_page"]),
    (
        Bug::S1EmptyUpdateFails,
        &["update_session_with_nothing_changes_nothing", "update_session_of_an_unknown_id_is_invalid"],
    ),
    (Bug::InsertIsCheckedFirst, &["parallel_set_session_with_one_id_has_one_winner"]),
    (
        Bug::DuplicatesAreSwallowed,
        &[
            "get_sessions_by_user_id_returns_all_of_the_user",
            "set_session_with_a_duplicate_id_changes_nothing",
            "parallel_set_session_with_one_id_has_one_winner",
        ],
    ),
    (Bug::PastExpiryStaysIndexed, &["set_session_with_a_past_expiry_leaves_nothing_alive"]),
    (
        Bug::UpdateCreates,
        &["update_session_of_an_unknown_id_is_invalid", "update_session_with_another_expiry_than_expected_conflicts"],
    ),
    (
        Bug::UpdateDropsOthers,
        &[
            "update_session_keeps_other_fields",
            "update_session_stores_null",
            "update_session_with_another_expiry_than_expected_conflicts",
            "parallel_update_session_loses_nothing",
            "rotate_session_keeps_other_fields",
        ],
    ),
    (Bug::UpdateDropsNull, &["update_session_stores_null"]),
    (
        Bug::UpdateIgnoresTheCondition,
        &[
            "update_session_with_another_expiry_than_expected_conflicts",
            "parallel_update_session_with_one_expectation_has_one_winner",
        ],
    ),
    (Bug::ConditionIsCheckedFirst, &["parallel_update_session_with_one_expectation_has_one_winner"]),
    (
        Bug::UpdateToThePastKeepsTheSession,
        &["update_session_to_a_past_expiry_ends_it", "update_session_to_a_past_expiry_frees_its_id"],
    ),
    (Bug::ExpiryIsNotMoved, &["update_session_moves_the_recorded_expiry"]),
    (
        Bug::DeleteIsByPrefix,
        &["session_ids_never_alias", "session_ids_are_compared_exactly", "delete_session_deletes_only_that_session"],
    ),
    (
        Bug::DeleteTwiceFails,
        &[
            "get_sessions_by_user_id_skips_missing_sessions",
            "delete_session_twice_succeeds",
            "delete_session_deletes_only_that_session",
        ],
    ),
    (
        Bug::DeleteAllIsByPrefix,
        &[
            "delete_sessions_by_user_id_deletes_none_of_another_user",
            "delete_sessions_by_user_id_spares_a_foreign_index_entry",
            "delete_expired_sessions_frees_their_ids",
        ],
    ),
    (Bug::DeleteAllTakesOnePage, &["delete_sessions_by_user_id_deletes_more_than_a_page"]),
    (
        Bug::DeleteAllOfNobodyFails,
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
    (Bug::DeleteOthersKeepsForeign, &["delete_other_sessions_never_keeps_another_users_session"]),
    (Bug::DeleteOthersDeletesAll, &["delete_other_sessions_keeps_one", "delete_other_sessions_frees_their_ids"]),
    (Bug::DeleteExpiredDeletes, &["delete_expired_sessions_leaves_it_to_the_store"]),
    (
        Bug::RotationKeepsTheOldId,
        &[
            "rotate_session_gives_a_session_a_new_id",
            "rotate_session_survives_no_revocation",
            "parallel_rotate_session_has_one_winner",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (Bug::RotationResets, &["rotate_session_keeps_other_fields"]),
    (Bug::RotationReplaces, &["rotate_session_to_a_taken_id_changes_nothing"]),
    (Bug::RotationTakesSteps, &["parallel_rotate_session_has_one_winner"]),
    (
        Bug::RotationDoesNotLookAgain,
        &["rotate_session_survives_no_revocation", "parallel_rotate_session_has_one_winner"],
    ),
    (Bug::RotationIgnoresTheCondition, &["rotate_session_with_another_expiry_than_expected_conflicts"]),
    (Bug::NumbersAreFloats, &["set_session_never_rounds_integers"]),
    (Bug::LargeValuesAreCut, &["set_session_stores_large_and_nested_attributes"]),
    (Bug::DeepValuesAreCut, &["set_session_reads_back_nested_attributes_or_refuses_them"]),
    (Bug::CorruptIsALiveSession, &["get_session_of_a_corrupt_value_fails_alone"]),
    (Bug::OnlyNewLayout, &["get_session_reads_what_lucia_js_wrote"]),
    (Bug::IdsIgnoreCase, &["session_ids_are_compared_exactly", "delete_session_deletes_only_that_session"]),
    (Bug::IdsAreTrimmed, &["session_ids_are_compared_exactly"]),
    (Bug::DebugShowsIds, &["debug_output_holds_no_session_id"]),
];

/// The same without promises: the failures of the twins.
pub(crate) const LOOSE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (
        Bug::ForeignDuplicatesAreListed,
        &[
            "get_sessions_by_user_id_ignores_a_foreign_index_entry",
            "parallel_set_session_with_one_id_leaves_one_session",
            "delete_expired_sessions_frees_their_ids",
        ],
    ),
    (Bug::UpdateDeletesFirst, &["update_session_never_resurrects", "parallel_update_session_leaves_a_whole_session"]),
    (
        Bug::DeleteAllForgetsOne,
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
            "delete_oldest_sessions_frees_their_ids",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (
        Bug::RotationIsNotIndexed,
        &[
            "rotate_session_gives_a_session_a_new_id",
            "rotate_session_hides_from_no_revocation",
            "rotate_session_frees_the_old_id",
        ],
    ),
    (Bug::IdsIgnoreCase, &["session_ids_that_the_store_equates_are_not_mixed"]),
    (Bug::R4ExpiredEntriesStay, &["get_sessions_by_user_id_removes_old_leftovers"]),
    (Bug::SessionIsWrittenFirst, &["set_session_that_fails_half_way_leaves_nothing_alive"]),
    // An index entry may survive a failure, but not the entry of a session that was never alive.
    (Bug::R6IndexIsWrittenFirst, &["set_session_with_a_past_expiry_leaves_nothing_alive"]),
    // The twins allow what a store without scripts cannot prevent.
    (Bug::R2UpdateIsLost, &[]),
    (Bug::R3DeleteAllMissesWhatIsSetMeanwhile, &[]),
    (Bug::InsertIsCheckedFirst, &[]),
    (Bug::ConditionIsCheckedFirst, &[]),
    (Bug::RotationTakesSteps, &[]),
    (Bug::RotationDoesNotLookAgain, &[]),
];

/// The same without a back door to the index.
pub(crate) const CLOSED: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::EntryOutlives(End::Delete), &["delete_session_frees_its_id"]),
    (Bug::EntryOutlives(End::DeleteAll), &["delete_sessions_by_user_id_frees_their_ids"]),
    (Bug::EntryOutlives(End::DeleteOthers), &["delete_other_sessions_frees_their_ids"]),
    (Bug::EntryOutlives(End::DeleteOldest), &["delete_oldest_sessions_frees_their_ids"]),
    (Bug::EntryOutlives(End::Expiry), &["delete_expired_sessions_frees_their_ids"]),
    (Bug::EntryOutlives(End::UpdateToThePast), &["update_session_to_a_past_expiry_frees_its_id"]),
    (Bug::EntryOutlives(End::Rotation), &["rotate_session_frees_the_old_id"]),
    (Bug::EntryOutlivesAndIsDeleted, &["delete_session_frees_its_id"]),
    (
        Bug::UsedIdsAreRefused,
        &[
            "delete_session_frees_its_id",
            "delete_sessions_by_user_id_frees_their_ids",
            "delete_other_sessions_frees_their_ids",
            "delete_oldest_sessions_frees_their_ids",
            "delete_expired_sessions_frees_their_ids",
            "update_session_to_a_past_expiry_frees_its_id",
            "rotate_session_frees_the_old_id",
        ],
    ),
];
