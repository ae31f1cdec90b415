/* regex_read.c - I-Regexp to a program.
 *
 *     i-regexp = branch *( "|" branch )
 *     branch   = *( atom [ "*" / "+" / "?" / "{" n [ "," [ m ] ] "}" ] )
 *     atom     = character / "." / escape / class / "(" i-regexp ")"
 *
 * Instructions are written as they are read. A quantifier copies the piece in
 * front of it, which is what stands at the end of the program; an alternative
 * makes room before the branch that was read. Places within the program are
 * relative while it is built, so that pieces can be moved and copied.
 *
 * Source: RFC 9485, section 4.
 */
#include "base/mem.h"
#include "cond/regex.h"
#include "cond/regex_reader.h"
#include "cond/unicode.h"

#include <string.h>

#define REPEAT_MAX 1000

int regex_fail(struct regex_reader *r, size_t at, const char *message)
{
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, at, "%s",
			message);
}

uint32_t regex_take(struct regex_reader *r)
{
	const char *p = r->text.p + r->i;
	uint32_t cp = unicode_next(&p);

	r->i = (size_t)(p - r->text.p);
	return cp;
}

/* --- the program --------------------------------------------------------- */

int regex_reserve(struct regex_reader *r, uint64_t n)
{
	struct regex_program *p = r->p;

	if (p->n + n > p->max)
		return error_at(r->err, WEIR_ETOOBIG, r->text.p, r->text.len,
				r->i,
				"too large, written out it has more than "
				"%u states",
				p->max);
	if (p->n + n > p->cap) {
		p->cap = MAX(2 * p->cap, (uint32_t)(p->n + n + 16));
		p->ins = mem_realloc(p->ins, p->cap * sizeof *p->ins);
	}
	return 0;
}

/* x and y are relative to the instruction itself. */
void regex_put(struct regex_reader *r, enum regex_op op, int32_t x, int32_t y)
{
	r->p->ins[r->p->n++] = (struct regex_ins){op, (uint32_t)x, (uint32_t)y};
}

static void insert(struct regex_reader *r, uint32_t place, enum regex_op op,
		   int32_t x, int32_t y)
{
	struct regex_program *p = r->p;

	memmove(p->ins + place + 1, p->ins + place,
		(p->n - place) * sizeof *p->ins);
	p->ins[place] = (struct regex_ins){op, (uint32_t)x, (uint32_t)y};
	p->n++;
}

static void copy(struct regex_reader *r, uint32_t from, uint32_t len)
{
	struct regex_program *p = r->p;

	memcpy(p->ins + p->n, p->ins + from, len * sizeof *p->ins);
	p->n += len;
}

/* --- atoms --------------------------------------------------------------- */

static int put_char(struct regex_reader *r, uint32_t cp)
{
	int rc = regex_reserve(r, 1);

	if (rc == 0)
		regex_put(r, REGEX_CHAR, (int32_t)cp, 0);
	return rc;
}

static int read_escape(struct regex_reader *r)
{
	int32_t c;

	if (++r->i == r->text.len)
		return regex_fail(r, r->i - 1, "a backslash at the very end");
	if (regex_at(r, 'p') || regex_at(r, 'P'))
		return regex_read_category(r);
	c = regex_escape(regex_peek(r));
	if (c < 0)
		return regex_no_escape(r);
	r->i++;
	return put_char(r, (uint32_t)c);
}

static int read_alternatives(struct regex_reader *r, struct regex_piece *out);

static int read_group(struct regex_reader *r, struct regex_piece *out)
{
	size_t open = r->i++;
	int rc;

	if (regex_at(r, '?'))
		return regex_fail(r, r->i,
				  "I-Regexp has neither lookahead nor named "
				  "groups");
	if (++r->depth > COND_REGEX_DEPTH_MAX)
		return error_at(r->err, WEIR_ETOOBIG, r->text.p, r->text.len,
				open, "more than %d groups in groups",
				COND_REGEX_DEPTH_MAX);
	rc = read_alternatives(r, out);
	if (rc < 0)
		return rc;
	if (!regex_at(r, ')'))
		return regex_fail(r, open, "this ( is never closed");
	r->i++;
	r->depth--;
	return 0;
}

