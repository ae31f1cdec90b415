/* ops.h - all operators, as functions from streams to a stream.
 *
 * Every struct rx_source * argument is TAKEN (one reference), also in arrays;
 * rx_fn and rx_block arguments are taken as well; struct value arguments are
 * taken. The result is one reference of the caller's. The graph's rx_ctx comes
 * from the source (creation functions are told). Times are milliseconds.
 * NULL for an optional rx_fn means the identity (or "always true").
 *
 * What each means, with its marbles, is in the design comment of op/NAME.c.
 * Source: reactivex.io; names and parameter order are RxPY's.
 */
#ifndef WEIR_RX_OPS_H
#define WEIR_RX_OPS_H

#include "rx/block.h"
#include "rx/fn.h"
#include "rx/observer.h"

/* Bound of a stage that keeps items; 0 stands for the stage's default. */
#define RX_MAX_BUFFER_DEFAULT 65536
#define RX_FOREVER            UINT64_MAX

/* --- creation ---------------------------------------------------------- */
struct rx_source *rx_empty(struct rx_ctx *ctx);
struct rx_source *rx_never(struct rx_ctx *ctx);
struct rx_source *rx_throw(struct rx_ctx *ctx, struct str message);
struct rx_source *rx_of(struct rx_ctx *ctx, const struct value *items,
                        uint32_t n); /* takes the items, copies the array */
struct rx_source *rx_range(struct rx_ctx *ctx, int64_t start, int64_t stop,
                           int64_t step);
struct rx_source *rx_interval(struct rx_ctx *ctx, int64_t period_ms);
/* period_ms < 0: one 0 and the end. */
struct rx_source *rx_timer_source(struct rx_ctx *ctx, int64_t due_ms,
                                  int64_t period_ms);

/* --- one stream -------------------------------------------------------- */
struct rx_source *rx_map(struct rx_source *in, struct rx_fn *mapper);
struct rx_source *rx_filter(struct rx_source *in, struct rx_fn *predicate);
struct rx_source *rx_scan(struct rx_source *in, struct rx_fn *accumulator,
                          bool has_seed, struct value seed);
struct rx_source *rx_take(struct rx_source *in, uint64_t n);
struct rx_source *rx_skip(struct rx_source *in, uint64_t n);
struct rx_source *rx_start_with(struct rx_source *in, const struct value *items,
                                uint32_t n);
struct rx_source *rx_tap(struct rx_source *in, struct str label);
struct rx_source *rx_distinct_until_changed(struct rx_source *in,
                                            struct rx_fn *key);
struct rx_source *rx_buffer_with_count(struct rx_source *in, uint32_t n,
                                       uint32_t skip);
struct rx_source *rx_buffer_with_time(struct rx_source *in, int64_t span_ms,
                                      int64_t shift_ms, uint32_t max_buffer);
struct rx_source *rx_buffer_with_time_or_count(struct rx_source *in,
                                               int64_t span_ms, uint32_t n);
struct rx_source *rx_debounce(struct rx_source *in, int64_t quiet_ms);
struct rx_source *rx_throttle_first(struct rx_source *in, int64_t span_ms);
struct rx_source *rx_sample(struct rx_source *in, int64_t period_ms);
struct rx_source *rx_sample_on(struct rx_source *in, struct rx_source *ticks);
struct rx_source *rx_delay(struct rx_source *in, int64_t by_ms,
                           uint32_t max_buffer);
/* other (may be NULL) takes over instead of the error `timeout`. */
struct rx_source *rx_timeout(struct rx_source *in, int64_t due_ms,
                             struct rx_source *other);
struct rx_source *rx_retry(struct rx_source *in, uint64_t runs);
/* Exactly one of other, handler. The handler's item is the message. */
struct rx_source *rx_catch(struct rx_source *in, struct rx_source *other,
                           struct rx_block *handler);

/* --- many -------------------------------------------------------------- */
struct rx_source *rx_merge(struct rx_ctx *ctx, struct rx_source *const *in,
                           uint32_t n);

/* --- streams of streams: each item opens an inner stream ----------------- */
/* max_concurrent 0: no bound; max_buffer: items that wait for a place. */
struct rx_source *rx_flat_map(struct rx_source *in, struct rx_block *inner,
                              uint32_t max_concurrent, uint32_t max_buffer);
struct rx_source *rx_concat_map(struct rx_source *in, struct rx_block *inner,
                                uint32_t max_buffer);
struct rx_source *rx_switch_map(struct rx_source *in, struct rx_block *inner);

struct rx_group_by_opts {
	int64_t idle_ms;     /* a group ends when quiet that long; 0: never */
	uint32_t max_groups; /* 0: the default, 1,000,000 */
};
struct rx_source *rx_group_by(struct rx_source *in, struct rx_fn *key,
                              struct rx_fn *element, struct rx_block *inner,
                              struct rx_group_by_opts opts);

#endif
