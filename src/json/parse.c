/* parse.c - one pass over the text, one block at the end.
 *
 *     text     {"a": [1, "x"], "b": true}
 *
 *     strings  a x b                    bytes, decoded, one after the other
 *     open     "a" [..] "b" true        nodes of containers not yet closed
 *     closed   1 "x"                    nodes of closed ones, in their order
 *
 *     block    | header | a x b | 1 "x" | "a" [..] "b" true |
 *
 * A container's nodes have to be neighbours, but its own containers close
 * before it does: so nodes wait on a stack and move, all of one container at
 * once, when it closes. At the end strings and closed nodes become the block,
 * as small as it can be, since what is parsed is often kept for a while. Until
 * then a node points by place (strings: by the place in the block, containers:
 * by number of the closed node); the copy turns places into pointers.
 *
 * All three areas begin on the stack: an ordinary event costs one allocation.
 */
#include "json/parse.h"

#include "base/mem.h"
#include "json/scan.h"
#include "value/object.h"

#include <string.h>

enum {
	STRINGS_LOCAL = 2048, /* bytes of text that need no memory */
	OPEN_LOCAL = 96,
	CLOSED_LOCAL = 160,
	STRING_SLACK = 16, /* strings are copied by 16 bytes */
};

struct nodes {
	struct value *at; /* local, or ours */
	uint64_t n;
	uint64_t cap;
	struct value *local;
};

struct level {
	uint32_t first; /* its first node in open */
	char closer;
};

struct parser {
	struct json_scan scan;
	struct nodes open;
	struct nodes closed;
	/* Strings go to strings + used; a block from the start if large. */
	char *strings;
	uint32_t used;		   /* counted from the start of the block */
	struct value_block *block; /* ours; NULL while the strings are local */
	uint32_t depth;
	struct level levels[JSON_DEPTH_MAX];
};

/* Room for n nodes more. */
static bool reserve(struct nodes *a, uint64_t n)
{
	if (LIKELY(a->cap - a->n >= n))
		return true;

	uint64_t cap = a->cap * 2;

	while (cap - a->n < n)
		cap *= 2;

	struct value *at = mem_try_realloc(a->at == a->local ? NULL : a->at,
					   cap * sizeof *at);

	if (!at)
		return false;
	if (a->at == a->local)
		memcpy(at, a->at, a->n * sizeof *at);
	a->at = at;
	a->cap = cap;
	return true;
}

static void nodes_fini(struct nodes *a)
{
	if (a->at != a->local)
		mem_free(a->at);
}

/* The node of a string that was scanned; its bytes move to the strings. */
INLINE struct value keep_string(struct parser *ps, struct str s)
{
	struct value v = {.tag = VALUE_STRING};
	char *to = ps->strings + ps->used;

	v.len = (uint32_t)s.len;
	v.off = ps->used;
	if (s.p == to) {
		/* It had escapes and was decoded right here. */
	} else if (LIKELY(s.len <= 16 && s.p <= ps->scan.safe)) {
		memcpy(to, s.p, 16);
	} else {
		memcpy(to, s.p, s.len);
	}
	ps->used += (uint32_t)s.len;
	ps->scan.scratch = to + s.len;
	return v;
}

/* Moves the nodes of the container that closes; v becomes its node. */
static bool close_level(struct parser *ps, struct value *v)
{
	const struct level *l = &ps->levels[--ps->depth];
	bool object = l->closer == '}';
	uint64_t n_nodes = ps->open.n - l->first;
	uint64_t n = object ? n_nodes / 2 : n_nodes;

	*v = (struct value){.tag = object ? VALUE_OBJECT : VALUE_ARRAY};
	if (!n)
		return true;
	/* Offsets have 32 bits, so nodes have 28. */
	if (ps->closed.n + n_nodes > UINT32_MAX / sizeof *v ||
	    !reserve(&ps->closed, object ? value_object_nodes(n) : n))
		return false;

	struct value *to = ps->closed.at + ps->closed.n;

	memcpy(to, ps->open.at + l->first, n_nodes * sizeof *to);
	ps->open.n = l->first;
	v->off = (uint32_t)ps->closed.n;
	if (object) {
		n = value_object_finish(ps->strings, to, (uint32_t)n, NULL);
		n_nodes = value_object_nodes(n);
	}
	v->len = (uint32_t)n;
	ps->closed.n += n_nodes;
	return true;
}

