/* regex_literal.c - see regex_literal.h. */
#include "cond/regex_literal.h"

#include "base/util.h"
#include "cond/unicode.h"

#include <string.h>

/* Longer ones are no better to the index, whose keys are of so many bytes. */
enum { LONG_ENOUGH = 8 };

/* --- literals ------------------------------------------------------------ */

/* False: it does not fit, and there are none any more. */
static bool add_text(struct regex_literals *l, struct str head, struct str tail)
{
	size_t len = head.len + tail.len;
	char text[REGEX_LITERAL_BYTES];

	if (len > sizeof text) {
		l->n = 0;
		return false;
	}
	memcpy(text, head.p, head.len);
	memcpy(text + head.len, tail.p, tail.len);
	for (uint32_t i = 0; i < l->n; i++)
		if (str_eq(regex_literal(l, i), str_from(text, len)))
			return true;
	if (l->n == REGEX_LITERALS_MAX) {
		l->n = 0;
		return false;
	}
	memcpy(l->text[l->n], text, len);
	l->len[l->n++] = (uint8_t)len;
	return true;
}

/* Each of a followed by each of b. False: they are too many, or too long. */
static bool join(const struct regex_literals *a, const struct regex_literals *b,
		 struct regex_literals *out)
{
	out->n = 0;
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t k = 0; k < b->n; k++)
			if (!add_text(out, regex_literal(a, i),
				      regex_literal(b, k)))
				return false;
	return true;
}

static void set_empty(struct regex_literals *l)
{
	l->n = 1;
	l->len[0] = 0;
}

/* As an index sees it: the shortest one counts, then how many there are. */
static uint32_t worth(const struct regex_literals *l)
{
	uint32_t shortest = l->n ? LONG_ENOUGH : 0;

	for (uint32_t i = 0; i < l->n; i++)
		shortest = MIN(shortest, (uint32_t)l->len[i]);
	return shortest ? shortest * (REGEX_LITERALS_MAX + 1) - l->n : 0;
}

static void consider(struct regex_row *r, const struct regex_literals *l)
{
	if (worth(l) > worth(&r->best))
		r->best = *l;
}

/* --- pieces -------------------------------------------------------------- */

void regex_piece_any(struct regex_piece *p)
{
	p->kind = REGEX_INSIDE;
	p->literals.n = 0;
}

void regex_piece_none(struct regex_piece *p)
{
	p->kind = REGEX_WHOLE;
	p->literals.n = 0;
}

void regex_piece_char(struct regex_piece *p, uint32_t cp)
{
	char bytes[4];
	size_t n = unicode_put(cp, bytes);

	if (p->kind != REGEX_WHOLE ||
	    !add_text(&p->literals, str_from(bytes, n), STR("")))
		regex_piece_any(p);
}

void regex_piece_repeat(struct regex_piece *p, uint32_t min, uint32_t max)
{
	struct regex_literals once = p->literals;
	struct regex_literals more;
	uint32_t times = 1;

	if (max == 0) {
		p->kind = REGEX_WHOLE;
		set_empty(&p->literals);
		return;
	}
	if (min == 0) {
		regex_piece_any(p);
		return;
	}
	if (p->kind != REGEX_WHOLE)
		return;
	for (; times < min && join(&p->literals, &once, &more); times++)
		p->literals = more;
	if (times < min || min != max)
		p->kind = REGEX_EDGES;
}

void regex_piece_or(struct regex_piece *p, const struct regex_piece *other)
{
	const struct regex_literals *l = &other->literals;

	if (p->kind != REGEX_WHOLE || other->kind != REGEX_WHOLE)
		p->kind = REGEX_INSIDE;
	if (!p->literals.n || !l->n) {
		regex_piece_any(p);
		return;
	}
	for (uint32_t i = 0; i < l->n; i++) {
		if (!add_text(&p->literals, regex_literal(l, i), STR(""))) {
			regex_piece_any(p);
			return;
		}
	}
}

/* --- rows ---------------------------------------------------------------- */

void regex_row_begin(struct regex_row *r)
{
	set_empty(&r->run);
	r->best.n = 0;
	r->whole = true;
}

void regex_row_add(struct regex_row *r, const struct regex_piece *p)
{
	struct regex_literals joined;

	/* Several may turn out to be worse than what is before them alone. */
	if (p->kind != REGEX_WHOLE || p->literals.n != 1)
		consider(r, &r->run);
	if (p->kind == REGEX_INSIDE) {
		consider(r, &p->literals);
		set_empty(&r->run);
		r->whole = false;
		return;
	}
	if (!join(&r->run, &p->literals, &joined)) {
		consider(r, &r->run);
		r->run = p->literals;
		r->whole = false;
	} else if (p->kind == REGEX_WHOLE) {
		r->run = joined;
	} else {
		consider(r, &joined);
		r->run = p->literals;
		r->whole = false;
	}
}

void regex_row_end(struct regex_row *r, struct regex_piece *out)
{
	if (!r->whole)
		consider(r, &r->run);
	out->kind = r->whole ? REGEX_WHOLE : REGEX_INSIDE;
	out->literals = r->whole ? r->run : r->best;
}