static int read_character(struct regex_reader *r)
{
	char c = regex_peek(r);

	switch (c) {
	case '[':
		return regex_read_class(r);
	case '.':
		r->i++;
		return regex_read_dot(r);
	case '\\':
		return read_escape(r);
	case '*':
	case '+':
	case '?':
	case '{':
		return regex_fail(r, r->i, "there is nothing to repeat");
	case ']':
	case '}':
		return regex_fail(r, r->i, "this needs a backslash before it");
	default:
		return put_char(r, regex_take(r));
	}
}

/* Which characters the last instruction takes, if they are few. */
static void tell_characters(const struct regex_program *p,
			    struct regex_piece *out)
{
	const struct regex_ins *ins = &p->ins[p->n - 1];
	const struct regex_set *s;

	regex_piece_none(out);
	if (ins->op == REGEX_CHAR) {
		regex_piece_char(out, ins->x);
		return;
	}
	s = &p->sets[ins->x];
	if (s->negated || s->categories) {
		regex_piece_any(out);
		return;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		const struct regex_range *range = &p->ranges[s->first + i];

		for (uint32_t cp = range->first; cp <= range->last; cp++) {
			regex_piece_char(out, cp);
			if (out->kind != REGEX_WHOLE)
				return;
		}
	}
}

static int read_atom(struct regex_reader *r, struct regex_piece *out)
{
	int rc;

	if (regex_at(r, '('))
		return read_group(r, out);
	rc = read_character(r);
	if (rc == 0)
		tell_characters(r->p, out);
	return rc;
}

/* --- quantifiers --------------------------------------------------------- */

static int read_count(struct regex_reader *r, uint32_t *n)
{
	size_t begin = r->i;
	uint64_t count;

	while (regex_peek(r) >= '0' && regex_peek(r) <= '9')
		r->i++;
	if (r->i == begin)
		return regex_fail(r, r->i, "expected a number, as in {2,5}");
	if (str_to_u64(str_from(r->text.p + begin, r->i - begin), &count) < 0 ||
	    count > REPEAT_MAX)
		return error_at(r->err, WEIR_ETOOBIG, r->text.p, r->text.len,
				begin, "at most %d times", REPEAT_MAX);
	*n = (uint32_t)count;
	return 0;
}

/* max is UINT32_MAX for no end. *there: was there a quantifier? */
static int read_quantifier(struct regex_reader *r, bool *there, uint32_t *min,
			   uint32_t *max)
{
	size_t begin = r->i;
	char c = regex_peek(r);
	int rc;

	*there = c == '*' || c == '+' || c == '?' || c == '{';
	*min = c == '+';
	*max = c == '?' ? 1 : UINT32_MAX;
	if (!*there)
		return 0;
	r->i++;
	if (c != '{')
		return 0;
	rc = read_count(r, min);
	*max = *min;
	if (rc == 0 && regex_at(r, ',')) {
		r->i++;
		*max = UINT32_MAX;
		if (!regex_at(r, '}'))
			rc = read_count(r, max);
	}
	if (rc < 0)
		return rc;
	if (!regex_at(r, '}'))
		return regex_fail(r, begin, "this { is never closed");
	r->i++;
	return *min > *max ? regex_fail(r, begin, "more at least than at most")
			   : 0;
}

/* The piece from place on, min to max times. */
static int repeat(struct regex_reader *r, uint32_t place, uint32_t min,
		  uint32_t max)
{
	struct regex_program *p = r->p;
	uint32_t len = p->n - place;
	uint32_t optional = max == UINT32_MAX ? 0 : max - min;
	int32_t step = (int32_t)len + 1;
	int rc = regex_reserve(r, (uint64_t)min * len +
					  (uint64_t)optional * (len + 1) + 2);

	if (rc < 0 || !len)
		return rc;
	if (max == UINT32_MAX && min == 0) {
		insert(r, place, REGEX_SPLIT, 1, step + 1);
		regex_put(r, REGEX_JUMP, -step, 0);
		return 0;
	}
	if (max == 0) {
		p->n = place;
		return 0;
	}
	for (uint32_t i = 1; i < min; i++)
		copy(r, place, len);
	if (max == UINT32_MAX) {
		regex_put(r, REGEX_SPLIT, -(int32_t)len, 1);
		return 0;
	}
	if (min == 0) {
		/* The piece itself is the first that may be there. */
		insert(r, place, REGEX_SPLIT, 1, (int32_t)optional * step);
		place++;
		optional--;
	}
	for (; optional; optional--) {
		regex_put(r, REGEX_SPLIT, 1, (int32_t)optional * step);
		copy(r, place, len);
	}
	return 0;
}

