/* build_many.c - operators on several streams, on many subscribers, and on
 * several runs of one stream. */
#include "flow/build.h"

#include "base/mem.h"

/* A function of n streams: the input, if there is one, and those named. */
typedef struct rx_source *(*combine_fn)(struct rx_ctx *ctx,
					struct rx_source *const *in,
					uint32_t n);

static struct rx_source *combine(struct build *b, const struct stage *s,
				 struct rx_source *in, combine_fn fn)
{
	uint32_t n;
	struct rx_source **all = rest_streams(b, s, in, &n);
	struct rx_source *src = fn(b->ctx, all, n);

	mem_free(all);
	return src;
}

#define COMBINES(name, fn)                                                    \
	static struct rx_source *name(struct build *b, const struct stage *s, \
				      struct rx_source *in)                   \
	{                                                                     \
		return combine(b, s, in, fn);                                 \
	}

COMBINES(amb, rx_amb)
COMBINES(with_latest_from, rx_with_latest_from)
COMBINES(fork_join, rx_fork_join)
COMBINES(on_error_resume_next, rx_on_error_resume_next)

static struct rx_source *merge(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	uint32_t n;
	struct rx_source **all = rest_streams(b, s, in, &n);
	struct rx_source *src =
		rx_merge_limited(b->ctx, all, n, arg_count(s, 1, 0),
				 arg_bool(s, 2, false));

	mem_free(all);
	return src;
}

static struct rx_source *concat(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return combine(b, s, in,
		       arg_bool(s, 1, false) ? rx_concat_delay_error
					     : rx_concat);
}

static struct rx_source *combine_latest(struct build *b, const struct stage *s,
					struct rx_source *in)
{
	uint32_t n;
	struct rx_source **all;
	struct rx_source *src;

	if (!arg_given(s, 1))
		return combine(b, s, in, rx_combine_latest);
	all = rest_streams(b, s, in, &n);
	src = rx_combine_latest_by_key(b->ctx, all, n, arg_fn(b, s, 1),
				       arg_count(s, 2, 0));
	mem_free(all);
	return src;
}

static int check_combine_latest(const struct stage *s, struct weir_error *err)
{
	if (arg_given(s, 2) && !arg_given(s, 1))
		return error_set(err, WEIR_EINVAL,
				 "max_keys of combine_latest needs a key: "
				 "combine_latest(@b, on=.id)");
	return 0;
}

static struct rx_source *zip(struct build *b, const struct stage *s,
			     struct rx_source *in)
{
	uint32_t n;
	struct rx_source **all = rest_streams(b, s, in, &n);
	struct rx_source *src = rx_zip(b->ctx, all, n, arg_count(s, 1, 0));

	mem_free(all);
	return src;
}

static struct rx_source *zip_with_list(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	return rx_zip_with_list(in, arg_fn(b, s, 0));
}

static struct rx_source *catch (struct build *b, const struct stage *s,
				struct rx_source *in)
{
	if (s->block)
		return rx_catch(in, NULL, stage_block(b, s, 0));
	return combine(b, s, in, rx_catch_many);
}

static int check_catch(const struct stage *s, struct weir_error *err)
{
	if (s->block && s->n_rest)
		return error_set(err, WEIR_EINVAL,
				 "catch takes a block or streams, not both");
	if (!s->block && !s->n_rest)
		return error_set(err, WEIR_EINVAL,
				 "catch needs a stream or a block: catch(@b) "
				 "or catch { ... }");
	return 0;
}

static struct rx_source *take_until(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_take_until(in, arg_stream(b, s, 0));
}

static struct rx_source *skip_until(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_skip_until(in, arg_stream(b, s, 0));
}

static struct rx_source *join(struct build *b, const struct stage *s,
			      struct rx_source *in)
{
	return rx_join(in, arg_stream(b, s, 0), arg_dur(b, s, 1),
		       arg_dur(b, s, 2), arg_count(s, 3, 0));
}

static struct rx_source *group_join(struct build *b, const struct stage *s,
				    struct rx_source *in)
{
	return rx_group_join(in, arg_stream(b, s, 0), arg_dur(b, s, 1),
			     arg_dur(b, s, 2), stage_block(b, s, 0),
			     arg_count(s, 3, 0));
}

