/* log.c - passes everything on, and writes it to the server's log.
 *
 *     source       -a--b-|
 *     log('in')    -a--b-|     weir: in: "a"
 *                              weir: in: "b"
 *                              weir: in: done
 *
 * Each item as JSON, the first LOG_ITEM_MAX bytes of it: the log is for people,
 * and an item may be as large as a peer likes.
 */
#include "base/log.h"
#include "json/write.h"
#include "rx/op.h"

#define LOG_ITEM_MAX 400

struct log_source {
	struct rx_source source;
	char *label; /* ours */
	enum rx_log_level level;
};

static void (*const print[])(const char *fmt, ...) = {
	[RX_LOG_INFO] = log_info,
	[RX_LOG_WARN] = log_warn,
	[RX_LOG_ERROR] = log_error,
};

static void say(struct rx_sub *s, const char *what, struct str text)
{
	struct log_source *src =
		CONTAINER_OF(s->src, struct log_source, source);
	bool cut = text.len > LOG_ITEM_MAX;

	if (cut) /* not within a character */
		text.len = str_utf8_valid(str_from(text.p, LOG_ITEM_MAX));

	print[src->level]("%s: %s%.*s%s", src->label, what, STR_FMT(text),
			  cut ? "..." : "");
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);
	struct buf text = {0};

	json_write(v, &text);
	say(s, "", buf_str(&text));
	buf_fini(&text);
	rx_next(s->down, v);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	say(rx_sub_of(o), "error: ", str_of(err->message));
	rx_finish_error(rx_sub_of(o), err);
}

static void on_done(struct rx_observer *o)
{
	say(rx_sub_of(o), "done", STR(""));
	rx_finish_done(rx_sub_of(o));
}

static void destroy(struct rx_source *src)
{
	mem_free(CONTAINER_OF(src, struct log_source, source)->label);
}

static const struct rx_source_ops ops = {
	.name = "log",
	.source_bytes = sizeof(struct log_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {on_next, on_error, on_done},
	.destroy = destroy,
};

struct rx_source *rx_log(struct rx_source *in, struct str label,
			 enum rx_log_level level)
{
	struct log_source *src = rx_source_new(&ops, NULL, in);

	src->label = mem_strndup(label.p, label.len);
	src->level = level;
	return &src->source;
}
