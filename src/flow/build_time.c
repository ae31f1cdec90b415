/* build_time.c - operators that ask what time it is. */
#include "base/clock.h"
#include "flow/build.h"

#define WITH_MS(name)                                                         \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_ms(s, 0, 0));                        \
	}

WITH_MS(throttle_first)
WITH_MS(delay_subscription)
WITH_MS(take_with_time)
WITH_MS(skip_with_time)

static struct rx_source *debounce(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	int64_t max_wait_ms = arg_ms(s, 1, CLOCK_NEVER);

	if (s->args[0].kind == ARG_DURATION)
		return rx_debounce_within(in, s->args[0].ms, max_wait_ms);
	return rx_debounce_with_mapper(in, arg_dur(b, s, 0), max_wait_ms);
}

static struct rx_source *throttle(struct build *b, const struct stage *s,
				  struct rx_source *in)
{
	return rx_throttle(in, arg_dur(b, s, 0), arg_bool(s, 1, true),
			   arg_bool(s, 2, false));
}

static int check_throttle(const struct stage *s, struct weir_error *err)
{
	if (arg_bool(s, 1, true) || arg_bool(s, 2, false))
		return 0;
	return error_set(err, WEIR_EINVAL,
			 "throttle with neither leading nor trailing lets "
			 "nothing through");
}

/* In the order of its words. */
static struct rx_source *limit_rate(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_limit_rate(in, arg_count(s, 0, 0), arg_ms(s, 1, 1000),
			     (enum rx_rate_overflow)arg_word(s, 2,
							     RX_RATE_DROP),
			     arg_count(s, 3, 0));
}

static int check_limit_rate(const struct stage *s, struct weir_error *err)
{
	if (arg_ms(s, 1, 0) <= RX_RATE_PER_MAX_MS)
		return 0;
	return error_set(err, WEIR_EINVAL,
			 "per of limit_rate is at most 24 days");
}

static struct rx_source *throttle_with_mapper(struct build *b,
					      const struct stage *s,
					      struct rx_source *in)
{
	return rx_throttle_with_mapper(in, arg_dur(b, s, 0));
}

static struct rx_source *sample(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	if (arg_is_stream(s, 0))
		return rx_sample_on(in, arg_stream(b, s, 0));
	return rx_sample(in, arg_ms(s, 0, 0));
}

static struct rx_source *audit(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_audit(in, arg_dur(b, s, 0));
}

static struct rx_source *delay(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_delay(in, arg_ms(s, 0, 0), arg_count(s, 1, 0));
}

static struct rx_source *delay_with_mapper(struct build *b,
					   const struct stage *s,
					   struct rx_source *in)
{
	return rx_delay_with_mapper(in, arg_dur(b, s, 0), arg_count(s, 1, 0));
}

static struct rx_source *take_last_with_time(struct build *b,
					     const struct stage *s,
					     struct rx_source *in)
{
	return rx_take_last_with_time(in, arg_ms(s, 0, 0), arg_count(s, 1, 0));
}

static struct rx_source *skip_last_with_time(struct build *b,
					     const struct stage *s,
					     struct rx_source *in)
{
	return rx_skip_last_with_time(in, arg_ms(s, 0, 0), arg_count(s, 1, 0));
}

static struct rx_source *timeout(struct build *b, const struct stage *s,
				 struct rx_source *in)
{
	/* As in RxJS: `each` alone holds for the first item, too. */
	struct rx_timeout_opts opts = {
		.first_ms = arg_ms(s, 0, arg_ms(s, 2, arg_ms(s, 3, -1))),
		.each_ms = arg_ms(s, 0, arg_ms(s, 3, -1)),
		.other = arg_stream(b, s, 1),
		.fallback = s->block ? stage_block(b, s, 0) : NULL,
	};

	return rx_timeout_with(in, opts);
}

static int check_timeout(const struct stage *s, struct weir_error *err)
{
	bool split = arg_given(s, 2) || arg_given(s, 3);

	if (arg_given(s, 0) == split)
		return error_set(err, WEIR_EINVAL,
				 "timeout takes one duration, or first= and "
				 "each=%s",
				 split ? ", not both" : "");
	if (s->block && arg_given(s, 1))
		return error_set(err, WEIR_EINVAL,
				 "timeout takes a block or a stream, not both");
	return 0;
}

static struct rx_source *timeout_with_mapper(struct build *b,
					     const struct stage *s,
					     struct rx_source *in)
{
	struct rx_dur each = {0};

	if (arg_given(s, 1))
		each = arg_dur(b, s, 1);
	return rx_timeout_with_mapper(in, arg_dur(b, s, 0),
				      arg_given(s, 1) ? &each : NULL,
				      arg_stream(b, s, 2));
}