static struct rx_source *retry(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	struct rx_wait wait = RX_NO_WAIT;

	if (arg_given(s, 1))
		wait = (struct rx_wait){
			.has_delay = true,
			.delay = arg_dur(b, s, 1),
			.backoff = arg_number(s, 2, 1),
			.max_ms = arg_ms(s, 3, 0),
			.jitter = arg_number(s, 4, 0),
		};
	wait.reset_on_success = arg_bool(s, 5, false);
	return rx_retry(in, arg_runs(s, 0), wait);
}

static int check_retry(const struct stage *s, struct weir_error *err)
{
	bool stretches = arg_given(s, 2) || arg_given(s, 3) || arg_given(s, 4);

	if (stretches && (!arg_given(s, 1) || arg_is_stream(s, 1)))
		return error_set(err, WEIR_EINVAL,
				 "backoff, max_delay and jitter of retry need "
				 "a delay in milliseconds: retry(3, delay=1s, "
				 "backoff=2)");
	if (arg_number(s, 4, 0) > 1)
		return error_set(err, WEIR_EINVAL,
				 "jitter of retry is a share between 0 and 1");
	return 0;
}

static struct rx_source *repeat(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	struct rx_wait wait = RX_NO_WAIT;

	if (arg_given(s, 1))
		wait = (struct rx_wait){.has_delay = true,
					.delay = arg_dur(b, s, 1)};
	return rx_repeat(in, arg_runs(s, 0), wait);
}

static struct rx_source *on_item_error(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	static const enum rx_item_policy policies[] = {RX_ITEM_SKIP,
						       RX_ITEM_FAIL,
						       RX_ITEM_DEAD_LETTER};

	return rx_on_item_error(in, policies[arg_word(s, 0, 0)]);
}

/* reset_on_ref_count_zero: a span, or whether at all. */
static int64_t arg_linger_ms(const struct stage *s, unsigned i)
{
	if (arg_given(s, i) && s->args[i].kind == ARG_DURATION)
		return s->args[i].ms;
	return arg_bool(s, i, true) ? 0 : -1;
}

static struct rx_source *share(struct build *b, const struct stage *s,
			       struct rx_source *in)
{
	return rx_share_resets(rx_share(in),
			       (struct rx_resets){
				       .on_error = arg_bool(s, 0, true),
				       .on_complete = arg_bool(s, 1, true),
				       .on_zero_ms = arg_linger_ms(s, 2),
			       });
}

/* publish, publish_value and replay do the work of the ref_count behind them,
 * which the check has seen; an auto_connect changes what they made. */
static struct rx_source *publish(struct build *b, const struct stage *s,
				 struct rx_source *in)
{
	return rx_share(in);
}

static struct rx_source *publish_value(struct build *b, const struct stage *s,
				       struct rx_source *in)
{
	return rx_share_value(in, arg_value(s, 0));
}

static struct rx_source *replay(struct build *b, const struct stage *s,
				struct rx_source *in)
{
	return rx_share_replay(in, arg_count(s, 0, 0), arg_ms(s, 1, -1));
}

static struct rx_source *share_replay(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_share_resets(
		rx_share_replay(in, arg_count(s, 0, 1), arg_ms(s, 1, -1)),
		(struct rx_resets){
			.on_error = true,
			.on_zero_ms = arg_bool(s, 2, true) ? 0 : -1,
		});
}

static struct rx_source *auto_connect(struct build *b, const struct stage *s,
				      struct rx_source *in)
{
	return rx_auto_connect(in, arg_count(s, 0, 1));
}

static struct rx_source *ref_count(struct build *b, const struct stage *s,
				   struct rx_source *in)
{
	return in;
}

#define STREAMS                                      \
	{                                            \
		"sources", TAKES_STREAM | PARAM_REST \
	}
#define DELAY_ERROR                                              \
	{                                                        \
		"delay_error", TAKES_BOOL | PARAM_NAMED, "false" \
	}
#define MAX_BUFFER                                                        \
	{                                                                 \
		"max_buffer", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, \
			"65536"                                           \
	}
#define OTHER                         \
	{                             \
		"other", TAKES_STREAM \
	}
#define RUNS(name)                                            \
	{                                                     \
		name, TAKES_COUNT | PARAM_OPTIONAL, "forever" \
	}
