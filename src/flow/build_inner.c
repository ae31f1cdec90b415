/* build_inner.c - operators with inner streams: mapping to streams, groups and
 * windows, and `run`. */
#include "flow/build.h"

#define INNER_ONLY(name)                                                      \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, stage_block(b, s, 0));                   \
	}

INNER_ONLY(switch_map)
INNER_ONLY(exhaust_map)

static struct rx_source *flat_map(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_flat_map(in, stage_block(b, s, 0), arg_count(s, 1, 0),
			   arg_count(s, 2, 0));
}

static struct rx_source *flat_map_indexed(struct build *b,
					  const struct stage *s,
					  struct rx_source *in)
{
	return rx_flat_map_indexed(in, stage_block(b, s, 0), arg_count(s, 1, 0),
				   arg_count(s, 2, 0));
}

static struct rx_source *concat_map(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_concat_map(in, stage_block(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *expand(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_expand(in, stage_block(b, s, 0), arg_count(s, 0, 0));
}

static struct rx_source *merge_scan(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_merge_scan(in, stage_block(b, s, 0), arg_value(s, 0),
			     arg_count(s, 1, 0), arg_count(s, 2, 0));
}

static struct rx_source *switch_scan(struct build *b, const struct stage *s,
				     struct rx_source *in)
{
	return rx_switch_scan(in, stage_block(b, s, 0), arg_value(s, 0));
}

static struct rx_source *group_by(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	struct rx_group_by_opts opts = {arg_ms(s, 2, 0), arg_count(s, 3, 0)};

	return rx_group_by(in, arg_fn(b, s, 0), arg_fn(b, s, 1),
			   stage_block(b, s, 0), opts);
}

static struct rx_source *group_by_until(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	struct rx_group_by_opts opts = {arg_ms(s, 3, 0), arg_count(s, 4, 0)};

	return rx_group_by_until(in, arg_fn(b, s, 0), arg_fn(b, s, 2),
				 arg_dur(b, s, 1), stage_block(b, s, 0), opts);
}

static struct rx_source *window(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_window(in, arg_stream(b, s, 0), stage_block(b, s, 0));
}

static struct rx_source *window_when(struct build *b, const struct stage *s,
				     struct rx_source *in)
{
	return rx_window_when(in, arg_dur(b, s, 0), stage_block(b, s, 0));
}

static struct rx_source *window_toggle(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	return rx_window_toggle(in, arg_stream(b, s, 0), arg_dur(b, s, 1),
				stage_block(b, s, 0));
}

static struct rx_source *window_with_count(struct build *b,
					   const struct stage *s,
					   struct rx_source *in)
{
	uint32_t n = arg_count(s, 0, 0);

	return rx_window_with_count(in, n, arg_count(s, 1, n),
				    stage_block(b, s, 0));
}

static struct rx_source *window_with_time(struct build *b,
					  const struct stage *s,
					  struct rx_source *in)
{
	int64_t span_ms = arg_ms(s, 0, 0);

	return rx_window_with_time(in, span_ms, arg_ms(s, 1, span_ms),
				   stage_block(b, s, 0));
}

static struct rx_source *window_with_time_or_count(struct build *b,
						   const struct stage *s,
						   struct rx_source *in)
{
	return rx_window_with_time_or_count(in, arg_ms(s, 0, 0),
					    arg_count(s, 1, 0),
					    stage_block(b, s, 0));
}

#define MAX_BUFFER                                                       \
	{                                                                \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE \
	}
#define MAX_CONCURRENT                                                       \
	{                                                                    \
		"max_concurrent", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE \
	}
/* In place of a block. */
#define INNER                                          \
	{                                              \
		"mapper", TAKES_STREAM | TAKES_PROGRAM \
	}
#define KEY                                 \
	{                                   \
		"key_mapper", TAKES_PROGRAM \
	}
#define ELEMENT                                                       \
	{                                                             \
		"element_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "." \
	}
#define BOUNDS                                                           \
	{"idle", TAKES_DURATION | PARAM_NAMED | PARAM_POSITIVE},         \
	{                                                                \
		"max_groups", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE \
	}
#define SPAN                                                \
	{                                                   \
		"timespan", TAKES_DURATION | PARAM_POSITIVE \
	}
#define SHIFT                                                                  \
	{                                                                      \
		"timeshift", TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE, \
			"d"                                                    \
	}
#define COUNT                                         \
	{                                             \
		"count", TAKES_COUNT | PARAM_POSITIVE \
	}
#define SKIP                                                               \
	{                                                                  \
		"skip", TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE, "n" \
	}
#define OPENINGS                         \
	{                                \
		"openings", TAKES_STREAM \
	}

const struct op ops_inner[] = {
	{.name = "flat_map",
	 .aliases = "merge_map",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER, MAX_CONCURRENT, MAX_BUFFER},
	 .does = "an inner stream for each item, all side by side",
	 .build = flat_map},
	{.name = "flat_map_indexed",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM | OP_BLOCK_INDEX | OP_INDEX,
	 .params = {INNER, MAX_CONCURRENT, MAX_BUFFER},
	 .does = "flat_map, with $index",
	 .build = flat_map_indexed},
	{.name = "concat_map",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER, MAX_BUFFER},
	 .does = "an inner stream for each item, one after the other",
	 .build = concat_map},
	{.name = "switch_map",
	 .aliases = "flat_map_latest",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER},
	 .does = "an inner stream for each item; a new one ends the old",
	 .build = switch_map},
	{.name = "exhaust_map",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER},
	 .does = "an inner stream for an item; others pass by until its end",
	 .build = exhaust_map},
	{.name = "expand",
	 .flags = OP_BLOCK | OP_BLOCK_ITEM,
	 .params = {MAX_BUFFER},
	 .does = "each item, and what the block makes of it, likewise",
	 .build = expand},
	{.name = "merge_scan",
	 .flags = OP_BLOCK | OP_BLOCK_ITEM | OP_BLOCK_ACC,
	 .params = {{"seed", TAKES_VALUE}, MAX_CONCURRENT, MAX_BUFFER},
	 .does = "a scan whose next states come from a block with $acc",
	 .notes = "$acc is the latest state, at first the seed, at the moment "
		  "when an item opens its block; what the block emits becomes "
		  "the state and comes out. With max_concurrent=1 each item "
		  "sees all states of those before it. A scan or reduce inside "
		  "the block has its own $acc. Nothing comes out for the seed "
		  "alone (as in RxJS 7).",
	 .example = {"merge_scan(0) { map('$acc + .') | delay(20ms) }",
		     "-1---2-3----|"},
	 .build = merge_scan},
	{.name = "switch_scan",
	 .flags = OP_BLOCK | OP_BLOCK_ITEM | OP_BLOCK_ACC,
	 .params = {{"seed", TAKES_VALUE}},
	 .does = "merge_scan; a new item ends the block of the one before",
	 .notes = "The block of the new item begins with the latest state that "
		  "came out.",
	 .example = {"switch_scan(0) { map('$acc + .') | delay(20ms) }",
		     "-1---2-3----|"},
	 .build = switch_scan},
	{.name = "group_by",
	 .flags = OP_BLOCK | OP_BLOCK_KEY,
	 .params = {KEY, ELEMENT, BOUNDS},
	 .does = "a stream for each key ($key)",
	 .build = group_by},
	{.name = "group_by_until",
	 .flags = OP_BLOCK | OP_BLOCK_KEY,
	 .params = {KEY,
		    {"duration_mapper", TAKES_DURATION | TAKES_STREAM},
		    ELEMENT,
		    BOUNDS},
	 .does = "a stream for each key, for a while",
	 .build = group_by_until},
	{.name = "window",
	 .flags = OP_BLOCK,
	 .params = {{"boundaries", TAKES_STREAM}},
	 .does = "a new window at each item of another stream",
	 .build = window},
	{.name = "window_when",
	 .flags = OP_BLOCK,
	 .params = {{"closing_mapper", TAKES_DURATION | TAKES_STREAM}},
	 .does = "a new window at each signal, awaited anew each time",
	 .build = window_when},
	{.name = "window_toggle",
	 .flags = OP_BLOCK,
	 .params = {OPENINGS, {"closing_mapper", TAKES_SELECTOR}},
	 .does = "windows from each opening to its closing",
	 .build = window_toggle},
	{.name = "window_with_count",
	 .aliases = "window_count",
	 .flags = OP_BLOCK,
	 .params = {COUNT, SKIP},
	 .does = "windows of n items; a new one begins every skip items",
	 .build = window_with_count},
	{.name = "window_with_time",
	 .aliases = "window_time",
	 .flags = OP_BLOCK,
	 .params = {SPAN, SHIFT},
	 .does = "windows of a timespan",
	 .build = window_with_time},
	{.name = "window_with_time_or_count",
	 .flags = OP_BLOCK,
	 .params = {SPAN, COUNT},
	 .does = "windows of at most n items and at most a timespan",
	 .build = window_with_time_or_count},
	{.name = "run",
	 .flags = OP_RUN,
	 .params = {MAX_BUFFER},
	 .does = "the parts of each job, one job after the other",
	 .build = build_run},
	{0},
};
