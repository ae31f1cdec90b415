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
		cond_eval(CONTAINER_OF(fn, struct where, fn)->cond, v));
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
	 .build = map},
	{.name = "map_indexed",
	 .flags = OP_INDEX,
	 .params = {MAPPER},
	 .does = "map, with $index",
	 .build = map_indexed},
	{.name = "map_to",
	 .params = {{"value", TAKES_VALUE}},
	 .does = "the same value for each item",
	 .build = map_to},
	{.name = "pluck",
	 .params = {{"key", TAKES_KEY}},
	 .does = "one member of each item",
	 .build = pluck},
	{.name = "scan",
	 .flags = OP_ACC,
	 .params = {{"accumulator", TAKES_PROGRAM},
		    {"seed", TAKES_VALUE | PARAM_OPTIONAL}},
	 .does = "what was gathered so far ($acc), after each item",
	 .build = scan},
	{.name = "pairwise",
	 .does = "each item with the one before it",
	 .build = pairwise},
	{.name = "materialize",
	 .does = "items, errors and the end as items",
	 .build = materialize},
	{.name = "dematerialize",
	 .does = "undoes materialize",
	 .build = dematerialize},
	{.name = "timestamp",
	 .does = "each item with its time",
	 .build = timestamp},
	{.name = "time_interval",
	 .does = "each item with the time since the one before",
	 .build = time_interval},
	{.name = "filter",
	 .params = {PREDICATE},
	 .does = "the items for which the program holds",
	 .build = filter},
	{.name = "filter_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE},
	 .does = "filter, with $index",
	 .build = filter_indexed},
	{.name = "where",
	 .params = {{"condition", TAKES_CONDITION}},
	 .does = "the items that match a condition",
	 .build = where},
	{.name = "distinct",
	 .params = {KEY,
		    {"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE},
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
	 .build = distinct_until_changed},
	{.name = "take",
	 .aliases = "limit",
	 .params = {COUNT},
	 .does = "the first n items and the end",
	 .build = take},
	{.name = "skip",
	 .params = {COUNT},
	 .does = "all but the first n items",
	 .build = skip},
	{.name = "take_last",
	 .params = {COUNT},
	 .does = "the last n items, at the end",
	 .build = take_last},
	{.name = "take_last_buffer",
	 .params = {COUNT},
	 .does = "the last n items as one array, at the end",
	 .build = take_last_buffer},
	{.name = "skip_last",
	 .params = {COUNT},
	 .does = "all but the last n items",
	 .build = skip_last},
	{.name = "take_while",
	 .params = {PREDICATE, INCLUSIVE},
	 .does = "items as long as the program holds",
	 .build = take_while},
	{.name = "take_while_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE, INCLUSIVE},
	 .does = "take_while, with $index",
	 .build = take_while_indexed},
	{.name = "skip_while",
	 .params = {PREDICATE},
	 .does = "nothing as long as the program holds, then everything",
	 .build = skip_while},
	{.name = "skip_while_indexed",
	 .flags = OP_INDEX,
	 .params = {PREDICATE},
	 .does = "skip_while, with $index",
	 .build = skip_while_indexed},
	{.name = "slice",
	 .params = {{"start", TAKES_INT | TAKES_NULL | PARAM_OPTIONAL, "null"},
		    {"stop", TAKES_INT | TAKES_NULL | PARAM_OPTIONAL, "null"},
		    {"step",
		     TAKES_INT | TAKES_NULL | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "null"}},
	 .does = "items start to stop; below 0 counts from the end",
	 .build = slice,
	 .check = check_slice},
	{.name = "element_at",
	 .params = {{"index", TAKES_COUNT}},
	 .does = "item n, counted from 0",
	 .build = element_at},
	{.name = "element_at_or_default",
	 .params = {{"index", TAKES_COUNT}, DEFAULT},
	 .does = "item n, or a default",
	 .build = element_at_or_default},
	{.name = "first",
	 .params = {IF_ANY},
	 .does = "the first item (that matches)",
	 .build = first},
	{.name = "first_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the first item, or a default",
	 .build = first_or_default},
	{.name = "last",
	 .params = {IF_ANY},
	 .does = "the last item (that matches)",
	 .build = last},
	{.name = "last_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the last item, or a default",
	 .build = last_or_default},
	{.name = "single",
	 .params = {IF_ANY},
	 .does = "the only item (that matches); a second one is an error",
	 .build = single},
	{.name = "single_or_default",
	 .params = {IF_ANY, DEFAULT},
	 .does = "the only item, or a default",
	 .build = single_or_default},
	{.name = "find",
	 .params = {PREDICATE},
	 .does = "the first item that matches, or null",
	 .build = find},
	{.name = "find_index",
	 .params = {PREDICATE},
	 .does = "which item matches first, or -1",
	 .build = find_index},
	{.name = "ignore_elements",
	 .does = "only the error or the end",
	 .build = ignore_elements},
	{.name = "as_observable",
	 .does = "everything, unchanged",
	 .build = as_observable},
	{.name = "start_with",
	 .params = {{"value", TAKES_VALUE | PARAM_REST}},
	 .does = "these values first",
	 .build = start_with},
	{.name = "end_with",
	 .params = {{"value", TAKES_VALUE | PARAM_REST}},
	 .does = "these values last",
	 .build = end_with},
	{.name = "default_if_empty",
	 .params = {{"value", TAKES_VALUE | PARAM_OPTIONAL, "null"}},
	 .does = "a value when there was no item",
	 .build = default_if_empty},
	{.name = "throw_if_empty",
	 .params = {{"message", TAKES_TEXT | PARAM_OPTIONAL, "'empty'"}},
	 .does = "an error when there was no item",
	 .build = throw_if_empty},
	{.name = "switch_if_empty",
	 .params = {{"other", TAKES_STREAM}},
	 .does = "another stream when there was no item",
	 .build = switch_if_empty},
	{.name = "tap",
	 .params = {{"label", TAKES_TEXT}},
	 .does = "counts and traces what passes",
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
