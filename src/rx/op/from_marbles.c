/* from_marbles.c - a stream written as a picture.
 *
 *     --1--(2,x)-12|
 *
 *     -       one frame passes
 *     12 x    an item: a number if it reads as one, else a string; every
 *             character of it takes a frame
 *     (2,x)   several items at the time of the parenthesis; the whole takes as
 *             many frames as it has characters
 *     | #     the end; the error `error`
 *
 * Spaces are only for the eye. Nothing may follow the end.
 */
#include "rx/op.h"

struct reader {
	struct str text;
	size_t at;
	int64_t frame; /* the next one */
	int64_t frame_ms;
	struct rx_event *events; /* ours */
	uint32_t n;
	uint32_t cap;
	bool ended;
	struct weir_error *err;
};

static int refuse(struct reader *r, const char *why)
{
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, r->at,
			"%s", why);
}

static struct value item(struct str s)
{
	int64_t i;
	double d;

	if (str_to_i64(s, &i) == 0)
		return value_int(i);
	if (str_to_double(s, &d) == 0)
		return value_double(d);
	return value_string(s);
}

static int add(struct reader *r, int64_t frame, struct str s)
{
	struct rx_event e = {.at_ms = frame * r->frame_ms};

	if (r->ended)
		return refuse(r, "nothing can follow the end of a stream");
	if (str_eq(s, STR("|"))) {
		e.kind = RX_EVENT_DONE;
		r->ended = true;
	} else if (str_eq(s, STR("#"))) {
		e.kind = RX_EVENT_ERROR;
		e.v = value_cstr("error");
		r->ended = true;
	} else {
		e.v = item(s);
	}
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->events = mem_realloc(r->events, r->cap * sizeof *r->events);
	}
	r->events[r->n++] = e;
	return 0;
}

/* "(2,x)": r->at is behind the parenthesis. */
static int read_group(struct reader *r)
{
	const char *from = r->text.p + r->at;
	const char *to = memchr(from, ')', r->text.len - r->at);
	int64_t frame = r->frame;

	if (!to)
		return refuse(r, "the parenthesis is not closed");

	struct str rest = str_from(from, (size_t)(to - from));

	while (rest.p) {
		struct str s = str_cut(&rest, ',');
		int rc = s.len ? add(r, frame, s) : 0;

		if (rc < 0)
			return rc;
	}
	r->frame += to - from + 2;
	r->at += (size_t)(to - from) + 1;
	return 0;
}

static bool is_special(char c)
{
	return memchr("-|#(),", c, 6) != NULL;
}

static int read_one(struct reader *r)
{
	size_t from = r->at;
	char c = r->text.p[r->at++];

	if (c == '-') {
		r->frame++;
		return 0;
	}
	if (c == '(')
		return read_group(r);
	if (c == ')' || c == ',') {
		r->at = from;
		return refuse(r, "this belongs into parentheses: (a,b)");
	}
	if (!is_special(c))
		while (r->at < r->text.len && !is_special(r->text.p[r->at]))
			r->at++;

	struct str s = str_from(r->text.p + from, r->at - from);
	int rc = add(r, r->frame, s);

	r->frame += (int64_t)s.len;
	return rc;
}

static void drop_events(struct reader *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		value_unref(r->events[i].v);
}

struct rx_source *rx_from_marbles(struct rx_ctx *ctx, struct str text,
				  int64_t frame_ms, struct weir_error *err)
{
	char *dense = mem_alloc(text.len + 1);
	struct reader r = {.frame_ms = frame_ms, .err = err};
	struct rx_source *src = NULL;
	int rc = 0;

	r.text.p = dense;
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != ' ')
			dense[r.text.len++] = text.p[i];
	while (rc == 0 && r.at < r.text.len)
		rc = read_one(&r);
	if (rc == 0)
		src = rx_from_events(ctx, r.events, r.n);
	else
		drop_events(&r);
	mem_free(r.events);
	mem_free(dense);
	return src;
}
