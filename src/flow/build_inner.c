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
#define PREDICATE                          \
	{                                  \
		"predicate", TAKES_PROGRAM \
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
	{.name = "group_by",
	 .flags = OP_BLOCK | OP_BLOCK_KEY,
	 .params = {KEY, ELEMENT, BOUNDS},
	 .does = "a stream for each key ($key)",
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
	 .build = build_run},
	{0},
};
