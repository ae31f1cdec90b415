/* tail.c - follows a file as it grows: each line is a part.
 *
 *     {kind: tail, path: /var/log/app.log, from: end, format: auto}
 *
 *      inotify ---.
 *                 +--> read what is new --> lines --> parts
 *      500 ms  ---'         |
 *                           `--> at the end: is the path still this file?
 *                                renamed or removed: read it out, open the new
 *                                one when it is there, from its beginning
 *                                shorter than before: tell it, begin anew
 *
 * The clock beside inotify finds rotation (the watch is on the old file) and
 * serves file systems without notifications.
 */
#include "base/log.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "source/parts.h"
#include "source/source.h"
#include "source/template.h"
#include "wire/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS	   500
#define READ_BYTES 65536

struct tail_conf {
	struct value path;
	int from;
	int format;
	int64_t line_max;
	bool wait;
};

struct tail_source {
	struct source s;
	struct tail_conf conf;
	struct template *path;
};

static const char *const froms[] = {"end", "beginning", NULL};
static const char *const formats[] = {"auto", "json", "text", NULL};

enum { FROM_END, FROM_BEGINNING };

static const struct conf_field fields[] = {
	{"path", CONF_VALUE, offsetof(struct tail_conf, path),
	 .required = true},
	{"from", CONF_CHOICE, offsetof(struct tail_conf, from),
	 .choices = froms},
	{"format", CONF_CHOICE, offsetof(struct tail_conf, format),
	 .choices = formats},
	{"line_max", CONF_BYTES, offsetof(struct tail_conf, line_max),
	 .min = 16, .max = 64 << 20},
	{"wait", CONF_BOOL, offsetof(struct tail_conf, wait)},
	{0},
};

static struct tail_source *tail_of(struct source *s)
{
	return CONTAINER_OF(s, struct tail_source, s);
}

static void destroy(struct source *s)
{
	struct tail_source *t = tail_of(s);

	conf_free(fields, &t->conf);
	template_destroy(t->path);
}

static int configure(struct source *s, struct value conf, const char *pointer,
		     struct conf_error *e)
{
	struct tail_source *t = tail_of(s);
	char at[CONF_POINTER_MAX];

	t->conf.line_max = 1 << 20;

	int rc = conf_read(conf, pointer, fields, &t->conf, e);

	if (rc < 0)
		return rc;
	if (!value_str(t->conf.path).len)
		return conf_fail(e, pointer, "path", "path is a file's path");
	t->path = template_create(t->conf.path, TEMPLATE_PATH,
				  conf_pointer(at, pointer, STR("path")), e);
	return t->path ? 0 : WEIR_EINVAL;
}

/* --- a run -----------------------------------------------------------------
 */

struct tail {
	struct tail_source *source;
	struct source_run *run;
	char *path;
	int fd;
	struct stat st; /* of fd, when it was opened */
	off_t at;
	struct lines lines;
	uint64_t line_nr;
	struct loop_watch *watch; /* NULL: only the clock looks */
	struct fiber *fiber;
	char *scratch; /* READ_BYTES */
};

static void on_change(void *arg)
{
	struct tail *t = arg;

	fiber_wake(t->fiber, 0);
}

static int cannot(struct tail *t, int sys_errno, struct weir_error *err)
{
	int rc = error_from_errno(sys_errno);

	return error_set(err, rc, "cannot follow %s: %s", t->path,
			 weir_strerror(rc));
}

