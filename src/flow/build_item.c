/* build_item.c - operators that look at one item after the other: mapping,
 * filtering, and what changes only the ends of a stream. */
#include "flow/build.h"

#include "base/mem.h"
#include "cond/cond.h"

/* Operators of one value function, or of none at all. */
#define WITH_FN(name)                                                         \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_fn(b, s, 0));                        \
	}

#define PLAIN(name)                                                           \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in);                                         \
	}

#define WITH_COUNT(name)                                                      \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_count(s, 0, 0));                     \
	}

#define WITH_FN_AND_VALUE(name)                                               \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_fn(b, s, 0), arg_value(s, 1));       \
	}

WITH_FN(map)
WITH_FN(map_indexed)
WITH_FN(filter)
WITH_FN(filter_indexed)
WITH_FN(distinct_until_changed)
WITH_FN(skip_while)
WITH_FN(skip_while_indexed)
WITH_FN(first)
WITH_FN(last)
WITH_FN(single)
WITH_FN(find)
WITH_FN(find_index)
PLAIN(pairwise)
PLAIN(materialize)
PLAIN(dematerialize)
PLAIN(timestamp)
PLAIN(time_interval)
PLAIN(ignore_elements)
WITH_COUNT(take)
WITH_COUNT(skip)
WITH_COUNT(take_last)
WITH_COUNT(take_last_buffer)
WITH_COUNT(skip_last)
WITH_COUNT(element_at)
WITH_FN_AND_VALUE(first_or_default)
WITH_FN_AND_VALUE(last_or_default)
WITH_FN_AND_VALUE(single_or_default)

static struct rx_source *as_observable(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	return in;
}

static struct rx_source *map_to(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_map_to(in, arg_value(s, 0));
}

/* pluck('k') and pluck(.k): null where there is no such member. */
static struct rx_source *pluck(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_map(in, arg_fn(b, s, 0));
}

static struct rx_source *scan(struct build *b, const struct stage *s,
			      struct rx_source *in)
{
	return rx_scan(in, arg_fn(b, s, 0), arg_given(s, 1), arg_value(s, 1));
}

static struct rx_source *distinct(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	struct rx_distinct_opts opts = {
		.max_buffer = arg_count(s, 1, 0),
		.within_ms = arg_ms(s, 2, 0),
		.max_keys = arg_count(s, 3, 0),
	};

	return rx_distinct_within(in, arg_fn(b, s, 0), opts);
}

static struct rx_source *take_while(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_take_while(in, arg_fn(b, s, 0), arg_bool(s, 1, false));
}

static struct rx_source *take_while_indexed(struct build *b,
					    const struct stage *s,
					    struct rx_source *in)
{
	return rx_take_while_indexed(in, arg_fn(b, s, 0),
				     arg_bool(s, 1, false));
}

static struct rx_source *element_at_or_default(struct build *b,
					       const struct stage *s,
					       struct rx_source *in)
{
	return rx_element_at_or_default(in, arg_count(s, 0, 0),
					arg_value(s, 1));
}

static struct rx_slice slice_of(const struct stage *s)
{
	return (struct rx_slice){
		.has_start = value_is_number(s->args[0].v),
		.has_stop = value_is_number(s->args[1].v),
		.start = arg_int(s, 0, 0),
		.stop = arg_int(s, 1, 0),
		.step = arg_int(s, 2, 1),
	};
}

static struct rx_source *slice(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_slice(in, slice_of(s), NULL);
}

static int check_slice(const struct stage *s, struct weir_error *err)
{
	struct rx_ctx nowhere = {0};
	struct rx_source *src = rx_slice(rx_never(&nowhere), slice_of(s), err);

	rx_source_unref(src);
	return src ? 0 : WEIR_EINVAL;
}

static struct rx_source *start_with(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	struct value *items = rest_values(s);

	in = rx_start_with(in, items, s->n_rest);
	mem_free(items);
	return in;
}

static struct rx_source *end_with(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	struct value *items = rest_values(s);

	in = rx_end_with(in, items, s->n_rest);
	mem_free(items);
	return in;
}

