/* absent.h - operators that the language knows and rx/ does not have yet.
 *
 * Their rows stand in the tables, so that their texts are checked like any
 * other; a pipeline that uses one is refused with its name. An operator leaves
 * this list in the commit that brings it.
 */
#ifndef WEIR_FLOW_ABSENT_H
#define WEIR_FLOW_ABSENT_H

/* Their functions: not linked, never called. */
#pragma weak rx_all
#pragma weak rx_amb
#pragma weak rx_audit
#pragma weak rx_average
#pragma weak rx_buffer
#pragma weak rx_buffer_toggle
#pragma weak rx_buffer_when
#pragma weak rx_combine_latest
#pragma weak rx_concat
#pragma weak rx_contains
#pragma weak rx_count
#pragma weak rx_delay_subscription
#pragma weak rx_delay_with_mapper
#pragma weak rx_dematerialize
#pragma weak rx_distinct
#pragma weak rx_element_at
#pragma weak rx_element_at_or_default
#pragma weak rx_expand
#pragma weak rx_find
#pragma weak rx_find_index
#pragma weak rx_first
#pragma weak rx_first_or_default
#pragma weak rx_fork_join
#pragma weak rx_from_marbles
#pragma weak rx_generate
#pragma weak rx_generate_with_relative_time
#pragma weak rx_group_by_until
#pragma weak rx_group_join
#pragma weak rx_ignore_elements
#pragma weak rx_is_empty
#pragma weak rx_join
#pragma weak rx_last
#pragma weak rx_last_or_default
#pragma weak rx_map_to
#pragma weak rx_materialize
#pragma weak rx_max
#pragma weak rx_max_by
#pragma weak rx_min
#pragma weak rx_min_by
#pragma weak rx_on_error_resume_next
#pragma weak rx_pairwise
#pragma weak rx_repeat
#pragma weak rx_sequence_equal
#pragma weak rx_share
#pragma weak rx_share_replay
#pragma weak rx_share_value
#pragma weak rx_single
#pragma weak rx_single_or_default
#pragma weak rx_skip_last
#pragma weak rx_skip_last_with_time
#pragma weak rx_skip_until
#pragma weak rx_skip_while
#pragma weak rx_skip_while_indexed
#pragma weak rx_skip_with_time
#pragma weak rx_slice
#pragma weak rx_some
#pragma weak rx_sum
#pragma weak rx_switch_if_empty
#pragma weak rx_take_last
#pragma weak rx_take_last_buffer
#pragma weak rx_take_last_with_time
#pragma weak rx_take_until
#pragma weak rx_take_while
#pragma weak rx_take_while_indexed
#pragma weak rx_take_with_time
#pragma weak rx_throttle_with_mapper
#pragma weak rx_throw_if_empty
#pragma weak rx_time_interval
#pragma weak rx_timeout_with_mapper
#pragma weak rx_timestamp
#pragma weak rx_to_dict
#pragma weak rx_to_marbles
#pragma weak rx_to_set
#pragma weak rx_window
#pragma weak rx_window_toggle
#pragma weak rx_window_when
#pragma weak rx_window_with_count
#pragma weak rx_window_with_time
#pragma weak rx_window_with_time_or_count
#pragma weak rx_with_latest_from
#pragma weak rx_zip
#pragma weak rx_zip_with_list

#endif
