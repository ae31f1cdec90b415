/* report.c - how a condition is filed, for people. */
#include "cond/index/internal.h"

#include "cond/operators.h"

/* Comparisons that are told of a condition that is filed under many. */
enum { TOLD_MAX = 4 };

/* The atom that number *left of the pack was written from, as access_gather
 * counts them. NULL: it stands behind n; *left and *pack have moved on. */
static const struct cond_atom *find_atom(const struct cond_node *n,
					 const uint8_t **pack, uint32_t *left)
{
	const struct cond_atom *found = NULL;
	struct pack_node p;

	while (n->kind == COND_NOT)
		n = n->children[0];
	pack_read(*pack, &p);
	if (!pack_is_group(p.code)) {
		*pack = p.end;
		/* An opaque one without a weaker one has no number. */
		if (p.code == PACK_OPAQUE && !p.scope)
			return NULL;
		return (*left)-- ? NULL : n->atom;
	}
	*pack = p.inside;
	for (int class = 0; class < PACK_CLASSES; class ++)
		for (uint32_t i = 0; i < n->n && !found; i++)
			if (pack_class(n->children[i]) == class)
				found = find_atom(n->children[i], pack, left);
	return found;
}

static const struct cond_atom *atom_at(const struct cond *c,
				       const uint8_t *pack, uint64_t number)
{
	uint32_t left = (uint32_t)number;

	return find_atom(cond_root(c), &pack, &left);
}

static const char *name_of(const struct cond_atom *a)
{
	return cond_operator_of(a->op)->name;
}

void report_list(const struct cond *c, const uint8_t *pack, struct str list,
		 struct buf *out)
{
	const uint8_t *p = (const uint8_t *)list.p;
	const uint8_t *end = p + list.len;
	const struct cond_atom *a;
	uint64_t before = UINT64_MAX;
	uint64_t atom;
	uint64_t detail;
	int told = 0;

	while (p < end) {
		p = pack_varint(p, &atom);
		p = pack_varint(p, &detail);
		/* One expression may be filed by several parts. */
		if (atom == before)
			continue;
		before = atom;
		if (told)
			buf_append_cstr(out, ", ");
		if (told++ == TOLD_MAX) {
			buf_append_cstr(out, "...");
			return;
		}
		a = atom_at(c, pack, atom);
		cond_key_print(a->key, out);
		buf_printf(out, " %s", name_of(a));
		/* The other bound of a window. */
		if ((a->op == COND_GT || a->op == COND_GE) && detail)
			buf_printf(out, " and %s",
				   name_of(atom_at(c, pack, detail - 1)));
	}
}

void interest_report_print(const struct interest_report *r, struct buf *out)
{
	static const char *const kinds[KEY_KINDS] = {
		[KEY_EQ] = "a value at a path",
		[KEY_ANY] = "a value of any leaf",
		[KEY_NAME] = "a value under a name",
		[KEY_HAS] = "an element at a path",
		[KEY_EXISTS] = "a path that is there",
		[KEY_THERE] = "a name that is there",
		[KEY_CELL] = "an interval at a path",
		[KEY_GRAM8] = "8 bytes of text",
		[KEY_GRAM4] = "4 bytes of text",
		[KEY_GRAM3] = "3 bytes of text",
		[KEY_SOURCE] = "the source",
		[KEY_JOB] = "the job",
	};
	const char *between = "indexed by ";

	if (r->never_true) {
		buf_append_cstr(out, "never true");
		return;
	}
	if (!r->keys)
		buf_append_cstr(out, "not indexed");
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		if (!(r->kinds >> kind & 1))
			continue;
		buf_append_cstr(out, between);
		buf_append_cstr(out, kinds[kind]);
		between = ", ";
	}
	buf_printf(out, ", %.3g visits an event", r->visits);
	if (r->shared)
		buf_append_cstr(out, ", shared with others");
	if (r->linear)
		buf_append_cstr(out, ", not selective");
}