/* The grammar. Leaves the root in *out; NULL with the fault set. */
static const char *parse_text(struct parser *ps, struct value *out)
{
	struct json_scan *s = &ps->scan;
	const char *p = s->p;
	struct value v;
	struct str string;

value:
	switch (*p) {
	case '"':
		p = json_string(s, p + 1, &string);
		if (UNLIKELY(!p))
			return NULL;
		v = keep_string(ps, string);
		break;
	case '{':
	case '[':
		if (UNLIKELY(ps->depth >= s->depth_max))
			return json_fail(s, p, JSON_FAULT_DEPTH);
		ps->levels[ps->depth++] = (struct level){(uint32_t)ps->open.n,
							 *p == '{' ? '}' : ']'};
		p = json_skip(s, p + 1);
		if (*p == ps->levels[ps->depth - 1].closer)
			goto close;
		if (ps->levels[ps->depth - 1].closer == ']')
			goto value;
		if (UNLIKELY(*p != '"'))
			return json_fail(s, p, JSON_FAULT_FIRST_NAME);
		goto member;
	case 't':
		if (UNLIKELY(!json_word(p, "true", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		v = value_bool(true);
		p += 4;
		break;
	case 'f':
		if (UNLIKELY(!json_word(p, "false", 5)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		v = value_bool(false);
		p += 5;
		break;
	case 'n':
		if (UNLIKELY(!json_word(p, "null", 4)))
			return json_fail(s, p, JSON_FAULT_VALUE);
		v = value_null();
		p += 4;
		break;
	case '-':
	case '0' ... '9':
		p = json_number(s, p, &v);
		if (UNLIKELY(!p))
			return NULL;
		break;
	default:
		return json_fail(s, p, JSON_FAULT_VALUE);
	}

have:
	if (!ps->depth) {
		if (UNLIKELY(p != s->end)) {
			p = json_skip(s, p);
			return json_fail(s, p, JSON_FAULT_BEHIND);
		}
		*out = v;
		return p;
	}
	if (UNLIKELY(!reserve(&ps->open, 2)))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	ps->open.at[ps->open.n++] = v;

	char closer = ps->levels[ps->depth - 1].closer;

	if (UNLIKELY(p == s->end))
		goto unfinished;
	p = json_skip(s, p);
	if (*p == ',') {
		p = json_skip(s, p + 1);
		if (closer == ']')
			goto value;
		if (UNLIKELY(*p != '"'))
			return json_fail(s, p, JSON_FAULT_NAME);
		goto member;
	}
	if (UNLIKELY(*p != closer))
		goto unfinished;
close:
	p++;
	if (UNLIKELY(!close_level(ps, &v)))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	goto have;

member:
	p = json_string(s, p + 1, &string);
	if (UNLIKELY(!p))
		return NULL;
	if (UNLIKELY(!reserve(&ps->open, 2)))
		return json_fail(s, p, JSON_FAULT_MEMORY);
	ps->open.at[ps->open.n++] = keep_string(ps, string);
	p = json_skip(s, p);
	if (UNLIKELY(*p != ':'))
		return json_fail(s, p, JSON_FAULT_COLON);
	p = json_skip(s, p + 1);
	goto value;

unfinished:
	return json_fail(s, p,
			 closer == '}' ? JSON_FAULT_MEMBER_END
				       : JSON_FAULT_ELEMENT_END);
}

/* Places become pointers into b. */
static struct value placed(struct value v, struct value_block *b,
			   uint32_t nodes_off)
{
	if (value_type(v) < VALUE_STRING || !v.len)
		return v;
	if (value_type(v) > VALUE_STRING)
		v.off = nodes_off + v.off * (uint32_t)sizeof v;
	v.tag |= (uintptr_t)b;
	return v;
}

/* Makes the block from what was collected. */
static bool finish(struct parser *ps, struct value *root)
{
	uint32_t nodes_off = (ps->used + 15) & ~(uint32_t)15;
	uint64_t bytes = nodes_off + ps->closed.n * sizeof *root;
	struct value_block *b = ps->block;

	if (bytes == sizeof *b)
		return true; /* no strings, no nodes: nothing to keep */
	if (bytes > UINT32_MAX)
		return false;
	if (b) {
		b = value_block_try_resize(b, (uint32_t)bytes);
		if (!b)
			return false;
		ps->block = NULL;
	} else {
		b = value_block_try_new((uint32_t)bytes);
		if (!b)
			return false;
		memcpy(b + 1, ps->strings + sizeof *b, ps->used - sizeof *b);
	}
	b->nodes_off = nodes_off;

	struct value *to = (struct value *)((char *)b + nodes_off);

	for (uint64_t i = 0; i < ps->closed.n; i++)
		to[i] = placed(ps->closed.at[i], b, nodes_off);
	*root = placed(*root, b, nodes_off);
	return true;
}

static int run(struct parser *ps, struct value *out, struct weir_error *err)
{
	struct json_scan *s = &ps->scan;

	if (s->text.len > STRINGS_LOCAL) {
		uint64_t bytes = sizeof *ps->block + s->text.len + STRING_SLACK;

		ps->block = value_block_try_new((uint32_t)bytes);
		if (!ps->block) {
			s->fault = JSON_FAULT_MEMORY;
			return json_scan_error(s, err);
		}
		ps->strings = (char *)ps->block;
	}
	ps->used = sizeof *ps->block;
	s->scratch = ps->strings + ps->used;
	if (!parse_text(ps, out))
		return json_scan_error(s, err);
	if (!finish(ps, out)) {
		s->fault = JSON_FAULT_MEMORY;
		return json_scan_error(s, err);
	}
	return 0;
}

int json_parse_depth(struct str text, uint32_t depth_max, struct value *out,
		     struct weir_error *err)
{
	struct parser ps;
	struct value open[OPEN_LOCAL];
	struct value closed[CLOSED_LOCAL];
	char strings[sizeof *ps.block + STRINGS_LOCAL + STRING_SLACK];
	int rc = json_scan_begin(&ps.scan, text, depth_max, err);

	*out = value_null();
	if (rc < 0)
		return rc;
	ps.open = (struct nodes){open, 0, OPEN_LOCAL, open};
	ps.closed = (struct nodes){closed, 0, CLOSED_LOCAL, closed};
	ps.strings = strings;
	ps.block = NULL;
	ps.depth = 0;
	rc = run(&ps, out, err);
	if (rc < 0)
		*out = value_null();
	if (ps.block)
		value_block_free(ps.block);
	nodes_fini(&ps.open);
	nodes_fini(&ps.closed);
	json_scan_end(&ps.scan);
	return rc;
}

int json_parse(struct str text, struct value *out, struct weir_error *err)
{
	return json_parse_depth(text, JSON_DEPTH_MAX, out, err);
}
