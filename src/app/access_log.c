/* access_log.c - see access_log.h. */
#include "app/access_log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/exchange.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Bytes that wait for a disk that takes nothing. */
#define WAITING_MAX (1 << 20)

struct access_log {
	struct loop *loop;
	char *path;
	int fd;
	struct buf lines;
	struct loop_task flush;
	bool told; /* that it cannot be written */
};

/* What a full disk did not take is tried again with the next lines, up to a
 * bound. */
static void on_flush(struct loop_task *t)
{
	struct access_log *a = CONTAINER_OF(t, struct access_log, flush);
	ssize_t n = write(a->fd, buf_bytes(&a->lines), buf_len(&a->lines));

	if (n > 0)
		buf_consume(&a->lines, (size_t)n);
	if (!buf_len(&a->lines)) {
		a->told = false;
		return;
	}
	if (!a->told)
		log_error("%s: %s: requests are not logged", a->path,
			  n < 0 ? strerror(errno) : "written in part");
	a->told = true;
	if (buf_len(&a->lines) > WAITING_MAX)
		buf_clear(&a->lines);
}

int access_log_open(struct access_log **out, struct loop *l, const char *path,
		    struct weir_error *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	struct access_log *a;

	*out = NULL;
	if (fd < 0)
		return error_set(err, error_from_errno(errno),
				 "access log %s: %s", path, strerror(errno));
	a = mem_zalloc(sizeof *a);
	a->loop = l;
	a->path = mem_strdup(path);
	a->fd = fd;
	a->flush.fn = on_flush;
	*out = a;
	return 0;
}

void access_log_close(struct access_log *a)
{
	if (!a)
		return;
	if (a->flush.queued) {
		loop_defer_cancel(&a->flush);
		on_flush(&a->flush);
	}
	close(a->fd);
	buf_fini(&a->lines);
	mem_free(a->path);
	mem_free(a);
}

void access_log_reopen(struct access_log *a)
{
	int fd = open(a->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		log_error("%s: %s: the old file is written on", a->path,
			  strerror(errno));
		return;
	}
	close(a->fd);
	a->fd = fd;
}

void access_log_add(struct access_log *a, const struct http_exchange *x)
{
	struct buf *b = &a->lines;
	char time[CLOCK_RFC3339_LEN + 1];
	struct str target = http_target(x);

	/* A target may hold any byte: JSON may not. */
	target.len = str_utf8_valid(target);
	clock_format_rfc3339(clock_wall_ms(), time);
	buf_printf(b, "{\"time\":\"%s\",\"client\":%u,\"method\":", time,
		   http_client(x));
	json_write_string(http_method_name(x), b);
	buf_append_cstr(b, ",\"target\":");
	json_write_string(target, b);
	buf_printf(b, ",\"status\":%d,\"bytes\":%llu,\"ms\":%.3f}\n",
		   http_status(x), (unsigned long long)http_sent_bytes(x),
		   http_elapsed_ms(x));
	loop_defer(a->loop, &a->flush);
}
