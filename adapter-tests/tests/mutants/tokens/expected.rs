//! The cases that each broken adapter fails.

use super::Bug;

/// On tables with foreign keys.
pub(crate) const TABLE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::GetIgnoresTheKind, &["get_token_of_another_kind_is_none", "set_token_with_a_duplicate_id_changes_nothing"]),
    (
        Bug::GetOfNothingFails,
        &[
            "get_token_of_an_unknown_id_is_none",
            "get_token_of_another_kind_is_none",
            "token_ids_never_alias",
            "token_ids_are_compared_exactly",
            "set_token_with_a_duplicate_id_changes_nothing",
            "set_token_of_an_unknown_user_is_invalid",
            "take_token_returns_the_token_once",
            "parallel_take_token_has_one_winner",
            "delete_tokens_deletes_those_of_the_kind",
            "delete_tokens_deletes_those_of_all_kinds",
            "delete_tokens_deletes_none_of_another_user",
            "delete_user_deletes_its_tokens",
            "delete_tokens_deletes_what_was_set_in_parallel",
            "delete_tokens_misses_none_set_in_parallel",
            "delete_tokens_deletes_more_than_a_page",
            "counters_and_tokens_never_alias",
            "delete_expired_tokens_deletes_only_expired_ones",
            "parallel_delete_user_and_set_token_leave_no_token",
        ],
    ),
    (Bug::KindIsAPattern, &["get_token_of_another_kind_is_none", "take_token_of_another_kind_takes_nothing"]),
    (Bug::KindIsAPrefix, &["get_token_of_another_kind_is_none", "take_token_of_another_kind_takes_nothing"]),
    (Bug::EmptyTextIsNull, &["get_token_returns_the_stored_row"]),
    (Bug::IdsAreCutAtAColon, &["token_ids_never_alias"]),
    (Bug::IdsIgnoreCase, &["token_ids_are_compared_exactly"]),
    (Bug::DebugShowsIds, &["debug_output_holds_no_token"]),
    (Bug::DebugShowsData, &["debug_output_holds_no_token"]),
    (Bug::DebugShowsKeys, &["debug_output_holds_no_token"]),
    (
        Bug::DuplicateReplaces,
        &["set_token_with_a_duplicate_id_changes_nothing", "parallel_set_token_with_one_id_has_one_winner"],
    ),
    (
        Bug::DuplicateIsSwallowed,
        &["set_token_with_a_duplicate_id_changes_nothing", "parallel_set_token_with_one_id_has_one_winner"],
    ),
    (Bug::DuplicateOfAnotherKindIsSwallowed, &["set_token_with_a_duplicate_id_changes_nothing"]),
    (Bug::DuplicateIsCheckedFirst, &["parallel_set_token_with_one_id_has_one_winner"]),
    (
        Bug::DuplicateIsIndexed,
        &["set_token_with_a_duplicate_id_changes_nothing", "parallel_set_token_with_one_id_has_one_winner"],
    ),
    (
        Bug::UnknownUserIsStored,
        &[
            "set_token_of_an_unknown_user_is_invalid",
            "delete_user_deletes_its_tokens",
            "parallel_delete_user_and_set_token_leave_no_token",
        ],
    ),
    (
        Bug::UsersAreOnlyChecked,
        &["delete_user_deletes_its_tokens", "parallel_delete_user_and_set_token_leave_no_token"],
    ),
    (Bug::LargeTextIsCut, &["set_token_stores_any_text_of_64_kib"]),
    (Bug::TextIsANumber, &["set_token_stores_any_text_of_64_kib"]),
    (Bug::PastExpiryIsMoved, &["set_token_with_a_past_expiry_leaves_nothing_alive"]),
    (Bug::TakeIgnoresTheKind, &["take_token_of_another_kind_takes_nothing"]),
    (
        Bug::TakeOfNothingFails,
        &[
            "token_ids_are_compared_exactly",
            "set_token_with_a_duplicate_id_changes_nothing",
            "set_token_of_an_unknown_user_is_invalid",
            "take_token_returns_the_token_once",
            "take_token_of_an_unknown_id_is_none",
            "take_token_of_another_kind_takes_nothing",
            "parallel_take_token_has_one_winner",
            "delete_tokens_deletes_those_of_the_kind",
            "delete_tokens_deletes_those_of_all_kinds",
            "delete_tokens_deletes_none_of_another_user",
            "delete_user_deletes_its_tokens",
            "delete_tokens_deletes_what_was_set_in_parallel",
            "delete_tokens_misses_none_set_in_parallel",
            "delete_tokens_deletes_more_than_a_page",
            "counters_and_tokens_never_alias",
            "delete_expired_tokens_deletes_only_expired_ones",
            "parallel_delete_user_and_set_token_leave_no_token",
        ],
    ),
    (
        Bug::TakeKeeps,
        &["take_token_returns_the_token_once", "parallel_take_token_has_one_winner", "take_token_frees_its_id"],
    ),
    (Bug::TakeTakesSteps, &["parallel_take_token_has_one_winner"]),
    (Bug::TakenIdStaysTaken, &["take_token_frees_its_id"]),
    (Bug::EntryOutlivesTake, &["take_token_frees_its_id"]),
    (Bug::EntryOutlivesDelete, &["delete_tokens_frees_their_ids"]),
    (Bug::DeleteIgnoresTheKind, &["delete_tokens_deletes_those_of_the_kind"]),
    (Bug::DeleteOfAllKindsDeletesOne, &["delete_tokens_deletes_those_of_all_kinds"]),
    (
        Bug::DeleteTakesTokensWithoutAUser,
        &[
            "set_token_with_a_duplicate_id_changes_nothing",
            "delete_tokens_deletes_those_of_all_kinds",
            "delete_tokens_deletes_none_of_another_user",
        ],
    ),
    (
        Bug::DeleteIsByPrefix,
        &["delete_tokens_deletes_none_of_another_user", "delete_tokens_of_an_unknown_user_succeeds"],
    ),
    (Bug::DeleteOfNobodyFails, &["delete_tokens_of_an_unknown_user_succeeds"]),
    (Bug::DeleteTakesOnePage, &["delete_tokens_deletes_more_than_a_page"]),
    (Bug::DeleteForgetsWhatIsSetMeanwhile, &["delete_tokens_misses_none_set_in_parallel"]),
    (
        Bug::IndexIsReadModifyWrite,
        &[
            "delete_tokens_deletes_what_was_set_in_parallel",
            "delete_tokens_misses_none_set_in_parallel",
            "delete_tokens_deletes_more_than_a_page",
        ],
    ),
    (Bug::LargeAmountsAreCut, &["add_to_counter_counts_from_zero", "add_to_counter_stays_within_its_limits"]),
    (Bug::CounterTakesSteps, &["parallel_add_to_counter_is_exact"]),
    (Bug::CounterRestartsInSteps, &["parallel_add_to_counter_is_exact"]),
    (Bug::CounterHasNoMaximum, &["add_to_counter_stays_within_its_limits"]),
    (Bug::CounterGoesBelowZero, &["add_to_counter_stays_within_its_limits"]),
    (
        Bug::NegativeAmountsAreIgnored,
        &[
            "add_to_counter_takes_amounts_back",
            "add_to_counter_stays_within_its_limits",
            "parallel_add_to_counter_is_exact",
            "add_to_counter_keeps_the_window_of_the_first_amount",
            "add_to_counter_takes_amounts_back_only_from_their_window",
        ],
    ),
    (Bug::NegativeAmountsFitAnyWindow, &["add_to_counter_takes_amounts_back_only_from_their_window"]),
    (
        Bug::WindowIsExtended,
        &[
            "add_to_counter_takes_amounts_back_only_from_their_window",
            "add_to_counter_keeps_the_window_of_the_first_amount",
            "add_to_counter_starts_again_after_the_last_millisecond",
            "add_to_counter_goes_by_the_given_time",
        ],
    ),
    (Bug::WindowEndsAtZero, &["add_to_counter_keeps_the_window_of_the_first_amount"]),
    (
        Bug::WindowEndsEarly,
        &[
            "add_to_counter_takes_amounts_back_only_from_their_window",
            "add_to_counter_starts_again_after_the_last_millisecond",
            "delete_expired_tokens_deletes_only_expired_ones",
            "delete_expired_tokens_stops_at_the_limit",
        ],
    ),
    (
        Bug::WindowEndsLate,
        &[
            "add_to_counter_takes_amounts_back_only_from_their_window",
            "parallel_add_to_counter_is_exact",
            "add_to_counter_starts_again_after_the_last_millisecond",
            "add_to_counter_goes_by_the_given_time",
        ],
    ),
    (
        Bug::NothingOpensAWindow,
        &["add_to_counter_takes_amounts_back_only_from_their_window", "add_to_counter_of_nothing_opens_no_window"],
    ),
    (Bug::PastWindowsAreDropped, &["add_to_counter_goes_by_the_given_time"]),
    (Bug::LongWindowsOverflow, &["add_to_counter_accepts_any_window"]),
    (Bug::KeysAreCutAtAColon, &["counter_keys_never_alias"]),
    (Bug::KeysIgnoreCase, &["counter_keys_never_alias"]),
    (Bug::CounterReplacesAToken, &["counters_and_tokens_never_alias"]),
    (Bug::CounterIsAToken, &["counters_and_tokens_never_alias"]),
    (
        Bug::DeleteExpiredTakesTheBoundary,
        &["delete_expired_tokens_deletes_only_expired_ones", "delete_expired_tokens_stops_at_the_limit"],
    ),
    (
        Bug::DeleteExpiredStopsEarly,
        &["delete_expired_tokens_deletes_only_expired_ones", "delete_expired_tokens_stops_at_the_limit"],
    ),
    (Bug::DeleteExpiredIgnoresTheLimit, &["delete_expired_tokens_stops_at_the_limit"]),
    (
        Bug::DeleteExpiredLeavesCounters,
        &["delete_expired_tokens_deletes_only_expired_ones", "delete_expired_tokens_stops_at_the_limit"],
    ),
    (Bug::DeleteExpiredLimitsEach, &["delete_expired_tokens_stops_at_the_limit"]),
];

