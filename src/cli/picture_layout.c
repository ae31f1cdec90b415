/* picture_layout.c - where things stand: labels, frames, columns. */
#include "base/mem.h"
#include "cli/picture.h"
#include "json/write.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_MAX 16 /* characters of an item */

/* Can s be written without quotes and still be read? */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(" ,:{}[]()|#\"-", s.p[i]) ||
		    (unsigned char)s.p[i] < ' ')
			return false;
	return s.len > 0;
}

static void put_value(struct value v, struct buf *out);

static void put_list(struct value v, bool pairs, struct buf *out)
{
	const struct value *nodes = value_nodes(v);

	for (uint32_t i = 0; i < value_len(v); i++) {
		if (i)
			buf_append_char(out, ',');
		if (pairs) {
			put_value(nodes[2 * i], out);
			buf_append_char(out, ':');
		}
		put_value(nodes[pairs ? 2 * i + 1 : i], out);
	}
}

static void put_value(struct value v, struct buf *out)
{
	switch (value_type(v)) {
	case VALUE_STRING:
		if (is_plain(value_str(v)))
			buf_append_str(out, value_str(v));
		else
			json_write_string(value_str(v), out);
		break;
	case VALUE_ARRAY:
		buf_append_char(out, '[');
		put_list(v, false, out);
		buf_append_char(out, ']');
		break;
	case VALUE_OBJECT:
		buf_append_char(out, '{');
		put_list(v, true, out);
		buf_append_char(out, '}');
		break;
	default:
		json_write(v, out);
	}
}

int picture_chars(struct str s)
{
	int n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

size_t picture_cut(struct str s, int chars)
{
	size_t i = 0;

	for (int n = 0; i < s.len; i++)
		if ((s.p[i] & 0xc0) != 0x80 && n++ == chars)
			break;
	return i;
}

/* Cuts what is longer than LABEL_MAX characters. */
void picture_label(struct value v, struct buf *out)
{
	size_t from = buf_len(out);
	struct str text;
	size_t cut;

	put_value(v, out);
	text = str_from(buf_bytes(out) + from, buf_len(out) - from);
	cut = picture_cut(text, LABEL_MAX);
	if (cut == text.len)
		return;
	buf_truncate(out, from + cut);
	buf_append_cstr(out, "…");
}

const struct picture_mark *picture_marks(const struct picture *p,
					 const struct picture_lane *l,
					 uint32_t f, uint32_t *n)
{
	int64_t from_ms = (int64_t)f * p->frame_ms;
	uint32_t i = 0, k;

	while (i < l->n && l->marks[i].at_ms < from_ms)
		i++;
	for (k = i; k < l->n && l->marks[k].at_ms < from_ms + p->frame_ms;)
		k++;
	*n = k - i;
	return l->marks + i;
}

/* Leaves out the middle of long quiet stretches. */
static void leave_out(struct picture_columns *c, const bool *busy, int least,
		      uint32_t quiet_max)
{
	for (uint32_t f = 0; f < c->n;) {
		uint32_t to = f;

		while (to < c->n && !busy[to])
			to++;
		if (to - f > quiet_max) {
			c->widths[f + 2] = -2 * least;
			for (uint32_t i = f + 3; i + 2 < to; i++)
				c->widths[i] = 0;
		}
		f = MAX(to, f + 1);
	}
}

void picture_columns(const struct picture *p, picture_cell_fn cell, int least,
		     uint32_t quiet_max, struct picture_columns *out)
{
	uint32_t n = (uint32_t)(p->end_ms / p->frame_ms + 1);
	bool *busy = mem_zalloc(n * sizeof *busy);

	*out = (struct picture_columns){mem_zalloc(n * sizeof(int)), n, 0};
	for (uint32_t f = 0; f < n; f++)
		out->widths[f] = least;
	for (uint32_t i = 0; i < p->n_lanes; i++) {
		const struct picture_lane *l = p->lanes[i];

		for (uint32_t k = 0; l->shown && k < l->n;) {
			uint32_t f =
				(uint32_t)(l->marks[k].at_ms / p->frame_ms);
			uint32_t first = k;

			while (k < l->n && l->marks[k].at_ms / p->frame_ms == f)
				k++;
			if (f >= n)
				break;
			busy[f] = true;
			out->widths[f] = MAX(out->widths[f],
					     cell(l->marks + first, k - first));
		}
	}
	leave_out(out, busy, least, quiet_max);
	for (uint32_t f = 0; f < n; f++)
		out->total += abs(out->widths[f]);
	mem_free(busy);
}
