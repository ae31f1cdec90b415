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

	if (!arg_given(s, 1))
		return rx_group_by(in, arg_fn(b, s, 0), arg_fn(b, s, 2),
				   stage_block(b, s, 0), opts);
	return rx_group_by_until(in, arg_fn(b, s, 0), arg_fn(b, s, 2),
				 arg_dur(b, s, 1), stage_block(b, s, 0), opts);
}

static int check_group_by_until(const struct stage *s, struct weir_error *err)
{
	if (arg_given(s, 1) || arg_given(s, 3))
		return 0;
	return error_set(err, WEIR_EINVAL,
			 "group_by_until needs a duration or a @stream, or "
			 "idle=: how long does a group live?");
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

static struct rx_source *window_until(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_window_until(in, arg_fn(b, s, 0), stage_block(b, s, 0));
}

static struct rx_source *window_while(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_window_while(in, arg_fn(b, s, 0), stage_block(b, s, 0));
}

static struct rx_source *window_session(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	return rx_window_session(in, arg_ms(s, 0, 0), stage_block(b, s, 0));
}

#define MAX_BUFFER                                                        \
	{                                                                 \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"65536"                                           \
	}
#define MAX_CONCURRENT                                                        \
	{                                                                     \
		"max_concurrent", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"unbounded"                                           \
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
#define PREDICATE                          \
	{                                  \
		"predicate", TAKES_PROGRAM \
	}
#define ELEMENT                                                       \
	{                                                             \
		"element_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "." \
	}
#define BOUNDS                                                            \
	{"idle", TAKES_DURATION | PARAM_NAMED | PARAM_POSITIVE},          \
	{                                                                 \
		"max_groups", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"1000000"                                         \
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
	 .notes = "With max_concurrent, items that find no place wait, at most "
		  "max_buffer of them. In place of a block: a @stream, or a "
		  "program that gives an array. A block that begins with a "
		  "creation stage does not use the item.",
	 .example = {"flat_map { interval(20ms) | take(3) }", "-a----b----|"},
	 .build = flat_map},
	{.name = "flat_map_indexed",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM | OP_BLOCK_INDEX | OP_INDEX,
	 .params = {INNER, MAX_CONCURRENT, MAX_BUFFER},
	 .does = "flat_map, with $index",
	 .example = {"flat_map_indexed { map('\"\\(.)\\($index)\"') | "
		     "delay(20ms) }",
		     "-a-b--c--|"},
	 .build = flat_map_indexed},
	{.name = "concat_map",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER, MAX_BUFFER},
	 .does = "an inner stream for each item, one after the other",
	 .notes = "An item waits until the inner streams of those before it "
		  "have ended; at most max_buffer items wait.",
	 .example = {"concat_map { interval(20ms) | take(3) }", "-ab--------|"},
	 .build = concat_map},
	{.name = "switch_map",
	 .aliases = "flat_map_latest",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER},
	 .does = "an inner stream for each item; a new one ends the old",
	 .example = {"switch_map { delay(30ms) }", "-a-bc-----d|"},
	 .build = switch_map},
	{.name = "exhaust_map",
	 .flags = OP_BLOCK_OR | OP_BLOCK_ITEM,
	 .params = {INNER},
	 .does = "an inner stream for an item; others pass by until its end",
	 .example = {"exhaust_map { delay(40ms) }", "-a-b--c-d--|"},
	 .build = exhaust_map},
	{.name = "expand",
	 .flags = OP_BLOCK | OP_BLOCK_ITEM,
	 .params = {MAX_BUFFER},
	 .does = "each item, and what the block makes of it, likewise",
	 .notes = "It ends when the source has ended and no block is at work.",
	 .example = {"expand { filter('. < 20') | map('. * 2') | delay(20ms) }",
		     "-3---------|"},
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
		     "-1---23----|"},
	 .build = merge_scan},
	{.name = "switch_scan",
	 .flags = OP_BLOCK | OP_BLOCK_ITEM | OP_BLOCK_ACC,
	 .params = {{"seed", TAKES_VALUE}},
	 .does = "merge_scan; a new item ends the block of the one before",
	 .notes = "The block of the new item begins with the latest state that "
		  "came out.",
	 .example = {"switch_scan(0) { map('$acc + .') | delay(20ms) }",
		     "-1---23----|"},
	 .build = switch_scan},
	{.name = "group_by",
	 .flags = OP_BLOCK | OP_BLOCK_KEY,
	 .params = {KEY, ELEMENT, BOUNDS},
	 .does = "a stream for each key ($key)",
	 .notes = "A group lives as long as the stream, unless idle says after "
		  "how long a quiet time it ends; the next item of its key "
		  "then opens a new one. At most max_groups (1000000) are "
		  "open; an item that would open one more is an item error. To "
		  "flatten unchanged: { as_observable }.",
	 .example = {"group_by(.k) { scan('$acc + .n', 0) }",
		     "-{\"k\":\"a\",\"n\":1}-{\"k\":\"b\",\"n\":5}-{\"k\":"
		     "\"a\",\"n\":2}-{\"k\":\"b\",\"n\":1}|"},
	 .build = group_by},
	{.name = "group_by_until",
	 .flags = OP_BLOCK | OP_BLOCK_KEY,
	 .params = {KEY,
		    {"duration_mapper",
		     TAKES_DURATION | TAKES_STREAM | PARAM_OPTIONAL},
		    ELEMENT,
		    BOUNDS},
	 .does = "a stream for each key, for a while",
	 .notes = "The while counts from the first item of the group; the next "
		  "item of its key then opens a new one. With idle= a group "
		  "ends when nothing has come for it for so long. One of the "
		  "two is needed, or both are given.",
	 .example = {"group_by_until('. % 2', idle=60ms) { to_list }",
		     "-1-3-2------5-7----4-|"},
	 .build = group_by_until,
	 .check = check_group_by_until},
	{.name = "window",
	 .flags = OP_BLOCK,
	 .params = {{"boundaries", TAKES_STREAM}},
	 .does = "a new window at each item of another stream",
	 .notes = "The end of the other stream stops new windows; the last one "
		  "stays open.",
	 .example = {"window(@b) { to_list }", "-1-2-3-4-5-|", "----x----x"},
	 .build = window},
	{.name = "window_when",
	 .flags = OP_BLOCK,
	 .params = {{"closing_mapper", TAKES_DURATION | TAKES_STREAM}},
	 .does = "a new window at each signal, awaited anew each time",
	 .example = {"window_when(@b) { to_list }", "-1-2-3-4-5-|", "----x"},
	 .build = window_when},
	{.name = "window_toggle",
	 .flags = OP_BLOCK,
	 .params = {OPENINGS, {"closing_mapper", TAKES_SELECTOR}},
	 .does = "windows from each opening to its closing",
	 .notes = "Windows may overlap; items outside of them are dropped. A "
		  "selector that is a program gets the item that opened the "
		  "window.",
	 .example = {"window_toggle(@b, 30ms) { to_list }", "-1-2-3-4-5-6-|",
		     "--x----x"},
	 .build = window_toggle},
	{.name = "window_with_count",
	 .aliases = "window_count",
	 .flags = OP_BLOCK,
	 .params = {COUNT, SKIP},
	 .does = "windows of n items; a new one begins every skip items",
	 .notes = "The next window opens as soon as one is full, so the last "
		  "may be empty. skip above n leaves items out, below n makes "
		  "windows overlap.",
	 .example = {"window_with_count(2) { to_list }", "-1-2-3-4-5-|"},
	 .build = window_with_count},
	{.name = "window_with_time",
	 .aliases = "window_time",
	 .flags = OP_BLOCK,
	 .params = {SPAN, SHIFT},
	 .does = "windows of a timespan",
	 .notes = "A new window begins every timeshift; when that is below the "
		  "timespan, windows overlap.",
	 .example = {"window_with_time(40ms) { count }", "-1-2-3--4-5--|"},
	 .build = window_with_time},
	{.name = "window_with_time_or_count",
	 .flags = OP_BLOCK,
	 .params = {SPAN, COUNT},
	 .does = "windows of at most n items and at most a timespan",
	 .notes = "A full window starts the time of the next one anew.",
	 .example = {"window_with_time_or_count(50ms, 2) { to_list }",
		     "-1-2-3------4-|"},
	 .build = window_with_time_or_count},
	{.name = "window_until",
	 .flags = OP_BLOCK,
	 .params = {PREDICATE},
	 .does = "windows, each up to and with an item that matches",
	 .notes =
		 "Reactor's windowUntil. A window is opened by its first item, "
		 "so none is empty.",
	 .example = {"window_until('. > 7') { sum }", "-1-2-9-3-8-4-|"},
	 .build = window_until},
	{.name = "window_while",
	 .flags = OP_BLOCK,
	 .params = {PREDICATE},
	 .does = "windows of the items that match without a break",
	 .notes = "Reactor's windowWhile. An item that does not match closes "
		  "the window and is dropped. A window is opened by its first "
		  "item, so none is empty.",
	 .example = {"window_while('. < 7') { sum }", "-1-2-9-8-3-4-|"},
	 .build = window_while},
	{.name = "window_session",
	 .flags = OP_BLOCK,
	 .params = {{"quiet", TAKES_DURATION | PARAM_POSITIVE}},
	 .does = "windows that end when it has been quiet for a while",
	 .notes = "An item opens a window, each further one keeps it open. "
		  "There is none while nothing comes.",
	 .example = {"window_session(50ms) { to_list }",
		     "-ab-c-------d---e--------|"},
	 .build = window_session},
	{.name = "run",
	 .flags = OP_RUN,
	 .params = {MAX_BUFFER},
	 .does = "the parts of each job, one job after the other",
	 .notes = "A job, or an array of jobs, is run at its source. flat_map "
		  "{ run } runs jobs side by side, switch_map { run } only the "
		  "newest. In weir marble there is no source: each job is "
		  "answered by three parts, one every 20 ms (--run 3x20ms).",
	 .example = {"run", "-a--b---|"},
	 .build = build_run},
	{0},
};
