/* picture_text.c - a picture in a terminal.
 *
 *     ms              0    50   100
 *     main            -ab--c---|
 *     debounce(20ms)  ----b--c-|
 *
 * Every frame is a column, as wide as the widest thing in it, so that what
 * happens at one time stands below each other. What is too wide is continued
 * below.
 */
#include "cli/picture.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define QUIET_MAX   12 /* frames without anything in a row, when it is tight */
#define LABELS_MAX  56 /* columns for the names of the lanes */
#define INDENT	    2
#define RESET	    "\033[0m"
#define DIM	    "\033[2m"
#define ERROR_STYLE "\033[1;31m"

static const int palette[PICTURE_COLOURS] = {39,  208, 77, 205,
					     141, 178, 44, 167};

struct page {
	const struct picture *picture;
	struct picture_columns columns;
	bool colour;
	int label_width;
	struct buf *out;
};

/* --- cells -----------------------------------------------------------------
 */

static void mark_text(const struct picture_mark *m, struct buf *out)
{
	if (m->kind == RX_EVENT_NEXT)
		picture_label(m->v, out);
	else
		buf_append_char(out, m->kind == RX_EVENT_DONE ? '|' : '#');
}

static bool one_sign(const struct picture_mark *m)
{
	struct buf b = {0};
	bool one;

	mark_text(m, &b);
	one = picture_chars(buf_str(&b)) == 1;
	buf_fini(&b);
	return one;
}

/* (ab|), or (12,b,|) where one of them has more than one sign. */
static const char *between(const struct picture_mark *marks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!one_sign(&marks[i]))
			return ",";
	return "";
}

static void style(struct page *pg, const struct picture_mark *m)
{
	if (!pg->colour)
		return;
	if (m->kind == RX_EVENT_ERROR)
		buf_append_cstr(pg->out, ERROR_STYLE);
	else if (m->kind == RX_EVENT_NEXT && m->colour >= 0)
		buf_printf(pg->out, "\033[1;38;5;%dm", palette[m->colour]);
	else
		buf_append_cstr(pg->out, "\033[1m");
}

static void put_marks(struct page *pg, const struct picture_mark *marks,
		      uint32_t n)
{
	uint32_t shown = MIN(n, PICTURE_CELL_MAX);
	const char *comma = between(marks, shown);

	if (n > 1)
		buf_append_char(pg->out, '(');
	for (uint32_t i = 0; i < shown; i++) {
		if (i)
			buf_append_cstr(pg->out, comma);
		style(pg, &marks[i]);
		mark_text(&marks[i], pg->out);
		if (pg->colour)
			buf_append_cstr(pg->out, RESET);
	}
	if (shown < n)
		buf_printf(pg->out, "…%u more", n - shown);
	if (n > 1)
		buf_append_char(pg->out, ')');
}

static int cell_width(const struct picture_mark *marks, uint32_t n)
{
	struct buf b = {0};
	struct page plain = {.out = &b};
	int width;

	put_marks(&plain, marks, n);
	width = picture_chars(buf_str(&b));
	buf_fini(&b);
	return width;
}

static void put_run(struct page *pg, char c, int n)
{
	if (n <= 0)
		return;
	if (pg->colour && c != ' ')
		buf_append_cstr(pg->out, DIM);
	while (n--)
		buf_append_char(pg->out, c);
	if (pg->colour && c != ' ')
		buf_append_cstr(pg->out, RESET);
}

static void put_cell(struct page *pg, const struct picture_lane *l, uint32_t f)
{
	const struct picture *p = pg->picture;
	int width = pg->columns.widths[f];
	int64_t from_ms = (int64_t)f * p->frame_ms;
	bool alive = l->from_ms >= 0 && l->from_ms < from_ms + p->frame_ms &&
		     l->to_ms >= from_ms;
	/* Does it go on behind this frame? */
	char rest = alive && l->to_ms >= from_ms + p->frame_ms ? '-' : ' ';
	uint32_t n = 0;
	const struct picture_mark *marks = picture_marks(p, l, f, &n);

	if (width <= 0)
		put_run(pg, alive ? '~' : ' ', -width);
	else if (n) {
		put_marks(pg, marks, n);
		put_run(pg, rest, width - cell_width(marks, n));
	} else {
		put_run(pg, alive ? '-' : ' ', 1);
		put_run(pg, rest, width - 1);
	}
}

