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
#include "cond/regex_program.h"
#include "cond/unicode.h"

#include <string.h>

#define REPEAT_MAX  1000
#define UNICODE_MAX 0x10FFFF

struct reader {
	struct regex_program *p;
	struct str text;
	size_t i;
	uint32_t depth;
	struct buf run; /* the literal text that is being read */
	struct weir_error *err;
};

static int fail(struct reader *r, size_t at, const char *message)
{
	return error_at(r->err, WEIR_EINVAL, r->text.p, r->text.len, at, "%s",
			message);
}

static bool at_end(const struct reader *r)
{
	return r->i == r->text.len;
}

static char peek(const struct reader *r)
{
	return at_end(r) ? '\0' : r->text.p[r->i];
}

static bool at(const struct reader *r, char c)
{
	return !at_end(r) && r->text.p[r->i] == c;
}

static uint32_t take(struct reader *r)
{
	const char *p = r->text.p + r->i;
	uint32_t cp = unicode_next(&p);

	r->i = (size_t)(p - r->text.p);
	return cp;
}

/* --- the program --------------------------------------------------------- */

static int reserve(struct reader *r, uint64_t n)
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
static void put(struct reader *r, enum regex_op op, int32_t x, int32_t y)
{
	r->p->ins[r->p->n++] = (struct regex_ins){op, (uint32_t)x, (uint32_t)y};
}

static void insert(struct reader *r, uint32_t place, enum regex_op op,
		   int32_t x, int32_t y)
{
	struct regex_program *p = r->p;

	memmove(p->ins + place + 1, p->ins + place,
		(p->n - place) * sizeof *p->ins);
	p->ins[place] = (struct regex_ins){op, (uint32_t)x, (uint32_t)y};
	p->n++;
}

static void copy(struct reader *r, uint32_t from, uint32_t len)
{
	struct regex_program *p = r->p;

	memcpy(p->ins + p->n, p->ins + from, len * sizeof *p->ins);
	p->n += len;
}

/* --- the needle ---------------------------------------------------------- */

static void end_run(struct reader *r)
{
	struct buf *best = &r->p->needle;

	if (buf_len(&r->run) > buf_len(best)) {
		buf_clear(best);
		buf_append_str(best, buf_str(&r->run));
	}
	buf_clear(&r->run);
}

/* --- sets ---------------------------------------------------------------- */

static bool in_ranges(const struct regex_program *p, const struct regex_set *s,
		      uint32_t cp)
{
	const struct regex_range *range = p->ranges + s->first;

	for (uint32_t i = 0; i < s->n; i++)
		if (cp - range[i].first <= range[i].last - range[i].first)
			return true;
	return s->categories && (s->categories >> unicode_category(cp) & 1);
}

bool regex_set_has(const struct regex_program *p, const struct regex_set *s,
		   uint32_t cp)
{
	if (cp < 128)
		return s->ascii[cp / 64] >> (cp % 64) & 1;
	return in_ranges(p, s, cp) != s->negated;
}

static struct regex_set *add_set(struct reader *r)
{
	struct regex_program *p = r->p;
	struct regex_set *s;

	p->sets = mem_realloc(p->sets, (p->n_sets + 1) * sizeof *p->sets);
	s = &p->sets[p->n_sets++];
	*s = (struct regex_set){.first = p->n_ranges};
	return s;
}

static void add_range(struct reader *r, struct regex_set *s, uint32_t first,
		      uint32_t last)
{
	struct regex_program *p = r->p;

	p->ranges =
		mem_realloc(p->ranges, (p->n_ranges + 1) * sizeof *p->ranges);
	p->ranges[p->n_ranges++] = (struct regex_range){first, last};
	s->n++;
}

static int finish_set(struct reader *r)
{
	const struct regex_program *p = r->p;
	struct regex_set *s = &p->sets[p->n_sets - 1];
	int rc = reserve(r, 1);

	if (rc < 0)
		return rc;
	for (uint32_t cp = 0; cp < 128; cp++)
		if (in_ranges(p, s, cp) != s->negated)
			s->ascii[cp / 64] |= (uint64_t)1 << (cp % 64);
	put(r, REGEX_SET, (int32_t)(p->n_sets - 1), 0);
	return 0;
}