static void close_file(struct tail *t)
{
	loop_watch_close(t->watch);
	t->watch = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static int open_file(struct tail *t, struct weir_error *err)
{
	/* O_NONBLOCK: opening a pipe must not wait for its writer. */
	t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (t->fd < 0)
		return cannot(t, errno, err);
	if (fstat(t->fd, &t->st) < 0)
		return cannot(t, errno, err);
	if (!S_ISREG(t->st.st_mode))
		return error_set(err, WEIR_EINVAL,
				 "cannot follow %s: it is no regular file",
				 t->path);
	t->at = 0;
	if (loop_watch_open(fiber_loop(), t->path, on_change, t, &t->watch) < 0)
		t->watch = NULL;
	return 0;
}

/* Emits the lines of some bytes, and at the end what has no line end yet. */
static int emit_lines(struct tail *t, struct str bytes, bool end)
{
	struct str line;
	int rc;

	for (;;) {
		rc = lines_next(&t->lines, &bytes, end, &line);
		if (rc == WEIR_EAGAIN)
			return 0;
		t->line_nr++;
		if (rc == WEIR_ETOOBIG) {
			parts_warn_long(t->run, 0, t->path, t->line_nr,
					(size_t)t->source->conf.line_max);
			continue;
		}
		rc = parts_emit_line(t->run, 0, line,
				     (enum line_format)t->source->conf.format,
				     t->path, t->line_nr);
		if (rc < 0)
			return rc;
	}
}

/* Reads until there is nothing new. */
static int read_new(struct tail *t, struct weir_error *err)
{
	for (;;) {
		ssize_t n = pread(t->fd, t->scratch, READ_BYTES, t->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot(t, errno, err);
		if (n == 0)
			return 0;
		t->at += n;

		int rc = emit_lines(t, str_from(t->scratch, (size_t)n), false);

		if (rc < 0)
			return rc;
	}
}

/* The file got shorter: what was not read of it is lost, which is told. */
static void begin_anew(struct tail *t)
{
	struct weir_error err;

	error_set(&err, WEIR_EIO,
		  "%s was truncated: following it from its beginning", t->path);
	source_warn(t->run, 0, &err);
	lines_reset(&t->lines);
	t->at = 0;
}

/* Waits until a file is at the path again. */
static int reopen(struct tail *t)
{
	struct weir_error err;
	int rc;

	trace("%s was rotated", t->path);
	close_file(t);
	t->line_nr = 0;
	while (open_file(t, &err) < 0) {
		close_file(t);
		rc = fiber_sleep(LOOK_MS);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Is something else at the path, or is the file shorter than what was read? */
static int look_at_path(struct tail *t, struct weir_error *err)
{
	struct stat now;
	struct stat own;
	bool gone = stat(t->path, &now) < 0;
	int rc;

	if (!gone && now.st_ino == t->st.st_ino && now.st_dev == t->st.st_dev) {
		if (now.st_size < t->at)
			begin_anew(t);
		return 0;
	}
	/* Its writer may have gone on until this moment. */
	if (fstat(t->fd, &own) == 0 && own.st_size > t->at) {
		rc = read_new(t, err);
		if (rc < 0)
			return rc;
	}
	rc = emit_lines(t, STR(""), true);
	if (rc < 0)
		return rc;
	return reopen(t);
}

static int follow(struct tail *t, struct weir_error *err)
{
	for (;;) {
		int rc = read_new(t, err);

		if (rc == 0)
			rc = look_at_path(t, err);
		if (rc == 0)
			rc = read_new(t, err);
		if (rc < 0)
			return rc;
		rc = fiber_park(loop_now_ms(fiber_loop()) + LOOK_MS);
		if (rc < 0 && rc != WEIR_ETIMEDOUT)
			return rc;
	}
}

static int first_open(struct tail *t, struct weir_error *err)
{
	int rc = open_file(t, err);

	while (rc == WEIR_ENOTFOUND && t->source->conf.wait) {
		rc = fiber_sleep(LOOK_MS);
		if (rc < 0)
			return rc;
		rc = open_file(t, err);
	}
	if (rc == 0 && t->source->conf.from == FROM_END)
		t->at = t->st.st_size;
	return rc;
}

static int run(struct source *s, struct source_run *r, struct weir_error *err)
{
	struct tail_source *ts = tail_of(s);
	struct template_scope scope = {.job = source_run_job(r, 0)};
	struct buf path = {0};
	struct tail t = {.source = ts, .run = r, .fd = -1};
	int rc = template_text(ts->path, &scope, &path, err);

	if (rc < 0) {
		buf_fini(&path);
		return rc;
	}
	t.path = buf_take_cstr(&path);
	t.fiber = fiber_self();
	t.scratch = mem_alloc(READ_BYTES);
	lines_init(&t.lines, (size_t)ts->conf.line_max);
	rc = first_open(&t, err);
	if (rc == 0)
		rc = follow(&t, err);
	close_file(&t);
	lines_fini(&t.lines);
	mem_free(t.scratch);
	mem_free(t.path);
	return rc;
}

const struct source_ops source_tail = {
	.kind = "tail",
	.bytes = sizeof(struct tail_source),
	.configure = configure,
	.run = run,
	.destroy = destroy,
};