static struct rx_source *default_if_empty(struct build *b,
					  const struct stage *s,
					  struct rx_source *in)
{
	return rx_default_if_empty(in, arg_value(s, 0));
}

static struct rx_source *throw_if_empty(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	return rx_throw_if_empty(in, arg_given(s, 0) ? value_str(s->args[0].v)
						     : STR("empty"));
}

static struct rx_source *switch_if_empty(struct build *b, const struct stage *s,
					 struct rx_source *in)
{
	return rx_switch_if_empty(in, arg_stream(b, s, 0));
}

PLAIN(on_backpressure_latest)
PLAIN(on_backpressure_drop)

static struct rx_source *on_backpressure_buffer(struct build *b,
						const struct stage *s,
						struct rx_source *in)
{
	return rx_on_backpressure_buffer(
		in, arg_count(s, 0, 0),
		(enum rx_overflow)arg_word(s, 1, RX_OVERFLOW_DROP_OLDEST));
}

static struct rx_source *tap(struct build *b, const struct stage *s,
			     struct rx_source *in)
{
	return rx_tap(in, value_str(s->args[0].v));
}

static struct rx_source *finalize(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_finalize(in, value_str(s->args[0].v));
}

/* In the order of its words. */
static struct rx_source *log_items(struct build *b, const struct stage *s,
				   struct rx_source *in)
{
	return rx_log(in, value_str(s->args[0].v),
		      (enum rx_log_level)arg_word(s, 1, RX_LOG_INFO));
}

/* --- where --------------------------------------------------------------- */

struct where {
	struct rx_fn fn;
	struct cond *cond; /* ours */
};

static int where_call(struct rx_fn *fn, struct value v,
		      const struct rx_vars *vars, struct value *out,
		      struct weir_error *err)
{
	*out = value_bool(
		cond_eval(CONTAINER_OF(fn, struct where, fn)->cond, v, NULL));
	return 0;
}

static void where_destroy(struct rx_fn *fn)
{
	struct where *w = CONTAINER_OF(fn, struct where, fn);

	cond_unref(w->cond);
	slab_free(w, sizeof *w);
}

static const struct rx_fn_ops where_ops = {where_call, where_destroy};

static struct rx_source *where(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	struct where *w = slab_alloc(sizeof *w);

	*w = (struct where){{&where_ops, 1}, cond_ref(s->args[0].cond)};
	return rx_filter(in, &w->fn);
}

#define MAPPER                          \
	{                               \
		"mapper", TAKES_PROGRAM \
	}
#define PREDICATE                          \
	{                                  \
		"predicate", TAKES_PROGRAM \
	}
#define COUNT                        \
	{                            \
		"count", TAKES_COUNT \
	}
#define IF_ANY                                                      \
	{                                                           \
		"predicate", TAKES_PROGRAM | PARAM_OPTIONAL, "true" \
	}
#define DEFAULT                                                       \
	{                                                             \
		"default_value", TAKES_VALUE | PARAM_OPTIONAL, "null" \
	}
#define INCLUSIVE                                                 \
	{                                                         \
		"inclusive", TAKES_BOOL | PARAM_OPTIONAL, "false" \
	}
#define KEY                                                       \
	{                                                         \
		"key_mapper", TAKES_PROGRAM | PARAM_OPTIONAL, "." \
	}