#define MAX_BUFFER                                                        \
	{                                                                 \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"65536"                                           \
	}
#define DUE                               \
	{                                 \
		"duetime", TAKES_DURATION \
	}
#define SPAN                               \
	{                                  \
		"duration", TAKES_DURATION \
	}
#define OTHER                                          \
	{                                              \
		"other", TAKES_STREAM | PARAM_OPTIONAL \
	}

const struct op ops_time[] = {
	{.name = "debounce",
	 .aliases = "debounce_time throttle_with_timeout",
	 .params = {{"duetime", TAKES_SELECTOR},
		    {"max_wait",
		     TAKES_DURATION | PARAM_NAMED | PARAM_POSITIVE}},
	 .does = "an item once it has been quiet for a while",
	 .notes = "The item that waits comes out at the end of the stream; an "
		  "error drops it. max_wait counts from the first item of a "
		  "burst: then the latest one comes out though it has not been "
		  "quiet, so that a source that is never quiet is heard. A "
		  "program gives the milliseconds for each item; a stream is "
		  "subscribed for each item, its first item or its end is the "
		  "signal.",
	 .example = {"debounce(30ms, max_wait=70ms)",
		     "-a-b-----c-d-e-f-g-h----|"},
	 .build = debounce},
	{.name = "throttle_with_mapper",
	 .params = {{"throttle_duration_mapper", TAKES_SELECTOR}},
	 .does = "debounce, the while chosen for each item",
	 .notes =
		 "A program gives the milliseconds; a stream is subscribed for "
		 "each item, its first item or its end is the signal. An item "
		 "whose while cannot be told is an item error, and what "
		 "waits, waits on.",
	 .example = {"throttle_with_mapper('. * 10')", "-3-1-------4--2-----|"},
	 .build = throttle_with_mapper},
	{.name = "throttle",
	 .aliases = "throttle_time",
	 .params = {{"duration", TAKES_SELECTOR},
		    {"leading", TAKES_BOOL | PARAM_OPTIONAL, "true"},
		    {"trailing", TAKES_BOOL | PARAM_OPTIONAL, "false"}},
	 .does = "the first item of a while, the last one, or both",
	 .notes = "As in RxJS 7. The last item comes out at the end of its "
		  "while and opens a new one, so that items always lie a while "
		  "apart. When the source is done and such an item waits, it "
		  "comes out at the end of the while, and then the end; else "
		  "the end is immediate. An error drops it. A while that is a "
		  "stream is over at its first item or its end.",
	 .example = {"throttle(30ms, trailing=true)", "-abc--d--------e-f-g|"},
	 .build = throttle,
	 .check = check_throttle},
	{.name = "throttle_first",
	 .params = {{"window_duration", TAKES_DURATION}},
	 .does = "an item, then none for a while",
	 .notes = "The same as throttle with a duration.",
	 .example = {"throttle_first(30ms)", "-abc--d--------e-f-g|"},
	 .build = throttle_first},
	{.name = "limit_rate",
	 .params = {{"count", TAKES_COUNT | PARAM_POSITIVE},
		    {"per", TAKES_DURATION | PARAM_OPTIONAL | PARAM_POSITIVE,
		     "1s"},
		    {"overflow", TAKES_WORD | PARAM_OPTIONAL, "'drop'",
		     "drop delay error"},
		    MAX_BUFFER},
	 .does = "at most n items in a while, by a bucket of tokens",
	 .notes = "The bucket holds n tokens and is full at the start, so n "
		  "items may come at once; it is refilled evenly, one token "
		  "every per / n. What has no token is dropped (the trace says "
		  "how many); or waits for its token in a queue of max_buffer "
		  "items, and the end behind it, while an error comes at once; "
		  "or ends the stream with the error `rate`.",
	 .example = {"limit_rate(2, per=100ms, overflow='delay')",
		     "-abcd---------------efg|"},
	 .build = limit_rate,
	 .check = check_limit_rate},
	{.name = "sample",
	 .aliases = "sample_time throttle_last",
	 .params = {{"sampler",
		     TAKES_DURATION | TAKES_STREAM | PARAM_POSITIVE}},
	 .does = "the latest item at each tick, if it is new",
	 .notes = "The end of the source waits for the next tick, as its last "
		  "item does (RxJS and RxJava end at once). When the stream "
		  "that gives the ticks has ended, nothing more comes out, and "
		  "the end of the source is the end.",
	 .example = {"sample(50ms)", "-ab-c--d-----------e--|"},
	 .build = sample},
	{.name = "audit",
	 .aliases = "audit_time",
	 .params = {{"duration", TAKES_SELECTOR}},
	 .does = "after an item a while, at its end the latest item",
	 .notes =
		 "Other than sample it has no clock of its own: the first item "
		 "opens the while, at its end nothing is open. The end of the "
		 "source waits for the end of the while when an item waits.",
	 .example = {"audit(50ms)", "-ab-c--d-----------e--|"},
	 .build = audit},
	{.name = "delay",
	 .params = {DUE, MAX_BUFFER},
	 .does = "items and the end later; an error at once",
	 .notes = "An error overtakes what waits and drops it. The end is "
		  "delayed as well (RxJS ends with the last item).",
	 .example = {"delay(50ms)", "-a-bc----d-|"},
	 .build = delay},
	{.name = "delay_with_mapper",
	 .aliases = "delay_when",
	 .params = {{"delay_duration_mapper", TAKES_SELECTOR}, MAX_BUFFER},
	 .does = "delay, the while chosen for each item",
	 .notes = "Items may overtake each other. The end comes when the last "
		  "of them has come out.",
	 .example = {"delay_with_mapper('. * 10')", "-9-1-2--|"},
	 .build = delay_with_mapper},
	{.name = "delay_subscription",
	 .params = {DUE},
	 .does = "subscribes later",
	 .notes = "A source that runs whether or not somebody listens is heard "
		  "from then on; one that begins with its subscription begins "
		  "later.",
	 .example = {"delay_subscription(40ms)", "-a-b-c-d-e-|"},
	 .build = delay_subscription},
	{.name = "take_with_time",
	 .params = {SPAN},
	 .does = "items for a while, then the end",
	 .example = {"take_with_time(60ms)", "-a-b-c-d-e-|"},
	 .build = take_with_time},
	{.name = "take_until_with_time",
	 .params = {SPAN},
	 .does = "items for a while, then the end",
	 .notes = "The same as take_with_time.",
	 .example = {"take_until_with_time(60ms)", "-a-b-c-d-e-|"},
	 .build = take_with_time},
	{.name = "skip_with_time",
	 .params = {SPAN},
	 .does = "nothing for a while, then everything",
	 .notes = "An error comes at once.",
	 .example = {"skip_with_time(60ms)", "-a-b-c-d-e-|"},
	 .build = skip_with_time},
	{.name = "skip_until_with_time",
	 .params = {SPAN},
	 .does = "nothing for a while, then everything",
	 .notes = "The same as skip_with_time.",
	 .example = {"skip_until_with_time(60ms)", "-a-b-c-d-e-|"},
	 .build = skip_with_time},
	{.name = "take_last_with_time",
	 .params = {SPAN, MAX_BUFFER},
	 .does = "at the end, the items of the last while",
	 .notes = "Items are held until they are too old, so max_buffer has to "
		  "suffice for one such while.",
	 .example = {"take_last_with_time(45ms)", "-a-b-c-d-|"},
	 .build = take_last_with_time},
	{.name = "skip_last_with_time",
	 .params = {SPAN, MAX_BUFFER},
	 .does = "all but the items of the last while",
	 .notes =
		 "An item comes out when it is old enough and another item, or "
		 "the end, arrives.",
	 .example = {"skip_last_with_time(25ms)", "-a-b-c-d-|"},
	 .build = skip_last_with_time},
	{.name = "timeout",
	 .flags = OP_BLOCK_MAY,
	 .params = {{"duetime", TAKES_DURATION | PARAM_OPTIONAL},
		    OTHER,
		    {"first", TAKES_DURATION | PARAM_NAMED},
		    {"each", TAKES_DURATION | PARAM_NAMED}},
	 .does = "an error (or another stream) when it is quiet too long",
	 .notes =
		 "The limit holds from the subscription to the first item, and "
		 "between items; or first= and each= are given in its place. "
		 "As in RxJS, each alone holds for the first item as well, "
		 "first alone for no other. What takes over is another "
		 "stream, or a block on the message `timeout`, as in catch; "
		 "without them the stream ends with the error `timeout`.",
	 .example = {"timeout(40ms, other=@b)", "-a--b---------c|", "-x-y|"},
	 .build = timeout,
	 .check = check_timeout},
	{.name = "timeout_with_mapper",
	 .params = {{"first", TAKES_DURATION | TAKES_STREAM},
		    {"timeout_duration_mapper",
		     TAKES_SELECTOR | PARAM_OPTIONAL},
		    OTHER},
	 .does = "timeout, the while chosen for each item",
	 .notes =
		 "Without the second argument only the first item has a limit. "
		 "An item whose limit cannot be told is an item error: it "
		 "passes, and what comes after it has no limit.",
	 .example = {"timeout_with_mapper(50ms, '. * 10', @b)", "-3-5-------1|",
		     "-x-y|"},
	 .build = timeout_with_mapper},
	{0},
};
