/* to_marbles.c - a stream drawn as a string, at the end.
 *
 *     source                -1--12--|
 *     to_marbles(10ms)      --------("-1--(12)--|" |)
 *
 * A dash for each frame since the event before, rounded to the nearest; items
 * of more than one character in parentheses. An error is drawn as its message,
 * and the drawing is the only item then too.
 */
#include "rx/op.h"

#include <stdio.h>

struct marbles_source {
	struct rx_source source;
	int64_t frame_ms;
};

struct marbles {
	struct rx_sub sub;
	struct buf text;
	int64_t last_ms;
};

enum { TEXT_MAX = 1 << 20 }; /* bytes; a drawing is for people */

static void print(struct buf *b, struct value v, bool inside);

static void print_members(struct buf *b, struct value v)
{
	uint32_t n = value_len(v);
	const struct value *nodes = value_nodes(v);
	bool object = value_type(v) == VALUE_OBJECT;

	buf_append_char(b, object ? '{' : '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_append_cstr(b, ", ");
		if (object) {
			print(b, nodes[2 * i], true);
			buf_append_cstr(b, ": ");
		}
		print(b, nodes[object ? 2 * i + 1 : i], true);
	}
	buf_append_char(b, object ? '}' : ']');
}

static void print_number(struct buf *b, struct value v)
{
	char text[32];
	double d = value_to_double(v), back;
	int64_t i;

	if (value_to_i64(v, &i)) {
		buf_append_i64(b, i);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, d);
		if (str_to_double(str_of(text), &back) == 0 && back == d)
			break;
	}
	buf_append_cstr(b, text);
}

static void print(struct buf *b, struct value v, bool inside)
{
	switch (value_type(v)) {
	case VALUE_NULL:
		buf_append_cstr(b, "null");
		break;
	case VALUE_FALSE:
	case VALUE_TRUE:
		buf_append_cstr(b, value_truthy(v) ? "true" : "false");
		break;
	case VALUE_STRING:
		if (inside)
			buf_append_char(b, '"');
		buf_append_str(b, value_str(v));
		if (inside)
			buf_append_char(b, '"');
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		print_members(b, v);
		break;
	default:
		print_number(b, v);
	}
}

/* A character more than one byte long is still one character. */
static bool is_one_character(struct str s)
{
	size_t continued = 0;

	for (size_t i = 0; i < s.len; i++)
		continued += ((unsigned char)s.p[i] & 0xc0) == 0x80;
	return s.len - continued <= 1;
}

static void draw(struct marbles *m, struct str label)
{
	bool one = is_one_character(label);

	if (!one)
		buf_append_char(&m->text, '(');
	buf_append_str(&m->text, label);
	if (!one)
		buf_append_char(&m->text, ')');
}

/* False when the drawing is too long to go on. */
static bool draw_time(struct marbles *m)
{
	struct marbles_source *src =
		CONTAINER_OF(m->sub.src, struct marbles_source, source);
	int64_t now_ms = rx_now_ms(&m->sub);
	int64_t frames =
		(now_ms - m->last_ms + src->frame_ms / 2) / src->frame_ms;

	m->last_ms = now_ms;
	if (frames + (int64_t)buf_len(&m->text) > TEXT_MAX) {
		rx_finish_code(&m->sub, WEIR_ETOOBIG,
			       "to_marbles: the drawing is too long");
		return false;
	}
	while (frames-- > 0)
		buf_append_char(&m->text, '-');
	return true;
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct marbles *m = CONTAINER_OF(o, struct marbles, sub.up);
	struct buf label = {0};

	if (!draw_time(m))
		return;
	print(&label, v, false);
	draw(m, buf_str(&label));
	buf_fini(&label);
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	struct marbles *m = CONTAINER_OF(o, struct marbles, sub.up);

	if (!draw_time(m))
		return;
	draw(m, str_of(err->message));
	rx_finish_with(&m->sub, value_string(buf_str(&m->text)));
}

static void on_done(struct rx_observer *o)
{
	struct marbles *m = CONTAINER_OF(o, struct marbles, sub.up);

	if (!draw_time(m))
		return;
	buf_append_char(&m->text, '|');
	rx_finish_with(&m->sub, value_string(buf_str(&m->text)));
}

static void start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct marbles, sub)->last_ms = rx_now_ms(s);
	rx_subscribe_in(s);
}

static void stop(struct rx_sub *s)
{
	buf_fini(&CONTAINER_OF(s, struct marbles, sub)->text);
}

static const struct rx_source_ops ops = {
	.name = "to_marbles",
	.source_bytes = sizeof(struct marbles_source),
	.sub_bytes = sizeof(struct marbles),
	.in = {on_next, on_error, on_done},
	.start = start,
	.stop = stop,
};

struct rx_source *rx_to_marbles(struct rx_source *in, int64_t frame_ms)
{
	struct marbles_source *src = rx_source_new(&ops, NULL, in);

	src->frame_ms = MAX(frame_ms, 1);
	return &src->source;
}
