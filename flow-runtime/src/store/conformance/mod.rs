//! What every store must do, as properties by name. A new store is held against them in three lines:
//!
//! ```
//! # use flow_runtime::store::Memory as MyStore;
//! mod conformance {
//!     flow_runtime::store::conformance::suite!(crate::MyStore::default());
//! }
//! # fn main() {}
//! ```
//!
//! That makes a test of each property, on a store of its own. [`all`] does the same in one test.
//!
//! It needs the feature `conformance`, which belongs to the `dev-dependencies`.

#[cfg(all(test, any(feature = "sqlite", feature = "postgres")))]
mod agree;
mod given;
#[cfg(test)]
mod tests;

mod a_batch_may_hold_three_transitions_of_one_run;
mod a_fork_begins_as_it_is_told;
mod a_join_in_a_loop_does_not_repeat_its_keys;
mod a_key_of_another_run_conflicts;
mod a_lease_that_ran_out_frees_runs;
mod a_resume_that_names_itself_is_done_once;
mod a_run_is_read_as_it_was_written;
mod a_signal_that_names_itself_is_sent_once;
mod a_signal_that_was_not_taken_is_kept_again;
mod a_signal_wakes_a_parked_run_and_an_ended_one_refuses_it;
mod a_transition_given_again_is_applied_once;
mod a_visit_opens_once;
mod a_wait_ends_only_by_what_it_waits_for;
mod an_answer_and_its_deadline_end_the_wait_once;
mod an_arm_ends_at_the_path_it_leaves;
mod an_id_starts_once;
mod an_unknown_run_is_refused;
mod arms_commit_side_by_side;
mod cancel_ends_and_fences;
mod checkpoints_are_kept_where_they_are_asked_for;
mod claim_any_takes_only_known_workflows;
mod claim_any_takes_the_oldest;
mod claim_is_exclusive;
mod claiming_judges_the_status;
mod completed_deletes_frames;
mod deaths_in_a_row_are_counted;
mod deferred_wakes_find_every_answer;
mod early_signals_are_kept_in_order;
mod epoch_fences;
mod events_are_read_from_a_number_on;
mod failed_keeps_frames;
mod large_values_are_written_and_deleted;
mod leaving_a_place_withdraws_and_deletes;
mod no_facts_take_no_number;
mod one_bad_record_does_not_disturb_its_neighbours;
mod owned_reports;
mod park_and_resume_change_the_status;
mod park_and_resume_have_no_write_skew;
mod park_moves_when_answered;
mod prune_deletes_old_runs_that_are_over;
mod release_frees_at_once;
mod resume_answers_once;
mod resume_of_a_failed_run_waits;
mod resume_of_an_ended_run_says_why;
mod resume_of_next_visit_is_not_suspended;
mod retry_goes_on_where_it_failed;
mod runs_are_listed_newest_first;
mod start_is_idempotent_by_key;
mod suspensions_are_listed_oldest_first;
mod the_place_that_opened_first_gets_the_signal;
mod timers_are_listed_by_their_time_and_fire_once;
mod two_arms_are_answered_independently;
mod what_was_kept_back_is_applied_first;

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::Store;

#[doc(inline)]
pub use crate::__conformance_suite as suite;

