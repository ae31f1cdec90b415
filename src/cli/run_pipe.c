/* run_pipe.c - see run_pipe.h.
 *
 *     asleep --- somebody subscribes ---> waits for bytes, or for its turn
 *       ^                                     |
 *       '------- nobody listens ------- reads a slice ---> ended
 *                or one is on hold
 *
 * What epoll refuses, a regular file or /dev/null, never makes a read wait; it
 * is read a slice a turn, by a timer that is due at once: a deferred task would
 * run again within the turn, ahead of all timers.
 */
#include "cli/run_pipe.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rx/op.h"
#include "rx/subject.h"

struct pipe_stream {
	struct rx_source *source; /* ours */
	struct rx_subject *subject;
	struct loop *loop;
	struct reader reader;
	struct loop_poll *poll; /* NULL: always readable */
	struct loop_timer turn;
	uint32_t on_hold; /* listeners that can take no more now */
	bool ended;
};

/* Does somebody listen, and can all who do take more? */
static bool is_heard(const struct pipe_stream *p)
{
	return !p->ended && !p->on_hold && rx_subject_listeners(p->subject) > 0;
}

static void on_turn(struct loop_timer *t);

static void fall_asleep(struct pipe_stream *p)
{
	if (p->poll)
		loop_poll_set(p->poll, 0);
	loop_timer_stop(p->loop, &p->turn);
	reader_rest(&p->reader);
}

/* Sees to it that the next slice is read when it can be. */
static void settle(struct pipe_stream *p)
{
	bool wait = p->poll && !p->reader.rest.len;

	if (!is_heard(p)) {
		fall_asleep(p);
		return;
	}
	if (p->poll)
		loop_poll_set(p->poll, wait ? LOOP_READABLE : 0);
	if (!wait && !loop_timer_active(&p->turn))
		loop_timer_start(p->loop, &p->turn, loop_now_ms(p->loop),
				 on_turn);
}

static bool give(void *arg, struct value v)
{
	struct pipe_stream *p = arg;

	rx_next(rx_subject_observer(p->subject), v);
	return is_heard(p);
}

static void read_slice(struct pipe_stream *p)
{
	struct rx_observer *to = rx_subject_observer(p->subject);
	struct weir_error err;
	int rc = WEIR_ECANCELED;

	if (is_heard(p))
		rc = reader_slice(&p->reader, clock_ms() + READER_MS, give, p,
				  &err);
	if (rc == 0 || rc == WEIR_EAGAIN || rc == WEIR_ECANCELED) {
		settle(p);
		return;
	}
	p->ended = true;
	fall_asleep(p);
	if (rc == WEIR_EOF)
		rx_done(to);
	else
		rx_error(to, &err);
}

static void on_turn(struct loop_timer *t)
{
	read_slice(CONTAINER_OF(t, struct pipe_stream, turn));
}

static void on_readable(void *arg, int events, int error)
{
	read_slice(arg);
}

/* --- the stream ---------------------------------------------------------- */

/* The subject's, and somebody listens now. */
struct heard_source {
	struct rx_source source;
	struct pipe_stream *pipe; /* borrowed */
};

static void start(struct rx_sub *s)
{
	struct pipe_stream *p =
		CONTAINER_OF(s->src, struct heard_source, source)->pipe;

	rx_subscribe_in(s);
	settle(p);
}

static void hold(struct rx_sub *s)
{
	struct pipe_stream *p =
		CONTAINER_OF(s->src, struct heard_source, source)->pipe;

	if (s->on_hold)
		p->on_hold++;
	else
		p->on_hold--;
	settle(p);
}

/* Who goes holds up nobody; the rest may go on, without a call in here. */
static void stop(struct rx_sub *s)
{
	struct pipe_stream *p =
		CONTAINER_OF(s->src, struct heard_source, source)->pipe;

	if (!s->on_hold)
		return;
	p->on_hold--;
	settle(p);
}

static const struct rx_source_ops ops = {
	.name = "input",
	.source_bytes = sizeof(struct heard_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {rx_pass_next, rx_pass_error, rx_pass_done},
	.start = start,
	.stop = stop,
	.hold = hold,
};

struct pipe_stream *pipe_stream_create(struct loop *l, struct rx_ctx *ctx,
				       const struct reader_conf *conf,
				       const char *file, int fd)
{
	struct pipe_stream *p = mem_zalloc(sizeof *p);
	struct heard_source *heard;

	p->loop = l;
	p->subject = rx_subject_create_remembering(ctx);
	heard = rx_source_new(&ops, ctx, rx_subject_source(p->subject));
	heard->pipe = p;
	p->source = &heard->source;
	reader_init(&p->reader, conf, file, fd);
	/* Other programs have fd, too, so it stays blocking: it is read only
	 * when the poll says so. */
	p->poll = loop_poll_open(p->loop, fd, on_readable, p);
	p->reader.at_once = !p->poll;
	return p;
}

void pipe_stream_destroy(struct pipe_stream *p)
{
	if (!p)
		return;
	fall_asleep(p);
	loop_poll_close(p->poll);
	reader_fini(&p->reader);
	rx_subject_destroy(p->subject);
	rx_source_unref(p->source);
	mem_free(p);
}

struct rx_source *pipe_stream_source(struct pipe_stream *p)
{
	return rx_source_ref(p->source);
}

void pipe_stream_end(struct pipe_stream *p)
{
	if (p->ended)
		return;
	p->ended = true;
	fall_asleep(p);
	rx_done(rx_subject_observer(p->subject));
}
