/* lines.c - see lines.h. */
#include "wire/lines.h"

/* What a long line needed is given back; what usual ones need is kept. */
#define KEEP_BYTES 16384

void lines_init(struct lines *l, size_t line_max)
{
	*l = (struct lines){.line_max = line_max};
}

void lines_fini(struct lines *l)
{
	buf_fini(&l->held);
}

static void drop_held(struct lines *l)
{
	if (l->held.cap > KEEP_BYTES)
		buf_fini(&l->held);
	else
		buf_clear(&l->held);
	l->given = false;
}

void lines_reset(struct lines *l)
{
	drop_held(l);
	l->skipping = false;
}

/* The bytes of *in up to the line end, or all; which is what *ended says. */
static struct str take_piece(struct str *in, bool *ended)
{
	const char *lf = memchr(in->p, '\n', in->len);
	struct str piece = *in;
	size_t used = in->len;

	*ended = lf;
	if (lf) {
		piece.len = (size_t)(lf - in->p);
		used = piece.len + 1;
	}
	in->p += used;
	in->len -= used;
	return piece;
}

static struct str without_cr(struct str line)
{
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Adds piece to what is held. False: the line is longer than allowed, even if
 * its last byte is the CR of a line end. */
static bool hold(struct lines *l, struct str piece)
{
	if (buf_len(&l->held) + piece.len > l->line_max + 1)
		return false;
	buf_append_str(&l->held, piece);
	return without_cr(buf_str(&l->held)).len <= l->line_max;
}

int lines_next(struct lines *l, struct str *in, bool end, struct str *line_out)
{
	bool ended;

	if (l->given)
		drop_held(l);
	while (in->len) {
		struct str piece = take_piece(in, &ended);

		if (l->skipping) {
			l->skipping = !ended;
			continue;
		}
		if (ended && buf_len(&l->held) == 0) {
			*line_out = without_cr(piece);
			return line_out->len > l->line_max ? WEIR_ETOOBIG : 0;
		}
		if (!hold(l, piece)) {
			drop_held(l);
			l->skipping = !ended;
			return WEIR_ETOOBIG;
		}
		if (ended) {
			*line_out = without_cr(buf_str(&l->held));
			l->given = true;
			return 0;
		}
	}
	if (!end)
		return WEIR_EAGAIN;
	l->skipping = false;
	if (buf_len(&l->held) == 0)
		return WEIR_EAGAIN;
	*line_out = buf_str(&l->held);
	l->given = true;
	/* A CR that turned out to be no line end counts. */
	return line_out->len > l->line_max ? WEIR_ETOOBIG : 0;
}