static int read_branch(struct regex_reader *r, struct regex_piece *out)
{
	struct regex_row row;

	regex_row_begin(&row);
	while (!regex_at_end(r) && !regex_at(r, '|') && !regex_at(r, ')')) {
		uint32_t place = r->p->n;
		struct regex_piece piece;
		uint32_t min, max;
		bool repeated;
		int rc = read_atom(r, &piece);

		if (rc == 0)
			rc = read_quantifier(r, &repeated, &min, &max);
		if (rc == 0 && repeated)
			rc = repeat(r, place, min, max);
		if (rc < 0)
			return rc;
		if (repeated)
			regex_piece_repeat(&piece, min, max);
		regex_row_add(&row, &piece);
	}
	regex_row_end(&row, out);
	return 0;
}

/* Each branch but the last has a SPLIT in front and a JUMP to the end behind
 * it; until the end is known a JUMP holds the way back to the one before. */
static int read_alternatives(struct regex_reader *r, struct regex_piece *out)
{
	struct regex_program *p = r->p;
	uint32_t last_jump = UINT32_MAX;
	struct regex_piece branch;

	for (;;) {
		uint32_t place = p->n;
		bool first = last_jump == UINT32_MAX;
		int rc = read_branch(r, first ? out : &branch);

		if (rc < 0)
			return rc;
		if (!first)
			regex_piece_or(out, &branch);
		if (!regex_at(r, '|'))
			break;
		r->i++;
		rc = regex_reserve(r, 2);
		if (rc < 0)
			return rc;
		insert(r, place, REGEX_SPLIT, 1, (int32_t)(p->n - place) + 2);
		regex_put(r, REGEX_JUMP, (int32_t)last_jump, 0);
		last_jump = p->n - 1;
	}
	while (last_jump != UINT32_MAX) {
		uint32_t before = p->ins[last_jump].x;

		p->ins[last_jump].x = p->n - last_jump;
		last_jump = before;
	}
	return 0;
}

static void make_absolute(struct regex_program *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct regex_ins *ins = &p->ins[i];

		if (ins->op == REGEX_SPLIT)
			ins->y += i;
		if (ins->op == REGEX_SPLIT || ins->op == REGEX_JUMP)
			ins->x += i;
	}
}

/* To I-Regexp they are characters as any other; but who writes them means the
 * ends of the text, and would never see a match. */
static int check_anchors(struct regex_reader *r)
{
	if (regex_at(r, '^'))
		return regex_fail(r, 0,
				  "all of a text matches anyhow; leave ^ away, "
				  "or write \\^");
	if (str_ends(r->text, STR("$")))
		return regex_fail(
			r, r->text.len - 1,
			"all of a text matches anyhow; leave $ away, or "
			"write [$]");
	return 0;
}

int regex_program_read(struct regex_program *p, struct str text,
		       struct weir_error *err)
{
	struct regex_reader r = {.p = p, .text = text, .err = err};
	struct regex_piece all;
	size_t valid = str_utf8_valid(text);
	int rc = valid < text.len
			 ? regex_fail(&r, valid, "this is not valid UTF-8")
			 : check_anchors(&r);

	if (rc == 0)
		rc = read_alternatives(&r, &all);
	if (rc == 0 && !regex_at_end(&r))
		rc = regex_fail(&r, r.i, "there is no ( for this )");
	if (rc == 0)
		rc = regex_reserve(&r, 1);
	if (rc == 0) {
		regex_put(&r, REGEX_MATCH, 0, 0);
		make_absolute(p);
		p->literals = all.literals;
	}
	return rc;
}

void regex_program_fini(struct regex_program *p)
{
	mem_free(p->ins);
	mem_free(p->sets);
	mem_free(p->ranges);
}