#define DELAY                                         \
	{                                             \
		"delay", TAKES_SELECTOR | PARAM_NAMED \
	}
#define ARRAY                         \
	{                             \
		"second", TAKES_ARRAY \
	}
#define LIFETIMES                                                          \
	{"right", TAKES_STREAM}, {"left_duration_mapper", TAKES_SELECTOR}, \
		{"right_duration_mapper", TAKES_SELECTOR}, MAX_BUFFER
#define WINDOW                                            \
	{                                                 \
		"window", TAKES_DURATION | PARAM_OPTIONAL \
	}

const struct op ops_many[] = {
	{.name = "merge",
	 .aliases = "merge_with",
	 .flags = OP_COMBINES,
	 .params = {STREAMS,
		    {"max_concurrent",
		     TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE, "unbounded"},
		    DELAY_ERROR},
	 .does = "the items of all, as they come",
	 .notes = "With max_concurrent, the streams are subscribed in order as "
		  "others end. With delay_error, the first error waits until "
		  "all others have ended; its text then tells how many more "
		  "there were.",
	 .example = {"merge(@b)", "-1---3--|", "--a---b----|"},
	 .build = merge},
	{.name = "concat",
	 .aliases = "concat_with concat_with_iterable",
	 .flags = OP_COMBINES,
	 .params = {STREAMS, DELAY_ERROR},
	 .does = "one stream after the other",
	 .notes = "With delay_error, the first error waits until all have had "
		  "their turn; its text then tells how many more there were.",
	 .example = {"concat(@b)", "-1-2-|", "--a-b|"},
	 .build = concat},
	{.name = "amb",
	 .aliases = "race race_with",
	 .flags = OP_COMBINES,
	 .params = {STREAMS},
	 .does = "the one that signals first",
	 .notes = "A signal is an item, an error or the end. The others are "
		  "cancelled.",
	 .example = {"amb(@b)", "----1--2--|", "--a----b--|"},
	 .build = amb},
	{.name = "combine_latest",
	 .aliases = "combine_latest_with",
	 .flags = OP_COMBINES,
	 .params = {STREAMS,
		    {"on", TAKES_PROGRAM | PARAM_NAMED},
		    {"max_keys", TAKES_COUNT | PARAM_NAMED | PARAM_POSITIVE,
		     "1000000"}},
	 .does = "the latest items of all, whenever one comes",
	 .notes = "It begins when each stream has had an item. With on, a "
		  "program that gives the key of an item, it is a keyed join: "
		  "the latest items of one key come out, at each item of that "
		  "key, once each stream has had one. At most max_keys keys "
		  "are kept; for a new one the key that was updated longest "
		  "ago is forgotten, and begins anew when it comes again.",
	 .example = {"combine_latest(@b)", "-1----2---|", "---a----b-|"},
	 .build = combine_latest,
	 .check = check_combine_latest},
	{.name = "with_latest_from",
	 .flags = OP_COMBINES,
	 .params = {STREAMS},
	 .does = "each item with the latest ones of the others",
	 .notes = "Items that come before each of the others has had one are "
		  "dropped. An end of the others leaves their latest items as "
		  "they are.",
	 .example = {"with_latest_from(@b)", "-1---2---3--|", "--a----b----|"},
	 .build = with_latest_from},
	{.name = "fork_join",
	 .flags = OP_COMBINES,
	 .params = {STREAMS},
	 .does = "the last items of all, when all have ended",
	 .notes = "As soon as one ends without an item, the whole ends without "
		  "one.",
	 .example = {"fork_join(@b)", "-1---2-|", "--a--b---|"},
	 .build = fork_join},
	{.name = "zip",
	 .aliases = "zip_with",
	 .flags = OP_COMBINES,
	 .params = {STREAMS, MAX_BUFFER},
	 .does = "the first items of all, then the second ones ...",
	 .notes = "It ends when a stream that has ended has no item left that "
		  "waits for a partner.",
	 .example = {"zip(@b)", "-1-2---3--|", "--a---b--|"},
	 .build = zip},
	{.name = "zip_with_list",
	 .aliases = "zip_with_iterable",
	 .params = {ARRAY},
	 .does = "each item with the next element of an array",
	 .notes = "It ends with the last element.",
	 .example = {"zip_with_list('[\"a\", \"b\"]')", "-1---2--3-|"},
	 .build = zip_with_list},
	{.name = "on_error_resume_next",
	 .flags = OP_COMBINES,
	 .params = {STREAMS},
	 .does = "one stream after the other, also after errors",
	 .notes = "An error of the last stream is the end.",
	 .example = {"on_error_resume_next(@b)", "-1-2-#", "--a-b|"},
	 .build = on_error_resume_next},
	{.name = "catch",
	 .aliases = "catch_error catch_with_iterable",
	 .flags = OP_COMBINES | OP_BLOCK_MAY,
	 .params = {{"sources", TAKES_STREAM | PARAM_REST | PARAM_OPTIONAL}},
	 .does = "after an error another stream, or a block on its message",
	 .notes = "With streams, the next one takes over after an error, and "
		  "an error of the last is told. In a block, the item is the "
		  "message of the error.",
	 .example = {"catch { map('\"sorry: \" + .') }", "-a-b-#"},
	 .build = catch,
	 .check = check_catch},
	{.name = "take_until",
	 .params = {OTHER},
	 .does = "items up to the first one of another stream",
	 .notes = "The end of the other stream is no signal; an error of it is "
		  "an error.",
	 .example = {"take_until(@b)", "-1-2-3-4-5-|", "------x"},
	 .build = take_until},
	{.name = "skip_until",
	 .params = {OTHER},
	 .does = "items from the first one of another stream on",
	 .notes = "The end of the other stream is no signal: then no item "
		  "comes out, only the end.",
	 .example = {"skip_until(@b)", "-1-2-3-4-5-|", "------x"},
	 .build = skip_until},
	{.name = "join",
	 .params = {LIFETIMES},
	 .does = "each pair of a left and a right item alive together",
	 .notes = "Each item lives from its coming on for as long as its "
		  "selector says. A pair comes out when the later of the two "
		  "comes.",
	 .example = {"join(@b, 40ms, 20ms)", "-1----2------|",
		     "--a-b----c---|"},
	 .build = join},
	{.name = "group_join",
	 .flags = OP_BLOCK,
	 .params = {LIFETIMES},
	 .does = "each left item with the block on its right items",
	 .notes = "The block gets the right items that are alive together with "
		  "a left one; [left item, r] comes out for each r that it "
		  "gives.",
	 .example = {"group_join(@b, 50ms, 20ms) { count }",
		     "-1-------2--------|", "--a-b------c------|"},
	 .build = group_join},
	{.name = "retry",
	 .params = {RUNS("retry_count"),
		    DELAY,
		    {"backoff", TAKES_NUMBER | PARAM_NAMED | PARAM_POSITIVE,
		     "1"},
		    {"max_delay",
		     TAKES_DURATION | PARAM_NAMED | PARAM_POSITIVE},
		    {"jitter", TAKES_NUMBER | PARAM_NAMED, "0"},
		    {"reset_on_success", TAKES_BOOL | PARAM_NAMED, "false"}},
	 .does = "again after an error; n runs in all",
	 .notes =
		 "n counts runs, as in RxPY; RxJS counts retries. A delay that "
		 "is a program gets the message of the error and gives "
		 "milliseconds; one that is a @stream ends with the first "
		 "item of that stream, or with its end. Each wait in a row is "
		 "backoff times the one before, at most max_delay, and varies "
		 "by the share jitter (0 to 1) of it. With reset_on_success an "
		 "item makes runs and waits count anew.",
	 .example = {"retry(3, delay=20ms, backoff=2)", "-a#"},
	 .build = retry,
	 .check = check_retry},
	{.name = "repeat",
	 .params = {RUNS("repeat_count"), DELAY},
	 .does = "again after the end; n runs in all",
	 .notes =
		 "A delay that is a program gets the number of runs so far and "
		 "gives milliseconds; one that is a @stream ends with the "
		 "first item of that stream, or with its end.",
	 .example = {"repeat(3, delay=20ms)", "-a-b|"},
	 .build = repeat},
	{.name = "on_item_error",
	 .params = {{"policy", TAKES_WORD, NULL, "skip fail dead_letter"}},
	 .does = "what becomes of items that fail in the stages before it",
	 .notes = "It covers the stages before it up to the previous "
		  "on_item_error, with their blocks and the streams they "
		  "subscribe, whatever the surroundings "
		  "do otherwise (a server skips, weir run and weir marble "
		  "fail). 'skip' goes on without the item, 'fail' ends the "
		  "stream with the error. 'dead_letter' goes on, and "
		  "{\"error\": message, \"item\": the item} comes out in its "
		  "place; the item is null where it is not known any more. Of "
		  "a shared run, letters come out at the subscriber that began "
		  "it.",
	 .example = {"map('1 / .') | on_item_error('dead_letter')", "-1-0-2-|"},
	 .build = on_item_error},
	{.name = "share",
	 .params = {{"reset_on_error", TAKES_BOOL | PARAM_NAMED, "true"},
		    {"reset_on_complete", TAKES_BOOL | PARAM_NAMED, "true"},
		    {"reset_on_ref_count_zero",
		     TAKES_BOOL | TAKES_DURATION | PARAM_NAMED, "true"}},
	 .does = "one run for all subscribers",
	 .notes = "The first subscriber begins the run, the last one who goes "
		  "ends it, and who comes after its error or end begins a new "
		  "one. Where an error or end does not reset it, who comes "
		  "later is told that at once. reset_on_ref_count_zero=false "
		  "lets the run go on without subscribers, a duration for that "
		  "long; in any case it ends when the pipeline that has it "
		  "does.",
	 .example =
		 {"share(reset_on_ref_count_zero=30ms) | take(1) | repeat(3)",
		  "-1-2-3-4-|"},
	 .build = share},
	{.name = "publish",
	 .flags = OP_CONNECTS,
	 .does = "with ref_count: one run for all subscribers",
	 .notes = "ref_count or auto_connect(n) stands behind it and says when "
		  "the run begins.",
	 .example = {"publish | ref_count | take(2) | repeat(2)", "-1-2-3-4-|"},
	 .build = publish},
	{.name = "publish_value",
	 .flags = OP_CONNECTS,
	 .params = {{"initial_value", TAKES_VALUE}},
	 .does = "publish; who comes later gets the latest item first",
	 .notes = "Before the first item that is the initial value.",
	 .example = {"publish_value('none') | ref_count", "---1--2--3-|"},
	 .build = publish_value},
	{.name = "replay",
	 .flags = OP_CONNECTS,
	 .params = {{"buffer_size",
		     TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE, "65536"},
		    WINDOW},
	 .does = "publish; who comes later gets the last items first",
	 .notes = "It remembers the last buffer_size items; with a window, "
		  "those not older than that. Older ones are forgotten. After "
		  "a good end they are kept, and who comes then gets them and "
		  "the end.",
	 .example = {"replay(2) | ref_count | repeat(2)", "-1-2-3|"},
	 .build = replay},
	{.name = "share_replay",
	 .params = {{"buffer_size",
		     TAKES_COUNT | PARAM_OPTIONAL | PARAM_POSITIVE, "1"},
		    WINDOW,
		    {"ref_count", TAKES_BOOL | PARAM_NAMED, "true"}},
	 .does = "replay | ref_count, of one item unless told otherwise",
	 .notes = "With ref_count=false the run goes on without subscribers, "
		  "until the pipeline that has it ends.",
	 .example = {"share_replay | repeat(2)", "-1-2-3|"},
	 .build = share_replay},
	{.name = "ref_count",
	 .flags = OP_REF_COUNT,
	 .does = "runs what stands before it while somebody subscribes",
	 .example = {"publish | ref_count | take(2) | repeat(2)", "-1-2-3-4-|"},
	 .build = ref_count},
	{.name = "auto_connect",
	 .flags = OP_REF_COUNT,
	 .params = {{"subscriber_count", TAKES_COUNT | PARAM_OPTIONAL, "1"}},
	 .does = "begins what stands before it at the n-th subscriber",
	 .notes =
		 "The run then goes on without subscribers, until the pipeline "
		 "that has it ends, and is the only one: who comes after its "
		 "error or end gets that. With 0 the first subscriber begins "
		 "the run before it listens itself, so that what comes at "
		 "once is heard only through a replay.",
	 .example = {"publish | auto_connect | take(2) | repeat(2)",
		     "-1-2-3-4-|"},
	 .build = auto_connect},
	{0},
};