static int32_t single_escape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c && strchr("()*+-.?[\\]^{|}", c) ? c : -1;
	}
}

/* The bits of L, Lu ... 0: there is no such category. */
static uint32_t category_bits(struct str name)
{
	uint32_t bits = 0;

	if (name.len < 1 || name.len > 2 || str_eq(name, STR("Cs")))
		return 0;
	for (uint32_t i = 0; UNICODE_CATEGORIES[2 * i]; i++)
		if (!memcmp(UNICODE_CATEGORIES + 2 * i, name.p, name.len))
			bits |= (uint32_t)1 << i;
	return bits;
}

/* Behind \p or \P. */
static int read_category(struct reader *r, bool negated, uint32_t *bits)
{
	const char *close;
	struct str name;

	if (!at(r, '{'))
		return fail(r, r->i, "expected {, as in \\p{Lu}");
	close = memchr(r->text.p + r->i, '}', r->text.len - r->i);
	if (!close)
		return fail(r, r->i, "this { is never closed");
	name = str_from(r->text.p + r->i + 1,
			(size_t)(close - r->text.p) - r->i - 1);
	*bits = category_bits(name);
	if (!*bits)
		return fail(r, r->i + 1,
			    "no category of characters; they are L Lu Ll Lt Lm "
			    "Lo M N Nd P S Z C ...");
	if (negated)
		*bits = ~*bits;
	r->i = (size_t)(close - r->text.p) + 1;
	return 0;
}

static int no_escape(struct reader *r)
{
	char c = peek(r);

	if (c == 'd' || c == 'D')
		return fail(r, r->i - 1,
			    "I-Regexp has no \\d; write [0-9] or \\p{Nd}");
	if (c == 'w' || c == 'W' || c == 's' || c == 'S' || c == 'b')
		return fail(r, r->i - 1,
			    "I-Regexp has no \\w, \\s and \\b; write a class "
			    "like [A-Za-z0-9_]");
	if (c >= '0' && c <= '9')
		return fail(r, r->i - 1, "I-Regexp has no references");
	return fail(r, r->i - 1, "no such escape");
}

/* One character of a class, or a category; *category tells. */
static int read_class_part(struct reader *r, uint32_t *cp, uint32_t *category)
{
	int32_t c;

	*category = 0;
	if (at_end(r))
		return fail(r, r->i, "this class is never closed");
	if (at(r, '[') || at(r, '-'))
		return fail(r, r->i,
			    at(r, '[') ? "a [ in a class needs a backslash"
				       : "a - within a class needs a "
					 "backslash");
	if (!at(r, '\\')) {
		*cp = take(r);
		return 0;
	}
	r->i++;
	if (at(r, 'p') || at(r, 'P'))
		return read_category(r, r->text.p[r->i++] == 'P', category);
	c = single_escape(peek(r));
	if (c < 0)
		return no_escape(r);
	r->i++;
	*cp = (uint32_t)c;
	return 0;
}

static int read_class(struct reader *r)
{
	size_t open = r->i++;
	struct regex_set *s = add_set(r);
	uint32_t first, last, category;
	bool empty = true;
	int rc;

	if (at(r, '^')) {
		s->negated = true;
		r->i++;
	}
	if (at(r, '-')) {
		add_range(r, s, '-', '-');
		r->i++;
		empty = false;
	}
	for (; !at(r, ']'); empty = false) {
		if (at_end(r))
			return fail(r, open, "this class is never closed");
		if (at(r, '-') && r->i + 1 < r->text.len &&
		    r->text.p[r->i + 1] == ']') {
			add_range(r, s, '-', '-');
			r->i++;
			continue;
		}
		rc = read_class_part(r, &first, &category);
		if (rc < 0)
			return rc;
		s->categories |= category;
		if (category)
			continue;
		last = first;
		if (at(r, '-') && r->i + 1 < r->text.len &&
		    r->text.p[r->i + 1] != ']') {
			r->i++;
			rc = read_class_part(r, &last, &category);
			if (rc < 0)
				return rc;
			if (category || last < first)
				return fail(r, r->i,
					    "this range ends before "
					    "it begins");
		}
		add_range(r, s, first, last);
	}
	if (empty)
		return fail(r, open, "an empty class");
	r->i++;
	return finish_set(r);
}

