/* retry.c - subscribes anew after an error (retry) or after the end (repeat).
 *
 *     source       -a-#                source       -a-|
 *     retry(3)     -a--a--a-#          repeat(3)    -a--a--a-|
 *
 * Both count runs, as RxPY does; RxJS counts retries: its retry(2) is our
 * retry(3). None at all ends at once. A source that ends at once, again and
 * again, is begun by a loop that pauses, see again.c.
 */
#include "rx/op.h"

struct retry_source {
	struct rx_source source;
	uint64_t runs;
};

struct retry {
	struct rx_sub sub;
	struct rx_rounds rounds;
	uint64_t begun;
};

static void run(struct rx_sub *s)
{
	CONTAINER_OF(s, struct retry, sub)->begun++;
	rx_sub_drop(&s->in);
	rx_subscribe_in(s);
}

static void again(struct rx_sub *s)
{
	rx_rounds_go(&CONTAINER_OF(s, struct retry, sub)->rounds, s, run,
		     again);
}

static bool was_last(struct rx_sub *s)
{
	uint64_t runs = CONTAINER_OF(s->src, struct retry_source, source)->runs;

	return runs != RX_FOREVER &&
	       CONTAINER_OF(s, struct retry, sub)->begun >= runs;
}

static void again_after_error(struct rx_observer *o,
			      const struct weir_error *err)
{
	if (was_last(rx_sub_of(o)))
		rx_finish_error(rx_sub_of(o), err);
	else
		again(rx_sub_of(o));
}

static void again_after_done(struct rx_observer *o)
{
	if (was_last(rx_sub_of(o)))
		rx_finish_done(rx_sub_of(o));
	else
		again(rx_sub_of(o));
}

static void start(struct rx_sub *s)
{
	if (was_last(s))
		rx_finish_done(s);
	else
		again(s);
}

static void stop(struct rx_sub *s)
{
	rx_rounds_stop(&CONTAINER_OF(s, struct retry, sub)->rounds);
}

static const struct rx_source_ops retry_ops = {
	.name = "retry",
	.source_bytes = sizeof(struct retry_source),
	.sub_bytes = sizeof(struct retry),
	.in = {rx_pass_next, again_after_error, rx_pass_done},
	.start = start,
	.stop = stop,
};

static const struct rx_source_ops repeat_ops = {
	.name = "repeat",
	.source_bytes = sizeof(struct retry_source),
	.sub_bytes = sizeof(struct retry),
	.in = {rx_pass_next, rx_pass_error, again_after_done},
	.start = start,
	.stop = stop,
};

static struct rx_source *retry_new(const struct rx_source_ops *ops,
				   struct rx_source *in, uint64_t runs)
{
	struct retry_source *src = rx_source_new(ops, NULL, in);

	src->runs = runs;
	return &src->source;
}

struct rx_source *rx_retry(struct rx_source *in, uint64_t runs)
{
	return retry_new(&retry_ops, in, runs);
}

struct rx_source *rx_repeat(struct rx_source *in, uint64_t runs)
{
	return retry_new(&repeat_ops, in, runs);
}
