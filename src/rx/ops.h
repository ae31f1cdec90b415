/* ops.h - all operators, as functions from streams to a stream.
 *
 * Every struct rx_source * argument is TAKEN (one reference), also in arrays;
 * rx_fn, rx_block and rx_dur arguments are taken as well; struct value
 * arguments are taken. The result is one reference of the caller's. The graph's
 * rx_ctx comes from the source (creation functions are told). Times are
 * milliseconds. NULL for an optional rx_fn means the identity (or "always
 * true").
 *
 * What each means, with its marbles, is in the design comment of op/NAME.c.
 * Source: reactivex.io; names and parameter order are RxPY's.
 */
#ifndef WEIR_RX_OPS_H
#define WEIR_RX_OPS_H

#include "rx/block.h"
#include "rx/dur.h"
#include "rx/fn.h"
#include "rx/observer.h"

/* Bound of a stage that keeps items; 0 stands for the stage's default. */
#define RX_MAX_BUFFER_DEFAULT 65536
#define RX_MAX_GROUPS_DEFAULT 1000000
#define RX_FOREVER	      UINT64_MAX

/* --- creation ---------------------------------------------------------- */
struct rx_source *rx_empty(struct rx_ctx *ctx);
struct rx_source *rx_never(struct rx_ctx *ctx);
struct rx_source *rx_throw(struct rx_ctx *ctx, struct str message);
struct rx_source *rx_of(struct rx_ctx *ctx, const struct value *items,
			uint32_t n); /* takes the items, copies the array */
struct rx_source *rx_just(struct rx_ctx *ctx, struct value v);
/* The elements of the array that program makes of item. */
struct rx_source *rx_from_fn(struct rx_ctx *ctx, struct rx_fn *program,
			     struct value item);
struct rx_source *rx_range(struct rx_ctx *ctx, int64_t start, int64_t stop,
			   int64_t step);
struct rx_source *rx_repeat_value(struct rx_ctx *ctx, struct value v,
				  uint64_t n); /* RX_FOREVER */
struct rx_source *rx_interval(struct rx_ctx *ctx, int64_t period_ms);
/* period_ms < 0: one 0 and the end. */
struct rx_source *rx_timer_source(struct rx_ctx *ctx, int64_t due_ms,
				  int64_t period_ms);
struct rx_source *rx_generate(struct rx_ctx *ctx, struct value initial,
			      struct rx_fn *condition, struct rx_fn *iterate);
struct rx_source *rx_generate_with_relative_time(struct rx_ctx *ctx,
						 struct value initial,
						 struct rx_fn *condition,
						 struct rx_fn *iterate,
						 struct rx_dur wait);

enum rx_event_kind { RX_EVENT_NEXT, RX_EVENT_ERROR, RX_EVENT_DONE };
struct rx_event {
	int64_t at_ms; /* after the subscription */
	enum rx_event_kind kind;
	struct value v; /* the item; of an error its message, a string */
};
/* A cold stream of events in order of time; takes the values. */
struct rx_source *rx_from_events(struct rx_ctx *ctx,
				 const struct rx_event *events, uint32_t n);
/* NULL with err when text is no marble diagram. */
struct rx_source *rx_from_marbles(struct rx_ctx *ctx, struct str text,
				  int64_t frame_ms, struct weir_error *err);

/* --- one stream: transformation ---------------------------------------- */
/* The *_indexed ones lend $index. */
struct rx_source *rx_map(struct rx_source *in, struct rx_fn *mapper);
struct rx_source *rx_map_indexed(struct rx_source *in, struct rx_fn *mapper);
struct rx_source *rx_map_to(struct rx_source *in, struct value v);
struct rx_source *rx_scan(struct rx_source *in, struct rx_fn *accumulator,
			  bool has_seed, struct value seed);
struct rx_source *rx_pairwise(struct rx_source *in);
struct rx_source *rx_materialize(struct rx_source *in);
struct rx_source *rx_dematerialize(struct rx_source *in);
struct rx_source *rx_timestamp(struct rx_source *in);
struct rx_source *rx_time_interval(struct rx_source *in);
struct rx_source *rx_start_with(struct rx_source *in, const struct value *items,
				uint32_t n); /* takes the items */
struct rx_source *rx_end_with(struct rx_source *in, const struct value *items,
			      uint32_t n);
struct rx_source *rx_default_if_empty(struct rx_source *in, struct value v);
struct rx_source *rx_throw_if_empty(struct rx_source *in, struct str message);
struct rx_source *rx_switch_if_empty(struct rx_source *in,
				     struct rx_source *other);
struct rx_source *rx_tap(struct rx_source *in, struct str label);

