/* build_time.c - operators that ask what time it is. */
#include "flow/build.h"

#define WITH_MS(name)                                                         \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return rx_##name(in, arg_ms(s, 0, 0));                        \
	}

WITH_MS(debounce)
WITH_MS(throttle_first)
WITH_MS(delay_subscription)
WITH_MS(take_with_time)
WITH_MS(skip_with_time)

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
	return rx_timeout(in, arg_ms(s, 0, 0), arg_stream(b, s, 1));
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

#define MAX_BUFFER                                                       \
	{                                                                \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE \
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
	 .params = {DUE},
	 .does = "an item once it has been quiet for a while",
	 .build = debounce},
	{.name = "throttle_with_mapper",
	 .params = {{"throttle_duration_mapper", TAKES_SELECTOR}},
	 .does = "debounce, the while chosen for each item",
	 .build = throttle_with_mapper},
	{.name = "throttle_first",
	 .aliases = "throttle_time",
	 .params = {{"window_duration", TAKES_DURATION}},
	 .does = "an item, then none for a while",
	 .build = throttle_first},
	{.name = "sample",
	 .aliases = "sample_time throttle_last",
	 .params = {{"sampler",
		     TAKES_DURATION | TAKES_STREAM | PARAM_POSITIVE}},
	 .does = "the latest item at each tick, if it is new",
	 .build = sample},
	{.name = "audit",
	 .aliases = "audit_time",
	 .params = {{"duration", TAKES_SELECTOR}},
	 .does = "after an item a while, at its end the latest item",
	 .build = audit},
	{.name = "delay",
	 .params = {DUE, MAX_BUFFER},
	 .does = "items and the end later; an error at once",
	 .build = delay},
	{.name = "delay_with_mapper",
	 .aliases = "delay_when",
	 .params = {{"delay_duration_mapper", TAKES_SELECTOR}, MAX_BUFFER},
	 .does = "delay, the while chosen for each item",
	 .build = delay_with_mapper},
	{.name = "delay_subscription",
	 .params = {DUE},
	 .does = "subscribes later",
	 .build = delay_subscription},
	{.name = "take_with_time",
	 .params = {SPAN},
	 .does = "items for a while, then the end",
	 .build = take_with_time},
	{.name = "take_until_with_time",
	 .params = {SPAN},
	 .does = "items for a while, then the end",
	 .build = take_with_time},
	{.name = "skip_with_time",
	 .params = {SPAN},
	 .does = "nothing for a while, then everything",
	 .build = skip_with_time},
	{.name = "skip_until_with_time",
	 .params = {SPAN},
	 .does = "nothing for a while, then everything",
	 .build = skip_with_time},
	{.name = "take_last_with_time",
	 .params = {SPAN, MAX_BUFFER},
	 .does = "at the end, the items of the last while",
	 .build = take_last_with_time},
	{.name = "skip_last_with_time",
	 .params = {SPAN, MAX_BUFFER},
	 .does = "all but the items of the last while",
	 .build = skip_last_with_time},
	{.name = "timeout",
	 .params = {DUE, OTHER},
	 .does = "an error (or another stream) when it is quiet too long",
	 .build = timeout},
	{.name = "timeout_with_mapper",
	 .params = {{"first", TAKES_DURATION | TAKES_STREAM},
		    {"timeout_duration_mapper",
		     TAKES_SELECTOR | PARAM_OPTIONAL},
		    OTHER},
	 .does = "timeout, the while chosen for each item",
	 .build = timeout_with_mapper},
	{0},
};
