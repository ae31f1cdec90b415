/* code.h - inside a program: what compile.c writes and eval.c reads. */
#ifndef WEIR_COND_CODE_H
#define WEIR_COND_CODE_H

#include "cond/operate.h"
#include "cond/program.h"
#include "cond/regex.h"

enum code_flag {
	CODE_NEGATED = 1,
	CODE_REVERSED = 2,
	CODE_TEXT = 4,	 /* the next node holds the operand's text */
	CODE_SORTED = 8, /* the operand is a long list of scalars in order */
};

/* What an operand is, behind those of enum value_type. */
enum code_operand {
	CODE_CLAIM = VALUE_OBJECT + 1, /* off: number of the key */
	CODE_REGEX,		       /* off: of the pointer */
	CODE_BLOCKS,		       /* off: of the first of len */
};

struct code {
	uint8_t kind;	 /* enum cond_kind */
	uint8_t op;	 /* ATOM: enum cond_op */
	uint8_t flags;	 /* enum code_flag */
	uint8_t operand; /* ATOM: enum value_type, enum code_operand */
	union {
		uint32_t key;  /* ATOM: number of the key */
		uint32_t next; /* others: the node behind the last inside */
	};
	union {
		int64_t i; /* the bits of a number, whatever its type */
		struct {
			uint32_t off; /* bytes behind the nodes */
			uint32_t len;
		};
	};
};

struct cond_program {
	uint32_t bytes;
	uint32_t n; /* nodes; an atom with text counts two */
	struct code at[];
};

static inline const char *code_data(const struct cond_program *p, uint32_t off)
{
	return (const char *)&p->at[p->n] + off;
}

static inline struct str code_string(const struct cond_program *p,
				     const struct code *c)
{
	return str_from(code_data(p, c->off), c->len);
}

static inline struct value code_value(const struct cond_program *p,
				      const struct code *c)
{
	struct value v;

	memcpy(&v, code_data(p, c->off), sizeof v);
	return v;
}

static inline struct cond_regex *code_regex(const struct cond_program *p,
					    const struct code *c)
{
	struct cond_regex *r;

	memcpy(&r, code_data(p, c->off), sizeof r);
	return r;
}

/* The value that an atom looked at; of several the first that it holds for. */
struct cond_met {
	bool found;
	struct cond_view view;
};

/* cond_program_eval that also tells what the only atom of p met. */
bool cond_program_ask(const struct cond_program *p, struct value v,
		      const struct cond_meta *meta, struct cond_met *met);

/* What an atom asks of each value that its key meets. */
struct cond_test {
	enum cond_op op;
	bool reversed;
	struct cond_operand operand;
	struct cond_met *met; /* or NULL: nobody asks */
};

static inline bool cond_test_holds(const struct cond_test *t,
				   const struct cond_view *view)
{
	bool holds = t->op == COND_EXISTS ||
		     cond_operate(t->op, t->reversed, view, &t->operand);

	if (holds && t->met)
		*t->met = (struct cond_met){true, *view};
	return holds;
}

/* Keys within a document of either kind: what is there, and whether the test
 * holds for something of what a key of many meets. */
bool cond_find_value(const struct cond_key *k, struct value v,
		     struct cond_view *out);
bool cond_some_value(const struct cond_key *k, struct value v,
		     const struct cond_test *t);
bool cond_find_leaf(const struct cond_key *k, const struct json_leaves *l,
		    struct cond_view *out);
bool cond_some_leaf(const struct cond_key *k, const struct json_leaves *l,
		    const struct cond_test *t);

/* Does the atom hold one value against a text or a number of 64 bits? Most do;
 * they are asked without a view of either. */
static inline bool code_is_quick(const struct code *c, const struct cond_key *k)
{
	return c->op >= COND_EQ && c->op <= COND_LE &&
	       !(c->flags & ~CODE_NEGATED) && c->operand >= VALUE_INT &&
	       c->operand <= VALUE_STRING && k->scope == COND_PATH && !k->many;
}

/* 0, 1, or -1: ask as always. */
int cond_leaf_quick(const struct cond_key *k, const struct json_leaves *l,
		    const struct cond_program *p, const struct code *c);

#endif