/* --- one stream: filtering --------------------------------------------- */
struct rx_source *rx_filter(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_filter_indexed(struct rx_source *in,
				    struct rx_fn *predicate);
struct rx_source *rx_take(struct rx_source *in, uint64_t n);
struct rx_source *rx_skip(struct rx_source *in, uint64_t n);
struct rx_source *rx_take_last(struct rx_source *in, uint32_t n);
struct rx_source *rx_take_last_buffer(struct rx_source *in, uint32_t n);
struct rx_source *rx_skip_last(struct rx_source *in, uint32_t n);
struct rx_source *rx_take_while(struct rx_source *in, struct rx_fn *predicate,
				bool inclusive);
struct rx_source *rx_take_while_indexed(struct rx_source *in,
					struct rx_fn *predicate,
					bool inclusive);
struct rx_source *rx_skip_while(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_skip_while_indexed(struct rx_source *in,
					struct rx_fn *predicate);
struct rx_source *rx_ignore_elements(struct rx_source *in);
/* max_buffer: keys to remember. */
struct rx_source *rx_distinct(struct rx_source *in, struct rx_fn *key,
			      uint32_t max_buffer);
struct rx_source *rx_distinct_until_changed(struct rx_source *in,
					    struct rx_fn *key);
struct rx_slice {
	bool has_start;
	bool has_stop;
	int64_t start;
	int64_t stop;
	int64_t step; /* at least 1; 0 stands for 1 */
};
/* NULL with err for a step below 0, or more than a stage can hold. in is taken
 * all the same. */
struct rx_source *rx_slice(struct rx_source *in, struct rx_slice slice,
			   struct weir_error *err);
struct rx_source *rx_element_at(struct rx_source *in, uint64_t n);
struct rx_source *rx_element_at_or_default(struct rx_source *in, uint64_t n,
					   struct value v);
struct rx_source *rx_first(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_first_or_default(struct rx_source *in,
				      struct rx_fn *predicate, struct value v);
struct rx_source *rx_last(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_last_or_default(struct rx_source *in,
				     struct rx_fn *predicate, struct value v);
struct rx_source *rx_single(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_single_or_default(struct rx_source *in,
				       struct rx_fn *predicate, struct value v);
struct rx_source *rx_find(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_find_index(struct rx_source *in, struct rx_fn *predicate);

/* --- one stream: aggregates -------------------------------------------- */
/* The error `empty` without a seed and without an item. */
struct rx_source *rx_reduce(struct rx_source *in, struct rx_fn *accumulator,
			    bool has_seed, struct value seed);
struct rx_source *rx_all(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_some(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_contains(struct rx_source *in, struct value v);
struct rx_source *rx_is_empty(struct rx_source *in);
struct rx_source *rx_count(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_sum(struct rx_source *in, struct rx_fn *number);
struct rx_source *rx_average(struct rx_source *in, struct rx_fn *number);
struct rx_source *rx_min(struct rx_source *in);
struct rx_source *rx_max(struct rx_source *in);
struct rx_source *rx_min_by(struct rx_source *in, struct rx_fn *key,
			    uint32_t max_buffer);
struct rx_source *rx_max_by(struct rx_source *in, struct rx_fn *key,
			    uint32_t max_buffer);
struct rx_source *rx_to_list(struct rx_source *in, uint32_t max_buffer);
struct rx_source *rx_to_set(struct rx_source *in, uint32_t max_buffer);
struct rx_source *rx_to_dict(struct rx_source *in, struct rx_fn *key,
			     struct rx_fn *element, uint32_t max_buffer);
struct rx_source *rx_to_marbles(struct rx_source *in, int64_t frame_ms);
struct rx_source *rx_sequence_equal(struct rx_source *in,
				    struct rx_source *other,
				    uint32_t max_buffer);

/* --- one stream: buffers ----------------------------------------------- */
struct rx_source *rx_buffer_with_count(struct rx_source *in, uint32_t n,
				       uint32_t skip);
struct rx_source *rx_buffer_with_time(struct rx_source *in, int64_t span_ms,
				      int64_t shift_ms, uint32_t max_buffer);
struct rx_source *rx_buffer_with_time_or_count(struct rx_source *in,
					       int64_t span_ms, uint32_t n);
struct rx_source *rx_buffer(struct rx_source *in, struct rx_source *boundaries,
			    uint32_t max_buffer);
struct rx_source *rx_buffer_when(struct rx_source *in, struct rx_dur closing,
				 uint32_t max_buffer);
struct rx_source *rx_buffer_toggle(struct rx_source *in,
				   struct rx_source *openings,
				   struct rx_dur closing, uint32_t max_buffer);

/* --- one stream: time -------------------------------------------------- */
struct rx_source *rx_debounce(struct rx_source *in, int64_t quiet_ms);
struct rx_source *rx_throttle_with_mapper(struct rx_source *in,
					  struct rx_dur quiet);
struct rx_source *rx_throttle_first(struct rx_source *in, int64_t span_ms);
struct rx_source *rx_sample(struct rx_source *in, int64_t period_ms);
struct rx_source *rx_sample_on(struct rx_source *in, struct rx_source *ticks);
struct rx_source *rx_audit(struct rx_source *in, struct rx_dur span);
struct rx_source *rx_delay(struct rx_source *in, int64_t by_ms,
			   uint32_t max_buffer);
struct rx_source *rx_delay_with_mapper(struct rx_source *in, struct rx_dur wait,
				       uint32_t max_buffer);
struct rx_source *rx_delay_subscription(struct rx_source *in, int64_t by_ms);
/* Also take_until_with_time. */
struct rx_source *rx_take_with_time(struct rx_source *in, int64_t span_ms);
/* Also skip_until_with_time. */
struct rx_source *rx_skip_with_time(struct rx_source *in, int64_t span_ms);
struct rx_source *rx_take_last_with_time(struct rx_source *in, int64_t span_ms,
					 uint32_t max_buffer);
struct rx_source *rx_skip_last_with_time(struct rx_source *in, int64_t span_ms,
					 uint32_t max_buffer);
/* other (may be NULL) takes over instead of the error `timeout`. */
struct rx_source *rx_timeout(struct rx_source *in, int64_t due_ms,
			     struct rx_source *other);
/* each may be NULL: only the first item has a limit. */
struct rx_source *rx_timeout_with_mapper(struct rx_source *in,
					 struct rx_dur first,
					 const struct rx_dur *each,
					 struct rx_source *other);

/* --- one stream: again ------------------------------------------------- */
/* What passes between two runs. All zero: nothing. */
struct rx_wait {
	bool has_delay;
	bool reset_on_success; /* retry: an item makes runs and waits count anew
				*/
	struct rx_dur delay;   /* on the message of the error; in repeat, on the
				* number of runs so far */
	double backoff;	       /* each wait is that many times the one before;
				* 0 stands for 1 */
	int64_t max_ms;	       /* of a wait; 0: no bound */
	double jitter; /* 0 .. 1: the share of a wait by which it varies */
};
#define RX_NO_WAIT ((struct rx_wait){.has_delay = false})
struct rx_source *rx_retry(struct rx_source *in, uint64_t runs,
			   struct rx_wait wait);
struct rx_source *rx_repeat(struct rx_source *in, uint64_t runs,
			    struct rx_wait wait);
/* Exactly one of other, handler. The handler's item is the message. */
struct rx_source *rx_catch(struct rx_source *in, struct rx_source *other,
			   struct rx_block *handler);
enum rx_item_policy { RX_ITEM_SKIP, RX_ITEM_FAIL, RX_ITEM_DEAD_LETTER };
/* What becomes of items that fail in in and the streams that it works with, up
 * to the next on_item_error. */
struct rx_source *rx_on_item_error(struct rx_source *in,
				   enum rx_item_policy policy);

/* --- one stream, many subscribers -------------------------------------- */
struct rx_source *rx_share(struct rx_source *in); /* publish | ref_count */
/* publish_value(v) | ref_count */
struct rx_source *rx_share_value(struct rx_source *in, struct value v);
/* replay(n, window) | ref_count; n 0: RX_MAX_BUFFER_DEFAULT;
 * window_ms < 0: no limit */
struct rx_source *rx_share_replay(struct rx_source *in, uint32_t n,
				  int64_t window_ms);

/* What makes the next subscriber of a shared stream begin a new run. */
struct rx_resets {
	bool on_error; /* else who comes later gets the error, too */
	bool on_complete;
	int64_t on_zero_ms; /* that long after nobody listened any more; below
			     * 0: never, as long as the description is held */
};
/* Both take what one of the three above has just made, and give it back. */
struct rx_source *rx_share_resets(struct rx_source *shared,
				  struct rx_resets resets);
/* The n-th subscriber begins the run, which goes on without listeners and is
 * the only one; 0: the first one does, before it hears anything. */
struct rx_source *rx_auto_connect(struct rx_source *shared, uint32_t n);

/* --- many -------------------------------------------------------------- */
struct rx_source *rx_merge(struct rx_ctx *ctx, struct rx_source *const *in,
			   uint32_t n);
/* At most max_concurrent (0: all) at a time, in order; delay_error: an error
 * waits until all others have ended. */
struct rx_source *rx_merge_limited(struct rx_ctx *ctx,
				   struct rx_source *const *in, uint32_t n,
				   uint32_t max_concurrent, bool delay_error);
struct rx_source *rx_concat(struct rx_ctx *ctx, struct rx_source *const *in,
			    uint32_t n);
struct rx_source *rx_concat_delay_error(struct rx_ctx *ctx,
					struct rx_source *const *in,
					uint32_t n);
struct rx_source *rx_catch_many(struct rx_ctx *ctx, struct rx_source *const *in,
				uint32_t n);
struct rx_source *rx_on_error_resume_next(struct rx_ctx *ctx,
					  struct rx_source *const *in,
					  uint32_t n);
struct rx_source *rx_amb(struct rx_ctx *ctx, struct rx_source *const *in,
			 uint32_t n);
struct rx_source *rx_zip(struct rx_ctx *ctx, struct rx_source *const *in,
			 uint32_t n, uint32_t max_buffer);
/* With the elements of the array that program makes of null. */
struct rx_source *rx_zip_with_list(struct rx_source *in, struct rx_fn *program);
struct rx_source *rx_combine_latest(struct rx_ctx *ctx,
				    struct rx_source *const *in, uint32_t n);
/* Per key, whenever each has had an item of that key; max_keys (0:
 * RX_MAX_GROUPS_DEFAULT): the key updated longest ago is forgotten. */
struct rx_source *rx_combine_latest_by_key(struct rx_ctx *ctx,
					   struct rx_source *const *in,
					   uint32_t n, struct rx_fn *key,
					   uint32_t max_keys);
/* in[0] is the one whose items come out. */
struct rx_source *rx_with_latest_from(struct rx_ctx *ctx,
				      struct rx_source *const *in, uint32_t n);
struct rx_source *rx_fork_join(struct rx_ctx *ctx, struct rx_source *const *in,
			       uint32_t n);
struct rx_source *rx_take_until(struct rx_source *in, struct rx_source *other);
struct rx_source *rx_skip_until(struct rx_source *in, struct rx_source *other);
struct rx_source *rx_join(struct rx_source *left, struct rx_source *right,
			  struct rx_dur left_lives, struct rx_dur right_lives,
			  uint32_t max_buffer);
struct rx_source *rx_group_join(struct rx_source *left, struct rx_source *right,
				struct rx_dur left_lives,
				struct rx_dur right_lives,
				struct rx_block *inner, uint32_t max_buffer);

/* --- streams of streams: each item opens an inner stream ----------------- */
/* max_concurrent 0: no bound; max_buffer: items that wait for a place. */
struct rx_source *rx_flat_map(struct rx_source *in, struct rx_block *inner,
			      uint32_t max_concurrent, uint32_t max_buffer);
struct rx_source *rx_flat_map_indexed(struct rx_source *in,
				      struct rx_block *inner,
				      uint32_t max_concurrent,
				      uint32_t max_buffer);
struct rx_source *rx_concat_map(struct rx_source *in, struct rx_block *inner,
				uint32_t max_buffer);
struct rx_source *rx_switch_map(struct rx_source *in, struct rx_block *inner);
struct rx_source *rx_exhaust_map(struct rx_source *in, struct rx_block *inner);
struct rx_source *rx_expand(struct rx_source *in, struct rx_block *inner,
			    uint32_t max_buffer);

/* Each result is the state ($acc, at first seed) of the inner streams that are
 * opened after it. */
struct rx_source *rx_merge_scan(struct rx_source *in, struct rx_block *inner,
				struct value seed, uint32_t max_concurrent,
				uint32_t max_buffer);
struct rx_source *rx_switch_scan(struct rx_source *in, struct rx_block *inner,
				 struct value seed);

struct rx_group_by_opts {
	int64_t idle_ms;     /* a group ends when quiet that long; 0: never */
	uint32_t max_groups; /* 0: RX_MAX_GROUPS_DEFAULT */
};
struct rx_source *rx_group_by(struct rx_source *in, struct rx_fn *key,
			      struct rx_fn *element, struct rx_block *inner,
			      struct rx_group_by_opts opts);
/* until counts from the group's first item. */
struct rx_source *rx_group_by_until(struct rx_source *in, struct rx_fn *key,
				    struct rx_fn *element, struct rx_dur until,
				    struct rx_block *inner,
				    struct rx_group_by_opts opts);

/* --- windows: the inner stream is a stretch of the source ----------------- */
struct rx_source *rx_window(struct rx_source *in, struct rx_source *boundaries,
			    struct rx_block *inner);
struct rx_source *rx_window_when(struct rx_source *in, struct rx_dur closing,
				 struct rx_block *inner);
struct rx_source *rx_window_toggle(struct rx_source *in,
				   struct rx_source *openings,
				   struct rx_dur closing,
				   struct rx_block *inner);
struct rx_source *rx_window_with_count(struct rx_source *in, uint32_t n,
				       uint32_t skip, struct rx_block *inner);
struct rx_source *rx_window_with_time(struct rx_source *in, int64_t span_ms,
				      int64_t shift_ms, struct rx_block *inner);
struct rx_source *rx_window_with_time_or_count(struct rx_source *in,
					       int64_t span_ms, uint32_t n,
					       struct rx_block *inner);

#endif
