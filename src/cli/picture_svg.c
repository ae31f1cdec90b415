/* picture_svg.c - a picture as SVG, readable on light and on dark ground.
 *
 * One lane a row, the name on the left, time to the right. Frames are as wide
 * as the widest label in them, as in a terminal; a circle is an item (a pill
 * where its label is long), a bar the end, a cross an error. What an inner
 * stream does is drawn on a thinner line that begins where it was opened.
 */
#include "cli/picture.h"

#include "base/mem.h"

#include <stdlib.h>

enum {
	LANE = 34,  /* height of a lane */
	INNER = 28, /* of an inner one */
	TOP = 14,
	AXIS = 26,
	FRAME = 15, /* least width of a frame */
	CHAR = 7,   /* width of a character of a label */
	CODE = 7,   /* of one of a lane's name */
	RADIUS = 10,
	GAP = 3, /* between things in one frame */
	MARGIN = 12,
	INDENT = 14,
	QUIET_MAX = 24, /* quiet frames in a row that are all drawn */
	LABEL_MAX = 44,
	MORE = 80, /* width of a note that there are more */
};

/* White letters stand out on all of them, and they on white and on black. */
static const char *const palette[PICTURE_COLOURS] = {
	"#1f6fb4", "#b5501d", "#2f7d46", "#7a48b8",
	"#a8326e", "#00747c", "#8a6100", "#5c5fc0",
};

static const char style[] =
	"<style>\n"
	"text{font:12px ui-sans-serif,\"DejaVu Sans\",sans-serif;"
	"fill:#24292f}\n"
	".n{font-family:ui-monospace,\"DejaVu Sans Mono\",monospace}\n"
	".v{fill:#fff;text-anchor:middle;font-size:11px}\n"
	".t{fill:#66707a;font-size:10px;text-anchor:middle}\n"
	".l{stroke:#66707a;stroke-width:1.5}\n"
	".i{stroke:#a2abb4;stroke-width:1}\n"
	".g{stroke-dasharray:2 3}\n"
	".e{stroke:#24292f;stroke-width:2.5}\n"
	".x{stroke:#d1242f;stroke-width:2.5}\n"
	".m{fill:#57606a}\n"
	"@media(prefers-color-scheme:dark){text{fill:#d7dde3}"
	".v{fill:#fff}.t{fill:#9aa4ae}.l{stroke:#9aa4ae}.i{stroke:#6b747d}"
	".e{stroke:#d7dde3}.x{stroke:#ff6b6b}.m{fill:#6b747d}}\n"
	"</style>\n";

struct sheet {
	const struct picture *picture;
	struct picture_columns columns;
	int *x; /* ours: where each frame begins; one more than frames */
	int left;
	struct buf *out;
};

static void put_escaped(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '<':
			buf_append_cstr(out, "&lt;");
			break;
		case '>':
			buf_append_cstr(out, "&gt;");
			break;
		case '&':
			buf_append_cstr(out, "&amp;");
			break;
		default:
			if ((unsigned char)s.p[i] >= ' ')
				buf_append_char(out, s.p[i]);
		}
	}
}

/* Half of what a mark takes on its line. */
static int half_width(const struct picture_mark *m)
{
	struct buf b = {0};
	int chars;

	if (m->kind != RX_EVENT_NEXT)
		return 4;
	picture_label(m->v, &b);
	chars = picture_chars(buf_str(&b));
	buf_fini(&b);
	return MAX(RADIUS, (chars * CHAR + 10) / 2);
}

static int cell_width(const struct picture_mark *marks, uint32_t n)
{
	int width = 0;

	for (uint32_t i = 0; i < MIN(n, PICTURE_CELL_MAX); i++)
		width += 2 * half_width(&marks[i]) + GAP;
	return n > PICTURE_CELL_MAX ? width + MORE : width;
}

/* --- a lane ----------------------------------------------------------------
 */

static void put_mark(struct sheet *s, const struct picture_mark *m, int x,
		     int y)
{
	const char *fill = m->colour >= 0 ? palette[m->colour] : NULL;
	int half = half_width(m);

	if (m->kind == RX_EVENT_DONE) {
		buf_printf(s->out, "<path class=\"e\" d=\"M%d %dv%d\"/>\n", x,
			   y - RADIUS, 2 * RADIUS);
		return;
	}
	if (m->kind == RX_EVENT_ERROR) {
		buf_printf(s->out,
			   "<path class=\"x\" d=\"M%d %dl14 14m0-14l-14 14\">"
			   "<title>",
			   x - 7, y - 7);
		put_escaped(value_str(m->v), s->out);
		buf_append_cstr(s->out, "</title></path>\n");
		return;
	}
	buf_printf(s->out,
		   "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		   "rx=\"%d\"",
		   x - half, y - RADIUS, 2 * half, 2 * RADIUS, RADIUS);
	if (fill)
		buf_printf(s->out, " fill=\"%s\"/>", fill);
	else
		buf_append_cstr(s->out, " class=\"m\"/>");
	buf_printf(s->out, "<text class=\"v\" x=\"%d\" y=\"%d\">", x, y + 4);

	struct buf label = {0};

	picture_label(m->v, &label);
	put_escaped(buf_str(&label), s->out);
	buf_fini(&label);
	buf_append_cstr(s->out, "</text>\n");
}

