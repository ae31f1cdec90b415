/* share.c - one run of the source for all who subscribe.
 *
 *     share           the first subscriber begins the run, the last one who
 *                     goes ends it; who comes in between hears what comes
 *     share_value     tells each newcomer the latest item (at first v) at once
 *     share_replay    tells each newcomer the last n items, those not older
 *                     than the window, at once
 *
 *     source     -a-b-c-d-|
 *     A          -a-b-c-d-|
 *     B              (ab)c-d-|     share_replay: came between b and c
 *
 * After the end of a run the next subscriber begins a new one (RxJS 7); only a
 * replay that ended well gives what it remembers, and the end. rx_share_resets
 * changes that: an error or an end can stay, and a run can go on for a while,
 * or for ever, when nobody listens:
 *
 *     on_zero_ms = 30    A          -a-b-X
 *                        B                  -d-e-     still the run of A
 *
 * rx_auto_connect(n) lets the n-th subscriber begin the one and only run.
 *
 * This is the one stage whose state lives in the source, since its
 * subscriptions share it. So a run that nobody listens to ends at the latest
 * when nobody holds the description any more.
 */
#include "rx/op.h"
#include "rx/subject.h"

#include <assert.h>

enum kind { KIND_SHARE, KIND_VALUE, KIND_REPLAY };

struct share_source {
	struct rx_source source;
	enum kind kind;
	uint32_t n;	   /* replay: items to remember */
	int64_t window_ms; /* replay: below 0 no limit */
	struct value initial;
	struct rx_resets resets;
	uint64_t connect_at; /* the subscriber, from 1, that begins the run; 0:
			      * the first one, before it listens itself */

	struct rx_observer hub;	    /* hears the run */
	struct rx_sub *run;	    /* ours; NULL between runs */
	struct rx_subject *subject; /* ours; of the present run */
	struct rx_queue remembered; /* at: when an item came */
	struct rx_timer linger;	    /* until the run ends, as nobody listens */
	uint32_t listeners;
	uint64_t came;		  /* subscribers so far */
	bool connected;		  /* there is a run */
	bool ended;		  /* for good: nothing resets it */
	struct weir_error *error; /* ours: how; NULL: well */
};

struct share {
	struct rx_sub sub;
	struct rx_inlet hub;
};

static struct share_source *source_of(const struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct share_source, source);
}

static struct share_source *of_hub(struct rx_observer *o)
{
	return CONTAINER_OF(o, struct share_source, hub);
}

static void remember(struct share_source *src, struct value v)
{
	if (src->kind == KIND_SHARE)
		return;
	/* Without its cause: it has come out, nobody waits for it. */
	rx_queue_push(&src->remembered, (struct rx_item){.v = value_ref(v)},
		      rx_sched_now_ms(src->source.ctx->sched));
	if (src->remembered.len > src->n)
		rx_item_drop(rx_queue_pop(&src->remembered));
}

static void forget_old(struct share_source *src)
{
	int64_t now_ms = rx_sched_now_ms(src->source.ctx->sched);

	while (src->window_ms >= 0 && src->remembered.len &&
	       now_ms - rx_queue_at(&src->remembered, 0)->at > src->window_ms)
		rx_item_drop(rx_queue_pop(&src->remembered));
}

static void end_run(struct share_source *src)
{
	struct rx_subject *subject = src->subject;

	src->subject = NULL;
	src->connected = false;
	rx_sub_drop(&src->run);
	rx_subject_destroy(subject);
	rx_queue_clear(&src->remembered);
}

static void linger_over(struct rx_timer *t)
{
	end_run(CONTAINER_OF(t, struct share_source, linger));
}

static void hub_next(struct rx_observer *o, struct value v)
{
	struct share_source *src = of_hub(o);

	remember(src, v);
	rx_next(rx_subject_observer(src->subject), v);
}

/* The run has ended, with err unless that is NULL. The listeners are told last:
 * one of them may begin a new run. */
static void run_ended(struct share_source *src, const struct weir_error *err)
{
	struct rx_subject *subject = src->subject;

	rx_timer_stop(src->source.ctx->sched, &src->linger);
	src->subject = NULL;
	src->connected = false;
	rx_sub_drop(&src->run);
	if (err ? src->resets.on_error : src->resets.on_complete) {
		rx_queue_clear(&src->remembered);
	} else {
		src->ended = true;
		src->error = err ? mem_dup(err, sizeof *err) : NULL;
	}
	if (err)
		rx_error(rx_subject_observer(subject), err);
	else
		rx_done(rx_subject_observer(subject));
	rx_subject_destroy(subject);
}

static void hub_error(struct rx_observer *o, const struct weir_error *err)
{
	run_ended(of_hub(o), err);
}

static void hub_done(struct rx_observer *o)
{
	run_ended(of_hub(o), NULL);
}