static int put_dot(struct reader *r)
{
	struct regex_set *s = add_set(r);

	s->negated = true;
	add_range(r, s, '\n', '\n');
	add_range(r, s, '\r', '\r');
	return finish_set(r);
}

/* --- atoms --------------------------------------------------------------- */

static int put_char(struct reader *r, uint32_t cp)
{
	int rc = reserve(r, 1);

	if (rc == 0)
		put(r, REGEX_CHAR, (int32_t)cp, 0);
	return rc;
}

static int read_escape(struct reader *r)
{
	struct regex_set *s;
	uint32_t bits;
	int32_t c;
	int rc;

	if (++r->i == r->text.len)
		return fail(r, r->i - 1, "a backslash at the very end");
	if (at(r, 'p') || at(r, 'P')) {
		rc = read_category(r, r->text.p[r->i++] == 'P', &bits);
		if (rc < 0)
			return rc;
		s = add_set(r);
		s->categories = bits;
		return finish_set(r);
	}
	c = single_escape(peek(r));
	if (c < 0)
		return no_escape(r);
	r->i++;
	return put_char(r, (uint32_t)c);
}

static int read_alternatives(struct reader *r);

static int read_group(struct reader *r)
{
	size_t open = r->i++;
	int rc;

	if (at(r, '?'))
		return fail(r, r->i,
			    "I-Regexp has neither lookahead nor named "
			    "groups");
	if (++r->depth > COND_REGEX_DEPTH_MAX)
		return error_at(r->err, WEIR_ETOOBIG, r->text.p, r->text.len,
				open, "more than %d groups in groups",
				COND_REGEX_DEPTH_MAX);
	rc = read_alternatives(r);
	if (rc < 0)
		return rc;
	if (!at(r, ')'))
		return fail(r, open, "this ( is never closed");
	r->i++;
	r->depth--;
	return 0;
}

static int read_atom(struct reader *r)
{
	char c = peek(r);

	switch (c) {
	case '(':
		return read_group(r);
	case '[':
		return read_class(r);
	case '.':
		r->i++;
		return put_dot(r);
	case '\\':
		return read_escape(r);
	case '*':
	case '+':
	case '?':
	case '{':
		return fail(r, r->i, "there is nothing to repeat");
	case ']':
	case '}':
		return fail(r, r->i, "this needs a backslash before it");
	default:
		return put_char(r, take(r));
	}
}

/* --- quantifiers --------------------------------------------------------- */

static int read_count(struct reader *r, uint32_t *n)
{
	size_t begin = r->i;
	uint64_t count;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->i++;
	if (r->i == begin)
		return fail(r, r->i, "expected a number, as in {2,5}");
	if (str_to_u64(str_from(r->text.p + begin, r->i - begin), &count) < 0 ||
	    count > REPEAT_MAX)
		return error_at(r->err, WEIR_ETOOBIG, r->text.p, r->text.len,
				begin, "at most %d times", REPEAT_MAX);
	*n = (uint32_t)count;
	return 0;
}

/* max is UINT32_MAX for no end. *there: was there a quantifier? */
static int read_quantifier(struct reader *r, bool *there, uint32_t *min,
			   uint32_t *max)
{
	size_t begin = r->i;
	char c = peek(r);
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
	if (rc == 0 && at(r, ',')) {
		r->i++;
		*max = UINT32_MAX;
		if (!at(r, '}'))
			rc = read_count(r, max);
	}
	if (rc < 0)
		return rc;
	if (!at(r, '}'))
		return fail(r, begin, "this { is never closed");
	r->i++;
	return *min > *max ? fail(r, begin, "more at least than at most") : 0;
}