/* What is in one frame stands side by side, the first where the frame is. */
static void put_marks(struct sheet *s, const struct picture_lane *l, uint32_t f,
		      int y)
{
	uint32_t n;
	const struct picture_mark *marks = picture_marks(s->picture, l, f, &n);
	int x = s->x[f];

	for (uint32_t i = 0; i < MIN(n, PICTURE_CELL_MAX); i++) {
		int half = half_width(&marks[i]);

		put_mark(s, &marks[i], x + half, y);
		x += 2 * half + GAP;
	}
	if (n > PICTURE_CELL_MAX)
		buf_printf(s->out, "<text x=\"%d\" y=\"%d\">…%u more</text>\n",
			   x, y + 4, n - PICTURE_CELL_MAX);
}

static int x_at(const struct sheet *s, int64_t ms)
{
	int64_t f = ms / s->picture->frame_ms;

	return s->x[MIN(f, (int64_t)s->columns.n)];
}

static void put_line(struct sheet *s, const struct picture_lane *l, int y)
{
	const struct picture *p = s->picture;
	bool open = l->to_ms > p->end_ms;
	int from = x_at(s, l->from_ms);
	int to = open ? s->x[s->columns.n] + 6 : x_at(s, l->to_ms);
	const char *class = l->depth ? "i" : "l";

	if (l->from_ms < 0)
		return;
	/* In the middle of the end's frame, where its bar is. */
	if (!open)
		to += 4;
	buf_printf(s->out, "<path class=\"%s\" d=\"M%d %dH%d", class, from, y,
		   to);
	if (open && !l->depth)
		buf_append_cstr(s->out, "m-5-4l5 4l-5 4\" fill=\"none");
	else if (l->depth)
		buf_printf(s->out, "M%d %dv8", from, y - 4);
	buf_append_cstr(s->out, "\"/>\n");
}

static void put_name(struct sheet *s, const struct picture_lane *l, int y)
{
	struct str label = buf_str(&l->label);
	size_t cut = picture_cut(label, LABEL_MAX);

	buf_printf(s->out, "<text class=\"n\" x=\"%d\" y=\"%d\">",
		   MARGIN + (int)l->depth * INDENT, y + 4);
	put_escaped(str_from(label.p, cut), s->out);
	if (cut < label.len)
		buf_append_cstr(s->out, "…");
	buf_append_cstr(s->out, "</text>\n");
}

static void put_axis(struct sheet *s, int y)
{
	const struct picture *p = s->picture;
	int free_from = 0;

	buf_printf(s->out,
		   "<text class=\"t\" x=\"%d\" y=\"%d\" "
		   "style=\"text-anchor:start\">ms</text>\n",
		   MARGIN, y + 14);
	for (uint32_t f = 0; f < s->columns.n; f++) {
		int x = s->x[f];

		if (s->columns.widths[f] < 0)
			buf_printf(s->out,
				   "<path class=\"i g\" d=\"M%d %dH%d\"/>\n", x,
				   y, x - s->columns.widths[f]);
		if (f % 5 || s->columns.widths[f] <= 0 || x < free_from)
			continue;
		buf_printf(s->out,
			   "<path class=\"i\" d=\"M%d %dv4\"/>"
			   "<text class=\"t\" x=\"%d\" y=\"%d\">%lld</text>\n",
			   x, y, x, y + 14, (long long)f * p->frame_ms);
		free_from = x + 34;
	}
}

/* --- the whole -------------------------------------------------------------
 */

static void measure(struct sheet *s, int *height)
{
	const struct picture *p = s->picture;

	*height = TOP;
	for (uint32_t i = 0; i < p->n_lanes; i++) {
		const struct picture_lane *l = p->lanes[i];
		int chars = picture_chars(buf_str(&l->label));

		if (!l->shown)
			continue;
		*height += l->depth ? INNER : LANE;
		s->left = MAX(s->left, MIN(chars, LABEL_MAX + 1) * CODE +
					       (int)l->depth * INDENT);
	}
	s->left += 2 * MARGIN;
	picture_columns(p, cell_width, FRAME, QUIET_MAX, &s->columns);
	s->x = mem_alloc((s->columns.n + 1) * sizeof *s->x);
	s->x[0] = s->left;
	for (uint32_t f = 0; f < s->columns.n; f++)
		s->x[f + 1] = s->x[f] + abs(s->columns.widths[f]);
}

void picture_write_svg(const struct picture *p, struct str title,
		       struct buf *out)
{
	struct sheet s = {.picture = p, .out = out};
	int height, width, y = TOP;

	measure(&s, &height);
	width = s.x[s.columns.n] + 2 * MARGIN;
	buf_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		   "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		   "role=\"img\">\n<title>",
		   width, height + AXIS, width, height + AXIS);
	put_escaped(title, out);
	buf_printf(out, "</title>\n%s", style);
	for (uint32_t i = 0; i < p->n_lanes; i++) {
		const struct picture_lane *l = p->lanes[i];
		int lane = l->depth ? INNER : LANE;

		if (!l->shown)
			continue;
		put_name(&s, l, y + lane / 2);
		put_line(&s, l, y + lane / 2);
		for (uint32_t f = 0; f < s.columns.n; f++)
			if (s.columns.widths[f])
				put_marks(&s, l, f, y + lane / 2);
		y += lane;
	}
	put_axis(&s, y + 4);
	buf_append_cstr(out, "</svg>\n");
	mem_free(s.columns.widths);
	mem_free(s.x);
}
