/* run_output.c - see run_output.h.
 *
 * Standard output is shared with others, the shell for one: making it
 * non-blocking would change it for them, too. So poll says when there is room,
 * and no write is longer than what a pipe with room takes without waiting.
 */
#include "cli/run_output.h"

#include "json/write.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* Waits until there is room. A signal does not end the waiting: the first one
 * is seen to later, the second one ends the process. */
static void wait_for_room(struct output *o)
{
	struct pollfd fd = {STDOUT_FILENO, POLLOUT, 0};

	if (poll(&fd, 1, 0) > 0)
		return;
	while (poll(&fd, 1, PROGRESS_MS) <= 0)
		progress_look(o->progress);
	/* The turn began long ago: timers that start now count from now. */
	loop_update(o->loop);
}

static void write_some(struct output *o)
{
	size_t len = buf_len(&o->held);
	ssize_t n;

	if (o->waits) {
		wait_for_room(o);
		len = MIN(len, PIPE_BUF);
	}
	n = write(STDOUT_FILENO, buf_bytes(&o->held), len);
	if (n >= 0) {
		buf_consume(&o->held, (size_t)n);
	} else if (errno == EAGAIN) {
		o->waits = true;
	} else if (errno != EINTR) {
		o->is_lost = true;
		o->broken(o->arg, errno);
	}
	o->counts->held_bytes = buf_len(&o->held);
}

void output_flush(struct output *o)
{
	if (o->is_tty && buf_len(&o->held))
		progress_hide(o->progress);
	while (buf_len(&o->held) && !o->is_lost)
		write_some(o);
	/* What one long item needed is given back. */
	if (o->held.cap > 4 * OUTPUT_HELD_MAX)
		buf_fini(&o->held);
}

static void on_turn_end(struct loop_task *t)
{
	output_flush(CONTAINER_OF(t, struct output, flush));
}

void output_init(struct output *o)
{
	struct stat st = {0};

	o->flush.fn = on_turn_end;
	o->is_tty = isatty(STDOUT_FILENO);
	fstat(STDOUT_FILENO, &st);
	/* Files and /dev/null always have room. */
	o->waits = o->is_tty || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

void output_fini(struct output *o)
{
	loop_defer_cancel(&o->flush);
	buf_fini(&o->held);
}

void output_put(struct output *o, struct value v)
{
	if (o->is_lost)
		return;
	if (o->raw && value_type(v) == VALUE_STRING)
		buf_append_str(&o->held, value_str(v));
	else
		json_write(v, &o->held);
	buf_append_char(&o->held, '\n');
	o->counts->items_out++;
	o->counts->held_bytes = buf_len(&o->held);
	if (buf_len(&o->held) >= OUTPUT_HELD_MAX)
		output_flush(o);
	else
		loop_defer(o->loop, &o->flush);
}
