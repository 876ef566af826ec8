//! What every store must do, as tests: one list, run against each engine.
//!
//! A store joins in with `conformance_suite!(fresh)`, where `fresh` makes a [`Fresh`] store.

pub mod changes;
pub mod evaluation;
pub mod history;
pub mod lives;
pub mod mentions;
pub mod model;
pub mod outbox;
pub mod polls;
pub mod rematch;
pub mod sample;
pub mod sources;
pub mod stories;
pub mod verdicts;

use std::any::Any;
use std::sync::Arc;

use super::Store;

/// An empty store, and whatever has to live as long as it (a directory, a server).
pub struct Fresh {
    pub store: Arc<dyn Store>,
    pub keep: Box<dyn Any + Send>,
}

/// Makes one test of each promise for the store that the given function makes.
macro_rules! conformance_suite {
    ($fresh:path) => {
        crate::store::conformance::conformance_suite! { $fresh;
            sources: a_source_is_claimed_when_it_is_due, one_poll_for_each_host_at_a_time,
                a_host_is_free_again_after_the_poll, a_host_rests_a_second_between_two_polls, an_expired_lease_can_be_taken,
                a_restart_does_not_poll_early, another_address_voids_the_cursor,
                a_poll_of_the_old_address_is_fenced, a_source_out_of_the_configuration_rests,
                the_oldest_due_source_comes_first, release_gives_leases_back_and_fences,
                the_next_due_instant_waits_for_leased_hosts, a_clock_set_back_silences_nobody;
            polls: a_poll_is_stored_whole, the_same_poll_twice_changes_nothing,
                a_lost_lease_writes_nothing, a_lease_is_good_for_one_poll,
                a_failure_keeps_the_cursor_and_is_counted, a_success_ends_the_failures,
                a_changed_text_is_a_revision, two_sources_of_one_item_do_not_take_turns, a_revision_keeps_its_place_and_first_sight,
                two_items_under_one_key_do_not_take_turns, a_removed_mention_is_gone,
                a_removed_item_that_comes_back_is_new, an_unknown_removal_is_nothing,
                a_mention_comes_back_as_it_went_in, many_polls_at_once_all_count;
            mentions: a_query_holds_all_its_conditions, mentions_come_newest_first,
                a_count_ignores_the_limit, one_mention_counts_for_each_of_its_watches,
                steps_are_aligned_and_empty_ones_left_out, a_revision_moves_the_counters,
                a_removal_takes_back_its_counts, unknown_tones_count_in_the_total_only,
                recent_mentions_are_those_of_a_week, what_is_aside_is_kept_and_counted_apart;
            changes: changes_come_in_order_page_by_page, a_put_shows_the_mention_as_it_is_now,
                a_deletion_is_told, the_end_is_where_the_position_stays;
            stories: a_page_done_twice_is_fenced, a_story_counts_its_spread,
                the_mentions_of_a_story_are_found,
                a_story_passes_to_its_next_mention_and_ends_with_its_last,
                a_revised_mention_may_go_to_another_story, recent_stories_come_with_their_lead,
                the_detector_hears_the_same_before_and_after_its_stories_are_known;
            evaluation: a_watch_has_one_evaluator, an_evaluation_is_committed_whole,
                a_fenced_evaluation_leaves_no_trace, an_evaluation_does_not_go_back,
                the_detector_hears_in_order, the_detector_does_not_hear_what_is_aside, authors_are_told_apart, a_watch_has_one_open_incident_of_each_matter,
                a_closed_incident_makes_room, incidents_come_newest_first,
                what_was_heard_is_told_with_its_instant, a_mention_whose_counts_grew_is_heard_again,
                counts_of_another_source_or_of_what_is_gone_are_not_heard,
                a_detector_hears_topics_and_places, a_watch_begins_once,
                spans_that_were_listened_to_grow_and_stay_in_order;
            verdicts: a_verdict_is_kept_with_what_it_changes, whoever_evaluates_meanwhile_is_fenced,
                marks_are_kept_replaced_and_forgotten,
                a_crisis_that_was_missed_lowers_the_threshold;
            lives: what_comes_together_may_come_in_any_order,
                a_death_between_any_two_evaluations_changes_nothing;
            rematch: only_an_edit_reads_the_past_again, a_watch_that_comes_back_reads_what_it_missed,
                a_batch_changes_findings_counters_and_the_feed, a_watch_finds_its_own_only,
                a_batch_done_twice_changes_nothing, a_job_has_one_reader,
                a_lease_is_good_for_one_batch, a_restart_goes_on_where_it_stood,
                another_edit_begins_again, a_poll_under_way_is_past_too, a_revision_meanwhile_wins,
                what_is_found_late_is_told_so, the_end_asks_for_another_detector,
                an_edit_that_changes_nothing_keeps_the_detector, the_history_tells_each_batch;
            outbox: the_most_urgent_message_goes_first, a_message_planned_twice_is_queued_once,
                a_retry_waits_for_its_time, a_sent_message_stays_sent,
                a_sender_that_died_leaves_a_possible_copy, a_possible_copy_stays_one,
                a_settlement_after_the_lease_is_lost_is_fenced, channels_do_not_mix,
                a_refused_message_is_kept, a_restarted_node_does_not_know_what_was_sent,
                the_timeline_tells_what_became_of_a_message;
            history: the_audit_says_what_happened_in_order, the_identity_stays,
                health_counts_mentions, a_sound_store_has_nothing_to_say;
            model: counters_are_exact_after_any_polls,
                counters_are_exact_after_any_edits, a_message_is_never_lost_nor_resent;
        }
    };
    ($fresh:path; $($group:ident: $($test:ident),+;)+) => {
        $(mod $group {
            $(
                #[tokio::test]
                async fn $test() {
                    let fresh = $fresh();
                    crate::store::conformance::$group::$test(fresh.store).await;
                    drop(fresh.keep);
                }
            )+
        })+
    };
}
pub(crate) use conformance_suite;
