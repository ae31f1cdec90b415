/* build_create.c - operators that begin a stream. */
#include "flow/build.h"

#include "base/mem.h"

static struct rx_source *of(struct build *b, const struct stage *s,
			    struct rx_source *in)
{
	struct value *items = rest_values(s);
	struct rx_source *src = rx_of(b->ctx, items, s->n_rest);

	mem_free(items);
	return src;
}

static struct rx_source *just(struct build *b, const struct stage *s,
			      struct rx_source *in)
{
	return rx_just(b->ctx, arg_value(s, 0));
}

static struct rx_source *empty(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_empty(b->ctx);
}

static struct rx_source *never(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_never(b->ctx);
}

static struct rx_source *throw(struct build * b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_throw(b->ctx, value_str(s->args[0].v));
}

/* range(stop) or range(start, stop, step) */
static struct rx_source *range(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	int64_t first = arg_int(s, 0, 0);

	if (!arg_given(s, 1))
		return rx_range(b->ctx, 0, first, arg_int(s, 2, 1));
	return rx_range(b->ctx, first, arg_int(s, 1, 0), arg_int(s, 2, 1));
}

static struct rx_source *interval(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_interval(b->ctx, arg_ms(s, 0, 0));
}

static struct rx_source *timer(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_timer_source(b->ctx, arg_ms(s, 0, 0), arg_ms(s, 1, -1));
}

static struct rx_source *from_array(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_from_fn(b->ctx, arg_fn(b, s, 0), value_null());
}

static struct rx_source *repeat_value(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_repeat_value(b->ctx, arg_value(s, 0), arg_runs(s, 1));
}

static struct rx_source *generate(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_generate(b->ctx, arg_value(s, 0), arg_fn(b, s, 1),
			   arg_fn(b, s, 2));
}

static struct rx_source *generate_timed(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	return rx_generate_with_relative_time(b->ctx, arg_value(s, 0),
					      arg_fn(b, s, 1), arg_fn(b, s, 2),
					      arg_dur(b, s, 3));
}

static struct rx_source *from_marbles(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_from_marbles(b->ctx, value_str(s->args[0].v), arg_ms(s, 1, 0),
			       NULL);
}

static int check_marbles(const struct stage *s, struct weir_error *err)
{
	struct rx_ctx nowhere = {0};
	struct rx_source *src =
		rx_from_marbles(&nowhere, value_str(s->args[0].v),
				arg_ms(s, 1, 0), err);

	rx_source_unref(src);
	return src ? 0 : WEIR_EINVAL;
}

const struct op ops_create[] = {
	{.name = "of",
	 .flags = OP_CREATES,
	 .params = {{"value", TAKES_VALUE | PARAM_REST}},
	 .does = "these values and the end",
	 .notes = "A string is a value here, not a program.",
	 .example = {"of(1, 'a', true)"},
	 .build = of},
	{.name = "just",
	 .aliases = "return_value",
	 .flags = OP_CREATES,
	 .params = {{"value", TAKES_VALUE}},
	 .does = "one value and the end",
	 .notes = "A string is a value here, not a program.",
	 .example = {"just('a')"},
	 .build = just},
	{.name = "empty",
	 .flags = OP_CREATES,
	 .does = "the end at once",
	 .example = {"empty"},
	 .build = empty},
	{.name = "never",
	 .flags = OP_CREATES,
	 .does = "nothing, not even an end",
	 .example = {"never | take_with_time(50ms)"},
	 .build = never},
	{.name = "throw",
	 .aliases = "throw_error",
	 .flags = OP_CREATES,
	 .params = {{"exception", TAKES_TEXT}},
	 .does = "an error with that message",
	 .example = {"throw('broken') | catch { delay(20ms) }"},
	 .build = throw},
	{.name = "range",
	 .flags = OP_CREATES,
	 .params = {{"start", TAKES_INT},
		    {"stop", TAKES_INT | PARAM_OPTIONAL},
		    {"step", TAKES_INT | PARAM_OPTIONAL | PARAM_POSITIVE, "1"}},
	 .does = "whole numbers up to stop, without it; range(stop) from 0",
	 .notes = "As in Python.",
	 .example = {"range(1, 10, 3)"},
	 .build = range},
	{.name = "interval",
	 .flags = OP_CREATES,
	 .params = {{"period", TAKES_DURATION | PARAM_POSITIVE}},
	 .does = "0, 1, 2 ..., the first after one period",
	 .notes = "The ticks are absolute: they do not drift.",
	 .example = {"interval(30ms) | take(4)"},
	 .build = interval},
	{.name = "timer",
	 .flags = OP_CREATES,
	 .params = {{"duetime", TAKES_DURATION},
		    {"period",
		     TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE}},
	 .does = "one 0 after a while; with a period 1, 2 ... after it",
	 .notes = "The ticks are absolute: they do not drift.",
	 .example = {"timer(20ms, 40ms) | take(4)"},
	 .build = timer},
	{.name = "from_",
	 .aliases = "from from_iterable from_list",
	 .flags = OP_CREATES,
	 .params = {{"values", TAKES_ARRAY}},
	 .does = "the elements of the array that the program gives",
	 .notes = "The program runs on null, at each subscription.",
	 .example = {"from_('[range(3)]')"},
	 .build = from_array},
	{.name = "repeat_value",
	 .flags = OP_CREATES,
	 .params = {{"value", TAKES_VALUE},
		    {"repeat_count", TAKES_INT | PARAM_OPTIONAL, "forever"}},
	 .does = "one value n times; -1 is for ever",
	 .example = {"repeat_value('a', 3)"},
	 .build = repeat_value},
	{.name = "generate",
	 .flags = OP_CREATES,
	 .params = {{"initial_state", TAKES_VALUE},
		    {"condition", TAKES_PROGRAM},
		    {"iterate", TAKES_PROGRAM}},
	 .does = "values from a state, as long as the condition holds",
	 .example = {"generate(1, '. < 50', '. * 3')"},
	 .build = generate},
	{.name = "generate_with_relative_time",
	 .flags = OP_CREATES,
	 .params = {{"initial_state", TAKES_VALUE},
		    {"condition", TAKES_PROGRAM},
		    {"iterate", TAKES_PROGRAM},
		    {"time_mapper", TAKES_DURATION | TAKES_PROGRAM}},
	 .does = "as generate, and some time passes before each value",
	 .notes = "A program gives the milliseconds that pass before its item.",
	 .example = {"generate_with_relative_time(10, '. < 60', '. * 2', '.')"},
	 .build = generate_timed},
	{.name = "from_marbles",
	 .aliases = "cold",
	 .flags = OP_CREATES,
	 .params = {{"string", TAKES_TEXT},
		    {"timespan", TAKES_DURATION | PARAM_POSITIVE}},
	 .does = "what a marble diagram shows, one character a timespan",
	 .notes =
		 "A dash is a time in which nothing happens, (a,b) are several "
		 "items at one time, | is the end, # the error `error`; "
		 "numbers become numbers.",
	 .example = {"from_marbles('-a-(b,c)-|', 10ms)"},
	 .build = from_marbles,
	 .check = check_marbles},
	{0},
};