/* The piece from place on, min to max times. */
static int repeat(struct reader *r, uint32_t place, uint32_t min, uint32_t max)
{
	struct regex_program *p = r->p;
	uint32_t len = p->n - place;
	uint32_t optional = max == UINT32_MAX ? 0 : max - min;
	int32_t step = (int32_t)len + 1;
	int rc = reserve(r, (uint64_t)min * len +
				    (uint64_t)optional * (len + 1) + 2);

	if (rc < 0 || !len)
		return rc;
	if (max == UINT32_MAX && min == 0) {
		insert(r, place, REGEX_SPLIT, 1, step + 1);
		put(r, REGEX_JUMP, -step, 0);
		return 0;
	}
	if (max == 0) {
		p->n = place;
		return 0;
	}
	for (uint32_t i = 1; i < min; i++)
		copy(r, place, len);
	if (max == UINT32_MAX) {
		put(r, REGEX_SPLIT, -(int32_t)len, 1);
		return 0;
	}
	if (min == 0) {
		/* The piece itself is the first that may be there. */
		insert(r, place, REGEX_SPLIT, 1, (int32_t)optional * step);
		place++;
		optional--;
	}
	for (; optional; optional--) {
		put(r, REGEX_SPLIT, 1, (int32_t)optional * step);
		copy(r, place, len);
	}
	return 0;
}

static int read_branch(struct reader *r)
{
	while (!at_end(r) && !at(r, '|') && !at(r, ')')) {
		uint32_t place = r->p->n;
		size_t begin = r->i;
		uint32_t min, max;
		bool repeated;
		int rc = read_atom(r);

		if (rc == 0)
			rc = read_quantifier(r, &repeated, &min, &max);
		if (rc == 0 && repeated)
			rc = repeat(r, place, min, max);
		if (rc < 0)
			return rc;
		if (r->depth == 0 && !repeated && r->p->n == place + 1 &&
		    r->p->ins[place].op == REGEX_CHAR &&
		    r->text.p[begin] != '(') {
			char bytes[4];

			buf_append(&r->run, bytes,
				   unicode_put(r->p->ins[place].x, bytes));
		} else {
			end_run(r);
		}
	}
	end_run(r);
	return 0;
}

/* Each branch but the last has a SPLIT in front and a JUMP to the end behind
 * it; until the end is known a JUMP holds the way back to the one before. */
static int read_alternatives(struct reader *r)
{
	struct regex_program *p = r->p;
	uint32_t last_jump = UINT32_MAX;

	for (;;) {
		uint32_t place = p->n;
		int rc = read_branch(r);

		if (rc < 0)
			return rc;
		if (!at(r, '|'))
			break;
		r->i++;
		rc = reserve(r, 2);
		if (rc < 0)
			return rc;
		insert(r, place, REGEX_SPLIT, 1, (int32_t)(p->n - place) + 2);
		put(r, REGEX_JUMP, (int32_t)last_jump, 0);
		last_jump = p->n - 1;
	}
	if (r->depth == 0 && last_jump != UINT32_MAX)
		buf_clear(&p->needle);
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
static int check_anchors(struct reader *r)
{
	if (at(r, '^'))
		return fail(r, 0,
			    "all of a text matches anyhow; leave ^ away, "
			    "or write \\^");
	if (str_ends(r->text, STR("$")))
		return fail(r, r->text.len - 1,
			    "all of a text matches anyhow; leave $ away, or "
			    "write [$]");
	return 0;
}

int regex_program_read(struct regex_program *p, struct str text,
		       struct weir_error *err)
{
	struct reader r = {.p = p, .text = text, .err = err};
	size_t valid = str_utf8_valid(text);
	int rc = valid < text.len ? fail(&r, valid, "this is not valid UTF-8")
				  : check_anchors(&r);

	if (rc == 0)
		rc = read_alternatives(&r);
	if (rc == 0 && !at_end(&r))
		rc = fail(&r, r.i, "there is no ( for this )");
	if (rc == 0)
		rc = reserve(&r, 1);
	if (rc == 0) {
		put(&r, REGEX_MATCH, 0, 0);
		make_absolute(p);
	}
	buf_fini(&r.run);
	return rc;
}

void regex_program_fini(struct regex_program *p)
{
	mem_free(p->ins);
	mem_free(p->sets);
	mem_free(p->ranges);
	buf_fini(&p->needle);
}
