/* retry.c - subscribes anew after an error.
 *
 *     source       -a-#            (each time)
 *     retry(3)     -a--a--a-#      three runs in all
 *
 * RxPY counts runs, RxJS retries: its retry(2) is our retry(3). A source that
 * fails at once, again and again, is begun by a loop, not by recursion, with a
 * pause after every RX_SLICE runs so that others get their turn.
 */
#include "rx/op.h"

struct retry_source {
	struct rx_source source;
	uint64_t runs;
};

struct retry {
	struct rx_sub sub;
	struct rx_pause pause;
	uint64_t begun;
	bool starting; /* a frame below runs the loop */
	bool again;    /* it is to go round */
};

static void run(struct rx_sub *s)
{
	struct retry *r = CONTAINER_OF(s, struct retry, sub);
	uint32_t steps = 0;

	if (r->starting)
		return;
	r->starting = true;
	r->again = true;
	while (r->again && !s->halted) {
		r->again = false;
		if (steps++ == RX_SLICE) {
			rx_pause_begin(&r->pause, s, run);
			break;
		}
		rx_sub_drop(&s->in);
		r->begun++;
		rx_subscribe_in(s);
	}
	r->starting = false;
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct retry *r = CONTAINER_OF(o, struct retry, sub.up);
	struct retry_source *src =
	        CONTAINER_OF(r->sub.src, struct retry_source, source);

	if (r->begun >= src->runs) {
		rx_finish_error(&r->sub, err);
		return;
	}
	r->again = true;
	run(&r->sub);
}

static void stop(struct rx_sub *s)
{
	rx_pause_stop(&CONTAINER_OF(s, struct retry, sub)->pause);
}

static const struct rx_source_ops ops = {
        .name = "retry",
        .source_bytes = sizeof(struct retry_source),
        .sub_bytes = sizeof(struct retry),
        .in = {rx_pass_next, on_error, rx_pass_done},
        .start = run,
        .stop = stop,
};

struct rx_source *rx_retry(struct rx_source *in, uint64_t runs)
{
	struct retry_source *src = rx_source_new(&ops, NULL, in);

	src->runs = runs ? runs : 1;
	return &src->source;
}