/* --- rows ------------------------------------------------------------------
 */

/* Trailing blanks say nothing. */
static void end_row(struct page *pg)
{
	size_t len = buf_len(pg->out);

	while (len && buf_bytes(pg->out)[len - 1] == ' ')
		len--;
	buf_truncate(pg->out, len);
	buf_append_char(pg->out, '\n');
}

static void put_label(struct page *pg, struct str label, uint32_t depth)
{
	int room = pg->label_width - 2 - (int)depth * INDENT;
	int chars = picture_chars(label);

	put_run(pg, ' ', (int)depth * INDENT);
	if (chars > room) {
		buf_append_str(pg->out,
			       str_from(label.p, picture_cut(label, room - 1)));
		buf_append_cstr(pg->out, "…");
		chars = room;
	} else {
		buf_append_str(pg->out, label);
	}
	put_run(pg, ' ', room - chars + 2);
}

/* Every fifth frame has its time, where there is room. */
static void put_axis(struct page *pg, uint32_t from, uint32_t to)
{
	int x = 0, written = 0;

	put_label(pg, STR("ms"), 0);
	for (uint32_t f = from; f < to; f++) {
		bool tick = f % 5 == 0 && pg->columns.widths[f] > 0;

		if (tick && (x == 0 || x >= written + 2)) {
			char time[24];
			int len =
				snprintf(time, sizeof time, "%lld",
					 (long long)f * pg->picture->frame_ms);

			put_run(pg, ' ', x - written);
			buf_append_cstr(pg->out, time);
			written = x + len;
		}
		x += abs(pg->columns.widths[f]);
	}
	end_row(pg);
}

static void put_band(struct page *pg, uint32_t from, uint32_t to)
{
	const struct picture *p = pg->picture;

	put_axis(pg, from, to);
	for (uint32_t i = 0; i < p->n_lanes; i++) {
		const struct picture_lane *l = p->lanes[i];

		if (!l->shown)
			continue;
		put_label(pg, buf_str(&l->label), l->depth);
		for (uint32_t f = from; f < to; f++)
			if (pg->columns.widths[f])
				put_cell(pg, l, f);
		end_row(pg);
	}
}

static void put_errors(struct page *pg)
{
	const struct picture *p = pg->picture;
	const struct picture_lane *l =
		p->n_lanes ? p->lanes[p->n_lanes - 1] : NULL;

	for (uint32_t i = 0; l && i < l->n; i++)
		if (l->marks[i].kind == RX_EVENT_ERROR)
			buf_printf(pg->out, "# at %lld ms: %.*s\n",
				   (long long)l->marks[i].at_ms,
				   STR_FMT(value_str(l->marks[i].v)));
	if (p->cut_lanes)
		buf_printf(pg->out, "and %u more inner streams\n",
			   p->cut_lanes);
}

void picture_write_text(const struct picture *p, int width, bool colour,
			struct buf *out)
{
	struct page pg = {.picture = p, .colour = colour, .out = out};
	int room;

	for (uint32_t i = 0; i < p->n_lanes; i++)
		if (p->lanes[i]->shown)
			pg.label_width = MAX(
				pg.label_width,
				picture_chars(buf_str(&p->lanes[i]->label)) +
					(int)p->lanes[i]->depth * INDENT + 2);
	pg.label_width = MIN(MAX(pg.label_width, 6), LABELS_MAX);
	room = MAX(width - pg.label_width, 20);
	picture_columns(p, cell_width, 1, UINT32_MAX, &pg.columns);
	if (pg.columns.total > room) {
		mem_free(pg.columns.widths);
		picture_columns(p, cell_width, 1, QUIET_MAX, &pg.columns);
	}
	for (uint32_t from = 0; from < pg.columns.n;) {
		uint32_t to = from;
		int used = 0;

		while (to < pg.columns.n &&
		       (to == from ||
			used + abs(pg.columns.widths[to]) <= room))
			used += abs(pg.columns.widths[to++]);
		if (from)
			buf_append_char(out, '\n');
		put_band(&pg, from, to);
		from = to;
	}
	put_errors(&pg);
	mem_free(pg.columns.widths);
}
