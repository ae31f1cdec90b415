/* compile.c - a tree to a program. */
#include "base/mem.h"
#include "cond/code.h"
#include "cond/literal.h"

#include <string.h>

struct compiler {
	struct buf code;
	struct buf data; /* what stands behind the nodes */
};

/* Offsets are those within data until the number of nodes is known. */
static uint32_t put_data(struct compiler *c, const void *p, size_t bytes,
			 size_t align)
{
	static const char zeros[16];
	size_t rest = buf_len(&c->data) % align;
	uint32_t at;

	if (rest)
		buf_append(&c->data, zeros, align - rest);
	at = (uint32_t)buf_len(&c->data);
	buf_append(&c->data, p, bytes);
	return at;
}

static void put_string(struct compiler *c, struct code *code, struct str s)
{
	code->off = put_data(c, s.p, s.len, 1);
	code->len = (uint32_t)s.len;
}

static void put_blocks(struct compiler *c, struct code *code, struct value list)
{
	code->operand = CODE_BLOCKS;
	code->len = list.len;
	for (uint32_t i = 0; i < list.len; i++) {
		struct cond_cidr block;
		uint32_t at;

		cond_cidr_parse(value_str(value_nodes(list)[i]), &block);
		at = put_data(c, &block, sizeof block, 1);
		if (i == 0)
			code->off = at;
	}
}

static void put_operand(struct compiler *c, struct code *code,
			const struct cond_atom *a)
{
	struct value v = a->operand;
	struct cond_regex *regex;

	if (a->claim) {
		code->operand = CODE_CLAIM;
		code->off = cond_key_ref(a->claim)->number;
		return;
	}
	if (a->regex) {
		regex = cond_regex_ref(a->regex);
		code->operand = CODE_REGEX;
		code->off = put_data(c, &regex, sizeof regex, sizeof regex);
		return;
	}
	if (a->op == COND_CIDR) {
		put_blocks(c, code, v);
		return;
	}
	code->operand = (uint8_t)value_type(v);
	switch (value_type(v)) {
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		code->i = v.i;
		break;
	case VALUE_STRING:
		put_string(c, code, value_str(v));
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		value_ref(v);
		code->off = put_data(c, &v, sizeof v, sizeof v);
		break;
	default:
		break;
	}
}

/* Is there more in the text than in the operand? */
static bool needs_text(const struct cond_atom *a)
{
	if (value_type(a->text) != VALUE_STRING ||
	    value_type(a->operand) == VALUE_STRING)
		return false;
	return a->op == COND_CONTAINS || a->op == COND_IN ||
	       (value_type(a->operand) == VALUE_DOUBLE &&
		cond_is_integer(value_str(a->text)));
}

/* The list of a canonical `in`, if halving it is worth while. */
static bool is_sorted(const struct cond_atom *a)
{
	const struct value *e = value_nodes(a->operand);

	if (a->op != COND_IN || a->reversed ||
	    value_type(a->operand) != VALUE_ARRAY || a->operand.len < 8)
		return false;
	for (uint32_t i = 0; i < a->operand.len; i++)
		if (value_type(e[i]) >= VALUE_ARRAY ||
		    (i && value_compare(e[i - 1], e[i]) >= 0))
			return false;
	return true;
}

static void put_atom(struct compiler *c, const struct cond_atom *a,
		     bool negated)
{
	struct code code = {
		.kind = COND_ATOM,
		.op = (uint8_t)a->op,
		.flags = (uint8_t)((negated ? CODE_NEGATED : 0) |
				   (a->reversed ? CODE_REVERSED : 0) |
				   (needs_text(a) ? CODE_TEXT : 0) |
				   (is_sorted(a) ? CODE_SORTED : 0)),
		.key = cond_key_ref(a->key)->number,
	};

	put_operand(c, &code, a);
	buf_append(&c->code, &code, sizeof code);
	if (needs_text(a)) {
		struct code text = {.kind = COND_ATOM};

		put_string(c, &text, value_str(a->text));
		buf_append(&c->code, &text, sizeof text);
	}
}

static void put_node(struct compiler *c, const struct cond_node *n,
		     bool negated)
{
	struct code code = {.kind = (uint8_t)n->kind,
			    .flags = negated ? CODE_NEGATED : 0};
	size_t at = buf_len(&c->code);
	uint32_t next;

	if (n->kind == COND_NOT) {
		put_node(c, n->children[0], !negated);
		return;
	}
	if (n->kind == COND_ATOM) {
		put_atom(c, n->atom, negated);
		return;
	}
	buf_append(&c->code, &code, sizeof code);
	for (uint32_t i = 0; i < n->n; i++)
		put_node(c, n->children[i], false);
	next = (uint32_t)(buf_len(&c->code) / sizeof code);
	memcpy(buf_bytes(&c->code) + at + offsetof(struct code, next), &next,
	       sizeof next);
}

struct cond_program *cond_program_compile(const struct cond_node *root)
{
	struct compiler c = {0};
	struct cond_program *p;
	size_t code_bytes;

	put_node(&c, root, false);
	code_bytes = buf_len(&c.code);
	p = mem_alloc(sizeof *p + code_bytes + buf_len(&c.data));
	p->n = (uint32_t)(code_bytes / sizeof(struct code));
	p->bytes = (uint32_t)(sizeof *p + code_bytes + buf_len(&c.data));
	memcpy(p->at, buf_bytes(&c.code), code_bytes);
	if (buf_len(&c.data))
		memcpy(&p->at[p->n], buf_bytes(&c.data), buf_len(&c.data));
	buf_fini(&c.code);
	buf_fini(&c.data);
	return p;
}

void cond_program_destroy(struct cond_program *p)
{
	for (uint32_t i = 0; p && i < p->n; i++) {
		const struct code *code = &p->at[i];

		if (code->kind != COND_ATOM)
			continue;
		if (code->operand == CODE_REGEX)
			cond_regex_unref(code_regex(p, code));
		if (code->operand == CODE_CLAIM)
			cond_key_unref(cond_key_at(code->off));
		if (code->operand == VALUE_ARRAY ||
		    code->operand == VALUE_OBJECT)
			value_unref(code_value(p, code));
		cond_key_unref(cond_key_at(code->key));
		i += (code->flags & CODE_TEXT) != 0;
	}
	mem_free(p);
}

size_t cond_program_bytes(const struct cond_program *p)
{
	return p->bytes;
}