static const struct rx_observer_ops hub_ops = {hub_next, hub_error, hub_done};

/* What a newcomer is told at once; copied, since it may change meanwhile. */
static void tell_remembered(struct rx_sub *s)
{
	struct share_source *src = source_of(s);
	struct rx_queue items = {0};

	forget_old(src);
	if (src->kind == KIND_VALUE && !src->remembered.len)
		rx_queue_push(&items, rx_item_hold(src->initial), 0);
	for (uint32_t i = 0; i < src->remembered.len; i++)
		rx_queue_push(&items,
			      rx_item_hold(
				      rx_queue_at(&src->remembered, i)->item.v),
			      0);
	while (items.len && !s->halted)
		rx_emit_item(s, rx_queue_pop(&items));
	rx_queue_clear(&items);
}

/* Item errors of the run go where those of its first subscriber do. */
static void begin_run(struct share_source *src, const struct rx_sub *first)
{
	src->connected = true;
	src->hub.ops = &hub_ops;
	rx_subscribe_for(first, src->source.in, &src->hub, &src->run);
}

static void prepare_subject(struct share_source *src)
{
	if (!src->subject)
		src->subject = rx_subject_create(src->source.ctx);
}

static void tell_end(struct rx_sub *s)
{
	struct share_source *src = source_of(s);

	if (src->error)
		rx_finish_error(s, src->error);
	else
		rx_finish_done(s);
}

static void start(struct rx_sub *s)
{
	struct share_source *src = source_of(s);
	struct rx_source *stream;

	src->listeners++;
	src->came++;
	rx_timer_stop(rx_sched_of(s), &src->linger);
	if (!src->connect_at && !src->connected && !src->ended) {
		prepare_subject(src);
		begin_run(src, s);
	}
	tell_remembered(s);
	if (s->halted)
		return;
	if (src->ended) {
		tell_end(s);
		return;
	}
	prepare_subject(src);
	stream = rx_subject_source(src->subject);
	rx_inlet_open(&CONTAINER_OF(s, struct share, sub)->hub, s,
		      &rx_inlet_takes_over, stream);
	rx_source_unref(stream);
	if (!src->connected && src->came >= src->connect_at)
		begin_run(src, s);
}

static void stop(struct rx_sub *s)
{
	struct share_source *src = source_of(s);

	rx_inlet_close(&CONTAINER_OF(s, struct share, sub)->hub);
	if (--src->listeners || !src->connected || src->resets.on_zero_ms < 0)
		return;
	if (src->resets.on_zero_ms)
		rx_timer_start(rx_sched_of(s), &src->linger,
			       rx_deadline_ms(s, src->resets.on_zero_ms),
			       linger_over);
	else
		end_run(src);
}

static void destroy(struct rx_source *source)
{
	struct share_source *src =
		CONTAINER_OF(source, struct share_source, source);

	rx_timer_stop(source->ctx->sched, &src->linger);
	if (src->subject)
		end_run(src);
	value_unref(src->initial);
	rx_queue_clear(&src->remembered);
	mem_free(src->error);
}

static const struct rx_source_ops ops = {
	.name = "share",
	.source_bytes = sizeof(struct share_source),
	.sub_bytes = sizeof(struct share),
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

static struct share_source *share_new(struct rx_source *in, enum kind kind,
				      uint32_t n)
{
	struct share_source *src = rx_source_new(&ops, NULL, in);

	src->kind = kind;
	src->n = n;
	src->window_ms = -1;
	src->connect_at = 1;
	src->resets = (struct rx_resets){.on_error = true,
					 .on_complete = kind != KIND_REPLAY};
	return src;
}

struct rx_source *rx_share(struct rx_source *in)
{
	return &share_new(in, KIND_SHARE, 0)->source;
}

struct rx_source *rx_share_value(struct rx_source *in, struct value v)
{
	struct share_source *src = share_new(in, KIND_VALUE, 1);

	src->initial = v;
	return &src->source;
}

struct rx_source *rx_share_replay(struct rx_source *in, uint32_t n,
				  int64_t window_ms)
{
	struct share_source *src =
		share_new(in, KIND_REPLAY, n ? n : RX_MAX_BUFFER_DEFAULT);

	src->window_ms = window_ms;
	return &src->source;
}

static struct share_source *fresh_share(struct rx_source *shared)
{
	struct share_source *src =
		CONTAINER_OF(shared, struct share_source, source);

	assert(shared->ops == &ops && !src->came);
	return src;
}

struct rx_source *rx_share_resets(struct rx_source *shared,
				  struct rx_resets resets)
{
	fresh_share(shared)->resets = resets;
	return shared;
}

struct rx_source *rx_auto_connect(struct rx_source *shared, uint32_t n)
{
	struct share_source *src = fresh_share(shared);

	src->connect_at = n;
	src->resets = (struct rx_resets){.on_zero_ms = -1};
	return shared;
}