/// On a store that drops expired records.
pub(crate) const EXPIRING: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::StoresShareTokens, &["tokens_of_two_stores_are_isolated"]),
    (Bug::StoresShareCounters, &["tokens_of_two_stores_are_isolated"]),
    (
        Bug::ExpiryIsCutToSeconds,
        &["get_token_shows_a_token_until_its_last_millisecond", "set_token_records_the_expiry"],
    ),
    (Bug::PastExpiryIsMoved, &["set_token_with_a_past_expiry_leaves_nothing_alive"]),
    (Bug::NoExpiryIsRecorded, &["set_token_records_the_expiry"]),
    (
        Bug::WindowIsExtended,
        &[
            "add_to_counter_records_the_expiry",
            "add_to_counter_takes_amounts_back_only_from_their_window",
            "add_to_counter_keeps_the_window_of_the_first_amount",
            "add_to_counter_starts_again_after_the_last_millisecond",
            "add_to_counter_goes_by_the_given_time",
        ],
    ),
    (Bug::DeleteExpiredDeletes, &["delete_expired_tokens_leaves_it_to_the_store"]),
];

/// Without promises: the failures of the twins.
pub(crate) const LOOSE: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::UnknownUserIsRefused, &["set_token_of_an_unknown_user_is_stored"]),
    (Bug::IdsIgnoreCase, &["token_ids_that_the_store_equates_are_not_mixed"]),
];