/// Makes a test of each property. The argument is an expression that gives a new, empty store; it may await, and it may
/// `return` where there can be none. What must outlive the store comes before it, as `let`:
///
/// ```
/// mod conformance {
///     use flow_runtime::store::{Sqlite, conformance::suite};
///
///     suite! {
///         let folder = tempfile::tempdir().unwrap();
///         Sqlite::open(folder.path().join("flow.db")).unwrap()
///     }
/// }
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_suite {
    (let $kept:pat = $value:expr; $store:expr) => {
        $crate::__conformance_properties!([$crate::__conformance_tests] [let $kept = $value;] [$store]);
    };
    ($store:expr $(,)?) => {
        $crate::__conformance_properties!([$crate::__conformance_tests] [] [$store]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ([$($setup:tt)*] [$store:expr] $($property:ident)*) => {
        $crate::__conformance_tests!(@ [$([$property])*] [$($setup)*] [$store]);
    };
    (@ [] $setup:tt $store:tt) => {};
    (@ [[$property:ident] $($more:tt)*] [$($setup:tt)*] [$store:expr]) => {
        #[test]
        fn $property() {
            $crate::store::conformance::drive(async {
                $($setup)*
                let store = $store;
                $crate::store::conformance::$property(&store).await;
            });
        }
        $crate::__conformance_tests!(@ [$($more)*] [$($setup)*] [$store]);
    };
}

/// Hands all properties to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_properties {
    ([$($then:tt)*] $($with:tt)*) => {
        $($then)*! {
            $($with)*
            a_batch_may_hold_three_transitions_of_one_run
            a_fork_begins_as_it_is_told
            a_join_in_a_loop_does_not_repeat_its_keys
            a_key_of_another_run_conflicts
            a_lease_that_ran_out_frees_runs
            a_resume_that_names_itself_is_done_once
            a_run_is_read_as_it_was_written
            a_signal_that_names_itself_is_sent_once
            a_signal_that_was_not_taken_is_kept_again
            a_signal_wakes_a_parked_run_and_an_ended_one_refuses_it
            a_transition_given_again_is_applied_once
            a_visit_opens_once
            a_wait_ends_only_by_what_it_waits_for
            an_answer_and_its_deadline_end_the_wait_once
            an_arm_ends_at_the_path_it_leaves
            an_id_starts_once
            an_unknown_run_is_refused
            arms_commit_side_by_side
            cancel_ends_and_fences
            checkpoints_are_kept_where_they_are_asked_for
            claim_any_takes_only_known_workflows
            claim_any_takes_the_oldest
            claim_is_exclusive
            claiming_judges_the_status
            completed_deletes_frames
            deaths_in_a_row_are_counted
            deferred_wakes_find_every_answer
            early_signals_are_kept_in_order
            epoch_fences
            events_are_read_from_a_number_on
            failed_keeps_frames
            large_values_are_written_and_deleted
            leaving_a_place_withdraws_and_deletes
            no_facts_take_no_number
            one_bad_record_does_not_disturb_its_neighbours
            owned_reports
            park_and_resume_change_the_status
            park_and_resume_have_no_write_skew
            park_moves_when_answered
            prune_deletes_old_runs_that_are_over
            release_frees_at_once
            resume_answers_once
            resume_of_a_failed_run_waits
            resume_of_an_ended_run_says_why
            resume_of_next_visit_is_not_suspended
            retry_goes_on_where_it_failed
            runs_are_listed_newest_first
            start_is_idempotent_by_key
            suspensions_are_listed_oldest_first
            the_place_that_opened_first_gets_the_signal
            timers_are_listed_by_their_time_and_fire_once
            two_arms_are_answered_independently
            what_was_kept_back_is_applied_first
        }
    };
}

macro_rules! list {
    ($($property:ident)*) => {
        $(pub use self::$property::$property;)*

        /// Holds a store against every property, each time a new one, and says which it breaks.
        ///
        /// ```
        /// use flow_runtime::store::{Memory, conformance};
        ///
        /// # #[tokio::main]
        /// # async fn main() {
        /// conformance::all(async || Memory::default()).await;
        /// # }
        /// ```
        ///
        /// # Panics
        /// When the store breaks a property.
        pub async fn all<S: Store>(open: impl AsyncFn() -> S) {
            let mut broken: Vec<&str> = Vec::new();
            $(
                let store = open().await;
                if AssertUnwindSafe($property(&store)).catch_unwind().await.is_err() {
                    broken.push(stringify!($property));
                }
            )*
            assert!(broken.is_empty(), "the store breaks: {}", broken.join(", "));
        }
    };
}

crate::__conformance_properties!([list]);

/// Runs one property to its end.
#[doc(hidden)]
pub fn drive(property: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime of tokio begins").block_on(property);
}
