/* build_gather.c - operators that make one item of many: aggregates and
 * buffers. */
#include "flow/build.h"

#define WITH_FN(name)                                                         \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_fn(b, s, 0));                        \
	}

WITH_FN(all)
WITH_FN(some)
WITH_FN(count)
WITH_FN(sum)
WITH_FN(average)

static struct rx_source *reduce(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_reduce(in, arg_fn(b, s, 0), arg_given(s, 1), arg_value(s, 1));
}

static struct rx_source *contains(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_contains(in, arg_value(s, 0));
}

static struct rx_source *is_empty(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_is_empty(in);
}

static struct rx_source *min(struct build *b, const struct stage *s,
			     struct rx_source *in)
{
	return rx_min(in);
}

static struct rx_source *max(struct build *b, const struct stage *s,
			     struct rx_source *in)
{
	return rx_max(in);
}

static struct rx_source *min_by(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_min_by(in, arg_fn(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *max_by(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_max_by(in, arg_fn(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *to_list(struct build *b, const struct stage *s,
				 struct rx_source *in)
{
	return rx_to_list(in, arg_count(s, 0, 0));
}

static struct rx_source *to_set(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_to_set(in, arg_count(s, 0, 0));
}

static struct rx_source *to_dict(struct build *b, const struct stage *s,
				 struct rx_source *in)
{
	return rx_to_dict(in, arg_fn(b, s, 0), arg_fn(b, s, 1),
			  arg_count(s, 2, 0));
}

static struct rx_source *to_marbles(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_to_marbles(in, arg_ms(s, 0, 0));
}

/* With @b, or with the elements of an array. */
static struct rx_source *sequence_equal(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	struct rx_source *other =
		arg_is_stream(s, 0)
			? arg_stream(b, s, 0)
			: rx_from_fn(b->ctx, arg_fn(b, s, 0), value_null());

	return rx_sequence_equal(in, other, arg_count(s, 1, 0));
}

static struct rx_source *buffer_with_count(struct build *b,
					   const struct stage *s,
					   struct rx_source *in)
{
	uint32_t n = arg_count(s, 0, 0);

	return rx_buffer_with_count(in, n, arg_count(s, 1, n));
}

static struct rx_source *buffer_with_time(struct build *b,
					  const struct stage *s,
					  struct rx_source *in)
{
	int64_t span_ms = arg_ms(s, 0, 0);

	return rx_buffer_with_time(in, span_ms, arg_ms(s, 1, span_ms),
				   arg_count(s, 2, 0));
}

static struct rx_source *buffer_with_time_or_count(struct build *b,
						   const struct stage *s,
						   struct rx_source *in)
{
	return rx_buffer_with_time_or_count(in, arg_ms(s, 0, 0),
					    arg_count(s, 1, 0));
}

static struct rx_source *buffer(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_buffer(in, arg_stream(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *buffer_when(struct build *b, const struct stage *s,
				     struct rx_source *in)
{
	return rx_buffer_when(in, arg_dur(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *buffer_toggle(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	return rx_buffer_toggle(in, arg_stream(b, s, 0), arg_dur(b, s, 1),
				arg_count(s, 2, 0));
}

#define MAX_BUFFER                                                       \
	{                                                                \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE \
	}
#define PREDICATE                          \
	{                                  \
		"predicate", TAKES_PROGRAM \
	}
#define KEY                                 \
	{                                   \
		"key_mapper", TAKES_PROGRAM \
	}
#define NUMBER                                                    \
	{                                                         \
		"key_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "." \
	}
#define SPAN                                                \
	{                                                   \
		"timespan", TAKES_DURATION | PARAM_POSITIVE \
	}
#define COUNT                                         \
	{                                             \
		"count", TAKES_COUNT | PARAM_POSITIVE \
	}

const struct op ops_gather[] = {
	{.name = "reduce",
	 .flags = OP_ACC,
	 .params = {{"accumulator", TAKES_PROGRAM},
		    {"seed", TAKES_VALUE | PARAM_OPTIONAL}},
	 .does = "what was gathered ($acc), at the end",
	 .build = reduce},
	{.name = "all",
	 .aliases = "every",
	 .params = {PREDICATE},
	 .does = "does the program hold for all items?",
	 .build = all},
	{.name = "some",
	 .params = {{"predicate", TAKES_PROGRAM | PARAM_OPTIONAL, "true"}},
	 .does = "does the program hold for some item?",
	 .build = some},
	{.name = "contains",
	 .params = {{"value", TAKES_VALUE}},
	 .does = "is this value among the items?",
	 .build = contains},
	{.name = "is_empty",
	 .does = "is there no item at all?",
	 .build = is_empty},
	{.name = "count",
	 .params = {{"predicate", TAKES_PROGRAM | PARAM_OPTIONAL, "true"}},
	 .does = "how many items (that match)",
	 .build = count},
	{.name = "sum", .params = {NUMBER}, .does = "the sum", .build = sum},
	{.name = "average",
	 .params = {NUMBER},
	 .does = "the mean",
	 .build = average},
	{.name = "min", .does = "the least item", .build = min},
	{.name = "max", .does = "the greatest item", .build = max},
	{.name = "min_by",
	 .params = {KEY, MAX_BUFFER},
	 .does = "all items with the least key",
	 .build = min_by},
	{.name = "max_by",
	 .params = {KEY, MAX_BUFFER},
	 .does = "all items with the greatest key",
	 .build = max_by},
	{.name = "to_list",
	 .aliases = "to_iterable to_array",
	 .params = {MAX_BUFFER},
	 .does = "all items as one array",
	 .build = to_list},
	{.name = "to_set",
	 .params = {MAX_BUFFER},
	 .does = "all different items as one array",
	 .build = to_set},
	{.name = "to_dict",
	 .params = {KEY,
		    {"element_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "."},
		    MAX_BUFFER},
	 .does = "all items as one object",
	 .build = to_dict},
	{.name = "to_marbles",
	 .params = {SPAN},
	 .does = "a marble diagram of the stream, at its end",
	 .build = to_marbles},
	{.name = "sequence_equal",
	 .params = {{"second", TAKES_STREAM | TAKES_ARRAY}, MAX_BUFFER},
	 .does = "do both have the same items in the same order?",
	 .build = sequence_equal},
	{.name = "buffer_with_count",
	 .aliases = "buffer_count",
	 .params = {COUNT,
		    {"skip", TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "n"}},
	 .does = "arrays of n items; a new one begins every skip items",
	 .build = buffer_with_count},
	{.name = "buffer_with_time",
	 .aliases = "buffer_time",
	 .params = {SPAN,
		    {"timeshift",
		     TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE, "d"},
		    MAX_BUFFER},
	 .does = "arrays of what came within a timespan",
	 .build = buffer_with_time},
	{.name = "buffer_with_time_or_count",
	 .params = {SPAN, COUNT},
	 .does = "arrays of at most n items, at least every timespan",
	 .build = buffer_with_time_or_count},
	{.name = "buffer",
	 .params = {{"boundaries", TAKES_STREAM}, MAX_BUFFER},
	 .does = "an array at each item of another stream",
	 .build = buffer},
	{.name = "buffer_when",
	 .params = {{"closing_mapper", TAKES_DURATION | TAKES_STREAM},
		    MAX_BUFFER},
	 .does = "an array at each signal, awaited anew each time",
	 .build = buffer_when},
	{.name = "buffer_toggle",
	 .params = {{"openings", TAKES_STREAM},
		    {"closing_mapper", TAKES_SELECTOR},
		    MAX_BUFFER},
	 .does = "arrays from each opening to its closing",
	 .build = buffer_toggle},
	{0},
};
