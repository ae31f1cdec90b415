/* regex_class.c - sets of characters: [a-z_], ., \p{Lu}.
 *
 *     class = "[" [ "^" ] ( "-" / part ) *part [ "-" ] "]"
 *     part  = character [ "-" character ] / "\p{" category "}"
 *
 * Source: RFC 9485, section 4.
 */
#include "base/mem.h"
#include "cond/regex_reader.h"
#include "cond/unicode.h"

#include <string.h>

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

static struct regex_set *add_set(struct regex_reader *r)
{
	struct regex_program *p = r->p;
	struct regex_set *s;

	p->sets = mem_realloc(p->sets, (p->n_sets + 1) * sizeof *p->sets);
	s = &p->sets[p->n_sets++];
	*s = (struct regex_set){.first = p->n_ranges};
	return s;
}

static void add_range(struct regex_reader *r, struct regex_set *s,
		      uint32_t first, uint32_t last)
{
	struct regex_program *p = r->p;

	p->ranges =
		mem_realloc(p->ranges, (p->n_ranges + 1) * sizeof *p->ranges);
	p->ranges[p->n_ranges++] = (struct regex_range){first, last};
	s->n++;
}

static int finish_set(struct regex_reader *r)
{
	const struct regex_program *p = r->p;
	struct regex_set *s = &p->sets[p->n_sets - 1];
	int rc = regex_reserve(r, 1);

	if (rc < 0)
		return rc;
	for (uint32_t cp = 0; cp < 128; cp++)
		if (in_ranges(p, s, cp) != s->negated)
			s->ascii[cp / 64] |= (uint64_t)1 << (cp % 64);
	regex_put(r, REGEX_SET, (int32_t)(p->n_sets - 1), 0);
	return 0;
}

int32_t regex_escape(char c)
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

/* At the p or P of \p{..}. */
static int read_category(struct regex_reader *r, uint32_t *bits)
{
	bool negated = r->text.p[r->i++] == 'P';
	const char *close;
	struct str name;

	if (!regex_at(r, '{'))
		return regex_fail(r, r->i, "expected {, as in \\p{Lu}");
	close = memchr(r->text.p + r->i, '}', r->text.len - r->i);
	if (!close)
		return regex_fail(r, r->i, "this { is never closed");
	name = str_from(r->text.p + r->i + 1,
			(size_t)(close - r->text.p) - r->i - 1);
	*bits = category_bits(name);
	if (!*bits)
		return regex_fail(
			r, r->i + 1,
			"no category of characters; they are L Lu Ll Lt Lm "
			"Lo M N Nd P S Z C ...");
	if (negated)
		*bits = ~*bits;
	r->i = (size_t)(close - r->text.p) + 1;
	return 0;
}

int regex_no_escape(struct regex_reader *r)
{
	char c = regex_peek(r);

	if (c == 'd' || c == 'D')
		return regex_fail(
			r, r->i - 1,
			"I-Regexp has no \\d; write [0-9] or \\p{Nd}");
	if (c == 'w' || c == 'W' || c == 's' || c == 'S' || c == 'b')
		return regex_fail(
			r, r->i - 1,
			"I-Regexp has no \\w, \\s and \\b; write a class "
			"like [A-Za-z0-9_]");
	if (c >= '0' && c <= '9')
		return regex_fail(r, r->i - 1, "I-Regexp has no references");
	return regex_fail(r, r->i - 1, "no such escape");
}

/* One character of a class, or a category; *category tells. */
static int read_class_part(struct regex_reader *r, uint32_t *cp,
			   uint32_t *category)
{
	int32_t c;

	*cp = 0;
	*category = 0;
	if (regex_at_end(r))
		return regex_fail(r, r->i, "this class is never closed");
	if (regex_at(r, '[') || regex_at(r, '-'))
		return regex_fail(r, r->i,
				  regex_at(r, '[')
					  ? "a [ in a class needs a backslash"
					  : "a - within a class needs a "
					    "backslash");
	if (!regex_at(r, '\\')) {
		*cp = regex_take(r);
		return 0;
	}
	r->i++;
	if (regex_at(r, 'p') || regex_at(r, 'P'))
		return read_category(r, category);
	c = regex_escape(regex_peek(r));
	if (c < 0)
		return regex_no_escape(r);
	r->i++;
	*cp = (uint32_t)c;
	return 0;
}

int regex_read_class(struct regex_reader *r)
{
	size_t open = r->i++;
	struct regex_set *s = add_set(r);
	uint32_t first, last, category;
	bool empty = true;
	int rc;

	if (regex_at(r, '^')) {
		s->negated = true;
		r->i++;
	}
	if (regex_at(r, '-')) {
		add_range(r, s, '-', '-');
		r->i++;
		empty = false;
	}
	for (; !regex_at(r, ']'); empty = false) {
		if (regex_at_end(r))
			return regex_fail(r, open,
					  "this class is never closed");
		if (regex_at(r, '-') && r->i + 1 < r->text.len &&
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
		if (regex_at(r, '-') && r->i + 1 < r->text.len &&
		    r->text.p[r->i + 1] != ']') {
			r->i++;
			rc = read_class_part(r, &last, &category);
			if (rc < 0)
				return rc;
			if (category || last < first)
				return regex_fail(r, r->i,
						  "this range ends before "
						  "it begins");
		}
		add_range(r, s, first, last);
	}
	if (empty)
		return regex_fail(r, open, "an empty class");
	r->i++;
	return finish_set(r);
}

int regex_read_dot(struct regex_reader *r)
{
	struct regex_set *s = add_set(r);

	s->negated = true;
	add_range(r, s, '\n', '\n');
	add_range(r, s, '\r', '\r');
	return finish_set(r);
}

int regex_read_category(struct regex_reader *r)
{
	uint32_t bits;
	int rc = read_category(r, &bits);

	if (rc < 0)
		return rc;
	add_set(r)->categories = bits;
	return finish_set(r);
}
