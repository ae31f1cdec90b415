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

static struct rx_source *buffer_with_size(struct build *b,
					  const struct stage *s,
					  struct rx_source *in)
{
	return rx_buffer_with_size(in, arg_count(s, 0, 0), arg_ms(s, 1, 0),
				   arg_count(s, 2, 0));
}

static struct rx_source *buffer_until(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_buffer_until(in, arg_fn(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *buffer_while(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_buffer_while(in, arg_fn(b, s, 0), arg_count(s, 1, 0));
}

#define MAX_BUFFER                                                        \
	{                                                                 \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"65536"                                           \
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
	 .notes = "Without a seed the first item is it, and a stream "
		  "without items ends with the error `empty`.",
	 .example = {"reduce('$acc + .', 0)", "-1-2-3-|"},
	 .build = reduce},
	{.name = "all",
	 .aliases = "every",
	 .params = {PREDICATE},
	 .does = "does the program hold for all items?",
	 .notes = "It answers, and ends, with the first item that does not "
		  "match.",
	 .example = {"all('. < 5')", "-1-2-7-3-|"},
	 .build = all},
	{.name = "some",
	 .params = {{"predicate", TAKES_PROGRAM | PARAM_OPTIONAL, "true"}},
	 .does = "does the program hold for some item?",
	 .notes = "It answers, and ends, with the first item that matches.",
	 .example = {"some('. > 5')", "-1-2-7-3-|"},
	 .build = some},
	{.name = "contains",
	 .params = {{"value", TAKES_VALUE}},
	 .does = "is this value among the items?",
	 .notes = "Values are compared as JSON: 1 is 1.0, and not true.",
	 .example = {"contains(3)", "-1-3-2-|"},
	 .build = contains},
	{.name = "is_empty",
	 .does = "is there no item at all?",
	 .example = {"is_empty", "---a-b-|"},
	 .build = is_empty},
	{.name = "count",
	 .params = {{"predicate", TAKES_PROGRAM | PARAM_OPTIONAL, "true"}},
	 .does = "how many items (that match)",
	 .example = {"count('. > 2')", "-1-2-3-4-|"},
	 .build = count},
	{.name = "sum",
	 .params = {NUMBER},
	 .does = "the sum",
	 .notes = "0 when there is no item.",
	 .example = {"sum", "-1-2-3-|"},
	 .build = sum},
	{.name = "average",
	 .params = {NUMBER},
	 .does = "the mean",
	 .notes = "The error `empty` when there is no item.",
	 .example = {"average", "-1-2-6-|"},
	 .build = average},
	{.name = "min",
	 .does = "the least item",
	 .notes = "The order is that of jq: null, false, true, numbers, "
		  "strings, arrays, objects. The error `empty` when there "
		  "is no item.",
	 .example = {"min", "-5-2-7-|"},
	 .build = min},
	{.name = "max",
	 .does = "the greatest item",
	 .notes = "As min, the other way round.",
	 .example = {"max", "-5-2-7-|"},
	 .build = max},
	{.name = "min_by",
	 .params = {KEY, MAX_BUFFER},
	 .does = "all items with the least key",
	 .notes = "An array of all of them in the order of their coming; "
		  "empty when there is no item.",
	 .example = {"min_by('. % 3')", "-5-3-7-6-|"},
	 .build = min_by},
	{.name = "max_by",
	 .params = {KEY, MAX_BUFFER},
	 .does = "all items with the greatest key",
	 .notes = "As min_by, the other way round.",
	 .example = {"max_by('. % 3')", "-5-3-8-6-|"},
	 .build = max_by},
	{.name = "to_list",
	 .aliases = "to_iterable to_array",
	 .params = {MAX_BUFFER},
	 .does = "all items as one array",
	 .notes = "Empty when there is no item. An item more than "
		  "max_buffer is refused.",
	 .example = {"to_list", "-a-b-c-|"},
	 .build = to_list},
	{.name = "to_set",
	 .params = {MAX_BUFFER},
	 .does = "all different items as one array",
	 .notes = "In the order of their first coming; 1 is 1.0.",
	 .example = {"to_set", "-1-2-1-3-2-|"},
	 .build = to_set},
	{.name = "to_dict",
	 .params = {KEY,
		    {"element_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "."},
		    MAX_BUFFER},
	 .does = "all items as one object",
	 .notes = "A later item replaces an earlier one with the same key; "
		  "keys are strings.",
	 .example = {"to_dict(.k, .v)", "-{\"k\":\"a\",\"v\":1}-{\"k\":\"b\","
					"\"v\":2}-{\"k\":\"a\",\"v\":3}-|"},
	 .build = to_dict},
	{.name = "to_marbles",
	 .params = {SPAN},
	 .does = "a marble diagram of the stream, at its end",
	 .example = {"to_marbles(10ms)", "-a-bc---|"},
	 .build = to_marbles},
	{.name = "sequence_equal",
	 .params = {{"second", TAKES_STREAM | TAKES_ARRAY}, MAX_BUFFER},
	 .does = "do both have the same items in the same order?",
	 .notes = "It answers as soon as it is certain. Of the side that is "
		  "ahead at most max_buffer items wait for the other.",
	 .example = {"sequence_equal(@b)", "-a-b-c-|", "a-b-x---|"},
	 .build = sequence_equal},
	{.name = "buffer_with_count",
	 .aliases = "buffer_count",
	 .params = {COUNT,
		    {"skip", TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "n"}},
	 .does = "arrays of n items; a new one begins every skip items",
	 .notes = "With skip below n arrays overlap, above it items are "
		  "left out. What is left comes out at the end, unless it "
		  "is empty.",
	 .example = {"buffer_with_count(2)", "-a-b-c-d-e-|"},
	 .build = buffer_with_count},
	{.name = "buffer_with_time",
	 .aliases = "buffer_time",
	 .params = {SPAN,
		    {"timeshift",
		     TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE, "d"},
		    MAX_BUFFER},
	 .does = "arrays of what came within a timespan",
	 .notes = "Empty arrays are emitted as well, and the rest at the "
		  "end. With a timeshift below the timespan arrays overlap.",
	 .example = {"buffer_with_time(50ms)", "-a-b----c-------d--|"},
	 .build = buffer_with_time},
	{.name = "buffer_with_time_or_count",
	 .params = {SPAN, COUNT},
	 .does = "arrays of at most n items, at least every timespan",
	 .notes = "The time starts anew after a full array. Empty arrays "
		  "are emitted: they are the pulse of a quiet source.",
	 .example = {"buffer_with_time_or_count(60ms, 2)",
		     "-a--bc--d----------e-|"},
	 .build = buffer_with_time_or_count},
	{.name = "buffer",
	 .params = {{"boundaries", TAKES_STREAM}, MAX_BUFFER},
	 .does = "an array at each item of another stream",
	 .notes = "Empty arrays are emitted as well, and the rest at the "
		  "end. The end of the other stream only stops new arrays.",
	 .example = {"buffer(@b)", "-a-b-c---d-e-|", "----x----x-"},
	 .build = buffer},
	{.name = "buffer_when",
	 .params = {{"closing_mapper", TAKES_DURATION | TAKES_STREAM},
		    MAX_BUFFER},
	 .does = "an array at each signal, awaited anew each time",
	 .notes = "Empty arrays are emitted as well, and the rest at the "
		  "end.",
	 .example = {"buffer_when(40ms)", "-a-b-c-d-e-f-|"},
	 .build = buffer_when},
	{.name = "buffer_toggle",
	 .params = {{"openings", TAKES_STREAM},
		    {"closing_mapper", TAKES_SELECTOR},
		    MAX_BUFFER},
	 .does = "arrays from each opening to its closing",
	 .notes = "The closing is asked of the item that opened. Arrays may "
		  "overlap; an item outside of all of them is left out. The "
		  "end of the source closes every one.",
	 .example = {"buffer_toggle(@b, 40ms)", "-a-b-c-d-e-f-|", "--x-----x"},
	 .build = buffer_toggle},
	{.name = "buffer_with_size",
	 .params = {{"bytes", TAKES_COUNT | PARAM_POSITIVE},
		    {"time", TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE},
		    MAX_BUFFER},
	 .does = "arrays whose JSON text has at most that many bytes",
	 .notes = "The size is that of the whole text: brackets, commas and "
		  "items, without white space. An array comes out before an "
		  "item that would make it too large, or as soon as no item "
		  "can fit any more; an item that is too large by itself is an "
		  "array alone. With a time, an array comes out at the latest "
		  "that long after its first item. max_buffer items are a full "
		  "array as well. There are no empty ones; the rest comes out "
		  "at the end.",
	 .example = {"buffer_with_size(12, time=60ms)",
		     "-a-b-c-d-------e---------|"},
	 .build = buffer_with_size},
	{.name = "buffer_until",
	 .params = {PREDICATE, MAX_BUFFER},
	 .does = "arrays, each up to and with an item that matches",
	 .notes = "Reactor's bufferUntil. There are no empty arrays; the rest "
		  "comes out at the end. An item for which there is no room is "
		  "refused, but closes the array when it matches.",
	 .example = {"buffer_until('. > 7')", "-1-2-9-3-8-4-|"},
	 .build = buffer_until},
	{.name = "buffer_while",
	 .params = {PREDICATE, MAX_BUFFER},
	 .does = "arrays of the items that match without a break",
	 .notes = "Reactor's bufferWhile. An item that does not match closes "
		  "the array and is dropped. There are no empty arrays; the "
		  "rest comes out at the end.",
	 .example = {"buffer_while('. < 7')", "-1-2-9-8-3-4-|"},
	 .build = buffer_while},
	{0},
};