const struct op ops_item[] = {
	{.name = "map",
	 .aliases = "select",
	 .params = {MAPPER},
	 .does = "what the program makes of each item",
	 .example = {"map('. * 10')", "-1-2-3|"},
	 .build = map},
	{.name = "map_indexed",
	 .flags = OP_INDEX,
	 .params = {MAPPER},
	 .does = "map, with $index",
	 .example = {"map_indexed('[$index, .]')", "-a-b-c|"},
	 .build = map_indexed},
	{.name = "map_to",
	 .params = {{"value", TAKES_VALUE}},
	 .does = "the same value for each item",
	 .example = {"map_to('x')", "-1-2-3|"},
	 .build = map_to},
	{.name = "pluck",
	 .params = {{"key", TAKES_KEY}},
	 .does = "one member of each item",
	 .notes = "Null where there is no such member.",
	 .example = {"pluck('n')", "-{\"n\":1}-{\"n\":2}-{\"m\":3}|"},
	 .build = pluck},
	{.name = "scan",
	 .flags = OP_ACC,
	 .params = {{"accumulator", TAKES_PROGRAM},
		    {"seed", TAKES_VALUE | PARAM_OPTIONAL}},
	 .does = "what was gathered so far ($acc), after each item",
	 .notes = "Without a seed the first item is the first result.",
	 .example = {"scan('$acc + .', 0)", "-1-2-3-4|"},
	 .build = scan},
	{.name = "pairwise",
	 .does = "each item with the one before it",
	 .example = {"pairwise", "-a-b-c-d|"},
	 .build = pairwise},
	{.name = "materialize",
	 .does = "items, errors and the end as items",
	 .notes = "An error becomes an item, too, and the end of the stream.",
	 .example = {"materialize", "-a-b-#"},
	 .build = materialize},
	{.name = "dematerialize",
	 .does = "undoes materialize",
	 .example = {"materialize | dematerialize", "-a-b-|"},
	 .build = dematerialize},
	{.name = "timestamp",
	 .does = "each item with its time",
	 .notes = "In milliseconds: since 1970 in a server and in weir run, "
		  "since the subscription in virtual time.",
	 .example = {"timestamp | map('.timestamp')", "-a--b---c|"},
	 .build = timestamp},
	{.name = "time_interval",
	 .does = "each item with the time since the one before",
	 .notes = "In milliseconds. The first item has the time since the "
		  "subscription.",
	 .example = {"time_interval | map('.interval')", "-a--b---c|"},
	 .build = time_interval},
	{.name = "filter",
	 .params = {PREDICATE},
	 .does = "the items for which the program holds",
	 .notes = "All but null and false holds.",
	 .example = {"filter('. > 2')", "-1-4-2-3|"},
	 .build = filter},
	{.name = "filter_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE},
	 .does = "filter, with $index",
	 .example = {"filter_indexed('$index % 2 == 0')", "-a-b-c-d|"},
	 .build = filter_indexed},
	{.name = "where",
	 .params = {{"condition", TAKES_CONDITION}},
	 .does = "the items that match a condition",
	 .notes = "The language of conditions; a missing member or another "
		  "type makes a comparison false, never an error.",
	 .example = {"where('n gt 2 and k eq x') | map(.n)",
		     "-{\"k\":\"x\",\"n\":1}-{\"k\":\"x\",\"n\":4}-{\"k\":"
		     "\"y\",\"n\":5}|"},
	 .build = where},
	{.name = "distinct",
	 .params = {KEY,
		    {"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE,
		     "65536"},
		    {"within", TAKES_DURATION | PARAM_NAMED | PARAM_POSITIVE},
		    {"max_keys", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE}},
	 .does = "no item whose key was there before",
	 .notes = "Keys are compared as JSON: 1 is 1.0, and not true. It "
		  "remembers max_buffer keys and refuses an item with one "
		  "more. With max_keys the oldest key is forgotten in its "
		  "place; with `within` each is forgotten so long after its "
		  "item has passed, and items that are dropped do not prolong "
		  "it. A stream without an end wants one of the two.",
	 .example = {"distinct(within=50ms)", "-1-2-1-1-2-1-2-1-|"},
	 .build = distinct},
	{.name = "distinct_until_changed",
	 .aliases = "distinct_until_key_changed",
	 .params = {KEY},
	 .does = "no item whose key is that of the one before",
	 .example = {"distinct_until_changed", "-a-a-b-b-a|"},
	 .build = distinct_until_changed},
	{.name = "take",
	 .aliases = "limit",
	 .params = {COUNT},
	 .does = "the first n items and the end",
	 .notes = "take(0) ends at once.",
	 .example = {"take(2)", "-a-b-c-d|"},
	 .build = take},
	{.name = "skip",
	 .params = {COUNT},
	 .does = "all but the first n items",
	 .example = {"skip(2)", "-a-b-c-d|"},
	 .build = skip},
	{.name = "take_last",
	 .params = {COUNT},
	 .does = "the last n items, at the end",
	 .example = {"take_last(2)", "-a-b-c-d|"},
	 .build = take_last},
	{.name = "take_last_buffer",
	 .params = {COUNT},
	 .does = "the last n items as one array, at the end",
	 .notes = "An empty array where there was no item.",
	 .example = {"take_last_buffer(2)", "-a-b-c-d|"},
	 .build = take_last_buffer},
	{.name = "skip_last",
	 .params = {COUNT},
	 .does = "all but the last n items",
	 .notes = "An item comes out once n more have come.",
	 .example = {"skip_last(2)", "-a-b-c-d|"},
	 .build = skip_last},
	{.name = "take_while",
	 .params = {PREDICATE, INCLUSIVE},
	 .does = "items as long as the program holds",
	 .notes = "With inclusive=true the item that ends it comes out, too.",
	 .example = {"take_while('. < 3')", "-1-2-3-1|"},
	 .build = take_while},
	{.name = "take_while_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE, INCLUSIVE},
	 .does = "take_while, with $index",
	 .example = {"take_while_indexed('$index < 2')", "-a-b-c-d|"},
	 .build = take_while_indexed},
	{.name = "skip_while",
	 .params = {PREDICATE},
	 .does = "nothing as long as the program holds, then everything",
	 .example = {"skip_while('. < 3')", "-1-2-3-1|"},
	 .build = skip_while},
	{.name = "skip_while_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE},
	 .does = "skip_while, with $index",
	 .example = {"skip_while_indexed('$index < 2')", "-a-b-c-d|"},
	 .build = skip_while_indexed},
	{.name = "slice",
	 .params = {{"start", TAKES_INT | TAKES_NULL | PARAM_OPTIONAL, "null"},
		    {"stop", TAKES_INT | TAKES_NULL | PARAM_OPTIONAL, "null"},
		    {"step",
		     TAKES_INT | TAKES_NULL | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "null"}},
	 .does = "items start to stop; below 0 counts from the end",
	 .notes = "As in Python: counted from 0, stop is not in it. What "
		  "counts from the end has to hold items until the end is "
		  "known.",
	 .example = {"slice(1, 4, 2)", "-a-b-c-d-e|"},
	 .build = slice,
	 .check = check_slice},
	{.name = "element_at",
	 .params = {{"index", TAKES_COUNT}},
	 .does = "item n, counted from 0",
	 .notes = "The error `out_of_range` where there are too few.",
	 .example = {"element_at(2)", "-a-b-c-d|"},
	 .build = element_at},
	{.name = "element_at_or_default",
	 .params = {{"index", TAKES_COUNT}, DEFAULT},
	 .does = "item n, or a default",
	 .example = {"element_at_or_default(5, 'none')", "-a-b-c-d|"},
	 .build = element_at_or_default},
	{.name = "first",
	 .params = {IF_ANY},
	 .does = "the first item (that matches)",
	 .notes = "The error `empty` where there is none.",
	 .example = {"first('. > 1')", "-1-2-3-|"},
	 .build = first},
	{.name = "first_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the first item, or a default",
	 .example = {"first_or_default('. > 5', 0)", "-1-2-3-|"},
	 .build = first_or_default},
	{.name = "last",
	 .params = {IF_ANY},
	 .does = "the last item (that matches)",
	 .notes = "The error `empty` where there is none.",
	 .example = {"last('. < 3')", "-1-2-3-|"},
	 .build = last},
	{.name = "last_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the last item, or a default",
	 .example = {"last_or_default('. > 5', 0)", "-1-2-3-|"},
	 .build = last_or_default},
	{.name = "single",
	 .params = {IF_ANY},
	 .does = "the only item (that matches); a second one is an error",
	 .notes = "The error `empty` where there is none; `more_than_one` "
		  "as soon as a second one arrives.",
	 .example = {"single('. > 2')", "-1-2-3-|"},
	 .build = single},
	{.name = "single_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the only item, or a default",
	 .example = {"single_or_default('. > 5', 0)", "-1-2-3-|"},
	 .build = single_or_default},
	{.name = "find",
	 .params = {PREDICATE},
	 .does = "the first item that matches, or null",
	 .example = {"find('. > 1')", "-1-2-3-|"},
	 .build = find},
	{.name = "find_index",
	 .params = {PREDICATE},
	 .does = "which item matches first, or -1",
	 .example = {"find_index('. > 1')", "-1-2-3-|"},
	 .build = find_index},
	{.name = "ignore_elements",
	 .does = "only the error or the end",
	 .example = {"ignore_elements", "-a-b-c-|"},
	 .build = ignore_elements},
	{.name = "as_observable",
	 .does = "everything, unchanged",
	 .example = {"as_observable", "-a-b-c-|"},
	 .build = as_observable},
	{.name = "start_with",
	 .params = {{"value", TAKES_VALUE | PARAM_REST}},
	 .does = "these values first",
	 .example = {"start_with('x', 'y')", "--a--b|"},
	 .build = start_with},
	{.name = "end_with",
	 .params = {{"value", TAKES_VALUE | PARAM_REST}},
	 .does = "these values last",
	 .example = {"end_with('x', 'y')", "--a--b|"},
	 .build = end_with},
	{.name = "default_if_empty",
	 .params = {{"value", TAKES_VALUE | PARAM_OPTIONAL, "null"}},
	 .does = "a value when there was no item",
	 .example = {"default_if_empty('none')", "-----|"},
	 .build = default_if_empty},
	{.name = "throw_if_empty",
	 .params = {{"message", TAKES_TEXT | PARAM_OPTIONAL, "'empty'"}},
	 .does = "an error when there was no item",
	 .example = {"throw_if_empty('nothing came')", "-----|"},
	 .build = throw_if_empty},
	{.name = "switch_if_empty",
	 .params = {{"other", TAKES_STREAM}},
	 .does = "another stream when there was no item",
	 .example = {"switch_if_empty(@b)", "----|", "-x-y|"},
	 .build = switch_if_empty},
	{.name = "on_backpressure_latest",
	 .does = "while the next stage is busy, only the newest item waits",
	 .notes = "A stage is busy when it has as many inner streams as it may "
		  "(concat_map, run, flat_map with max_concurrent), or when "
		  "one behind it is. Items that had to make room are counted "
		  "as dropped.",
	 .example = {"on_backpressure_latest | concat_map { delay(30ms) }",
		     "abcd-----e-|"},
	 .build = on_backpressure_latest},
	{.name = "on_backpressure_drop",
	 .does = "while the next stage is busy, items are dropped",
	 .notes = "What is dropped is counted.",
	 .example = {"on_backpressure_drop | concat_map { delay(30ms) }",
		     "abcd-----e-|"},
	 .build = on_backpressure_drop},
	{.name = "on_backpressure_buffer",
	 .params = {{"count", TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "65536"},
		    {"overflow", TAKES_WORD | PARAM_OPTIONAL, "drop_oldest",
		     "drop_oldest drop_newest error"}},
	 .does = "while the next stage is busy, n items wait",
	 .notes = "What finds no room pushes out the oldest, is dropped "
		  "itself, or ends the stream with the error `overflow`. What "
		  "is dropped is counted.",
	 .example = {"on_backpressure_buffer(2) | concat_map { delay(30ms) }",
		     "abcd-----e-|"},
	 .build = on_backpressure_buffer},
	{.name = "tap",
	 .params = {{"label", TAKES_TEXT}},
	 .does = "counts and traces what passes",
	 .notes = "Items pass unchanged; weir serve --trace shows them.",
	 .example = {"tap('seen')", "-a-b-c|"},
	 .build = tap},
	{.name = "finalize",
	 .params = {{"label", TAKES_TEXT}},
	 .does = "traces how the stream ended",
	 .notes = "Once a subscription: done, error or cancelled, after how "
		  "many items and milliseconds.",
	 .example = {"finalize('in') | take(2)", "-a-b-c-|"},
	 .build = finalize},
	{.name = "log",
	 .params = {{"label", TAKES_TEXT},
		    {"level", TAKES_WORD | PARAM_OPTIONAL, "'info'",
		     "info warn error"}},
	 .does = "writes what passes to the log of the server",
	 .notes = "A line for each item, as JSON, of which long ones are cut; "
		  "one for the error or the end.",
	 .example = {"log('in')", "-a-b-|"},
	 .build = log_items},
	{0},
};
