/* run_file.c - see run_file.h. */
#include "cli/run_file.h"

#include "base/clock.h"
#include "rx/op.h"

#include <errno.h>
#include <fcntl.h>

struct file_stream {
	struct rx_source source; /* first: freed by the frame */
	const struct reader_conf *conf;
	const char *path;
	struct list readings;
	bool ended;
};

struct reading {
	struct rx_sub sub;
	struct list link;
	struct reader reader;
	struct rx_pause pause;
};

static struct file_stream *stream_of(struct rx_sub *s)
{
	return CONTAINER_OF(s->src, struct file_stream, source);
}

static struct reading *reading_of(struct rx_sub *s)
{
	return CONTAINER_OF(s, struct reading, sub);
}

static bool give(void *arg, struct value v)
{
	struct rx_sub *s = arg;

	rx_next(s->down, v);
	return rx_may_emit(s);
}

static void go_on(struct rx_sub *s);

static void read_until(struct rx_sub *s, int64_t until_ms)
{
	struct reading *r = reading_of(s);
	struct weir_error err;
	int rc = reader_slice(&r->reader, until_ms, give, s, &err);

	if (s->halted)
		return;
	if (rc == 0 || rc == WEIR_ECANCELED)
		rx_pause_begin(&r->pause, s, go_on);
	else if (rc == WEIR_EOF)
		rx_finish_done(s);
	else
		rx_finish_error(s, &err);
}

static void go_on(struct rx_sub *s)
{
	read_until(s, clock_ms() + READER_MS);
}

static void start(struct rx_sub *s)
{
	struct file_stream *f = stream_of(s);
	struct reading *r = reading_of(s);
	int fd = -1;

	list_init(&r->link);
	if (!f->ended)
		fd = open(f->path, O_RDONLY | O_CLOEXEC);
	reader_init(&r->reader, f->conf, f->path, fd);
	r->reader.at_once = true;
	if (f->ended) {
		rx_finish_done(s);
	} else if (fd < 0) {
		struct weir_error err;

		error_sys(&err, errno, "cannot read %s", f->path);
		rx_finish_error(s, &err);
	} else {
		list_push(&f->readings, &r->link);
		read_until(s, CLOCK_NEVER);
	}
}

static void stop(struct rx_sub *s)
{
	struct reading *r = reading_of(s);

	list_remove(&r->link);
	rx_pause_stop(&r->pause);
	/* Now, not in fini: descriptors are few. */
	reader_close(&r->reader);
}

/* Nobody has to wait for one that waits itself. */
static void hold(struct rx_sub *s)
{
	struct reading *r = reading_of(s);

	if (s->on_hold)
		reader_rest(&r->reader);
	rx_pause_held(&r->pause);
}

static void fini(struct rx_sub *s)
{
	reader_fini(&reading_of(s)->reader);
}

static const struct rx_source_ops ops = {
	.name = "file",
	.source_bytes = sizeof(struct file_stream),
	.sub_bytes = sizeof(struct reading),
	.start = start,
	.stop = stop,
	.fini = fini,
	.hold = hold,
};

struct file_stream *file_stream_create(struct rx_ctx *ctx,
				       const struct reader_conf *conf,
				       const char *path)
{
	struct file_stream *f = rx_source_new(&ops, ctx, NULL);

	f->conf = conf;
	f->path = path;
	list_init(&f->readings);
	return f;
}

void file_stream_destroy(struct file_stream *f)
{
	if (f)
		rx_source_unref(&f->source);
}

struct rx_source *file_stream_source(struct file_stream *f)
{
	return rx_source_ref(&f->source);
}

void file_stream_end(struct file_stream *f)
{
	struct list *link;

	f->ended = true;
	/* The end of one may cancel others: from the start each time. */
	while ((link = list_pop(&f->readings)))
		rx_finish_done(&CONTAINER_OF(link, struct reading, link)->sub);
}
