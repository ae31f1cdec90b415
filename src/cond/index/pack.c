/* pack.c - writes and reads packs; see pack.h. */
#include "cond/index/pack.h"

#include "cond/fold.h"
#include "cond/regex.h"
#include "cond/regex_literal.h"
#include "value/number.h"

#include <string.h>

enum { NEGATED = 0x80, SCOPE_SHIFT = 5 };

/* --- reading ----------------------------------------------------------- */

const uint8_t *pack_literal(const uint8_t *p, struct pack_literal *out)
{
	uint64_t n;

	out->type = *p++;
	switch (out->type) {
	case VALUE_INT:
		p = pack_varint(p, &n);
		out->i = (int64_t)(n >> 1 ^ -(n & 1));
		return p;
	case VALUE_UINT:
		return pack_varint(p, &out->u);
	case VALUE_DOUBLE:
		memcpy(&out->d, p, sizeof out->d);
		return p + sizeof out->d;
	case VALUE_STRING:
		p = pack_varint(p, &n);
		out->p = (const char *)p;
		out->len = (uint32_t)n;
		return p + n;
	default:
		return p;
	}
}

/* Literals that stand behind a code: one, or SIZED for as many as the bytes
 * are that a size in front tells. */
enum { SIZED = 255 };

static const uint8_t operands[] = {
	[PACK_EQ] = 1,
	[PACK_NE] = 1,
	[PACK_GT] = 1,
	[PACK_GE] = 1,
	[PACK_LT] = 1,
	[PACK_LE] = 1,
	[PACK_STARTS] = 1,
	[PACK_ENDS] = 1,
	[PACK_IN] = SIZED,
	[PACK_BETWEEN] = SIZED,
	[PACK_CONTAINS] = 2,
	[PACK_PARTS] = SIZED,
	[PACK_FOLDED_PARTS] = SIZED,
};

void pack_read(const uint8_t *p, struct pack_node *out)
{
	struct pack_literal l;
	uint64_t n = 0;

	out->code = pack_code_at(p);
	out->scope = *p >> SCOPE_SHIFT & 3;
	out->negated = *p & NEGATED;
	out->path = 0;
	out->literals = 0;
	p++;
	if (out->code <= PACK_TRUE) {
		out->inside = out->end = p;
		return;
	}
	if (pack_is_group(out->code)) {
		p = pack_varint(p, &n);
		out->inside = p;
		out->end = p + n;
		return;
	}
	if (out->code == PACK_OPAQUE) {
		struct pack_node weaker;

		/* The scope's first bit tells that there is a weaker atom. */
		out->inside = p + sizeof(uint64_t);
		out->end = out->inside;
		if (out->scope) {
			pack_read(out->inside, &weaker);
			out->end = weaker.end;
		}
		return;
	}
	if (out->scope != PACK_LEAF) {
		p = pack_varint(p, &n);
		out->path = (uint32_t)n;
	}
	if (operands[out->code] == SIZED) {
		p = pack_varint(p, &n);
		out->inside = p;
		p += n;
	} else {
		out->inside = p;
		for (int i = 0; i < operands[out->code]; i++)
			p = pack_literal(p, &l);
	}
	out->literals = (uint32_t)(p - out->inside);
	out->end = p;
}

uint64_t pack_literal_hash(const struct pack_literal *l)
{
	switch (l->type) {
	case VALUE_INT:
		return value_hash_i64(l->i);
	case VALUE_UINT:
		return value_hash_u64(l->u);
	case VALUE_DOUBLE:
		return value_hash_double(l->d);
	case VALUE_STRING:
		return hash_bytes(l->p, l->len);
	default:
		return value_hash_literal(l->type);
	}
}

/* --- writing ----------------------------------------------------------- */

struct writer {
	struct buf *out;
	struct pack_places *places;
	bool told; /* nothing opaque so far */
};

void pack_write_varint(struct buf *out, uint64_t n)
{
	for (; n > 127; n >>= 7)
		buf_append_char(out, (char)(n | 128));
	buf_append_char(out, (char)n);
}

static void write_text(struct buf *out, struct str s)
{
	pack_write_varint(out, s.len);
	buf_append_str(out, s);
}

/* Numbers by value, so that 1 and 1.0 are the same bytes. */
static void write_literal(struct buf *out, struct value v)
{
	int64_t i;

	if (value_type(v) == VALUE_DOUBLE && value_to_i64(v, &i))
		v = value_int(i);
	buf_append_char(out, (char)value_type(v));
	switch (value_type(v)) {
	case VALUE_INT:
		pack_write_varint(out,
				  (uint64_t)v.i << 1 ^ (uint64_t)(v.i >> 63));
		break;
	case VALUE_UINT:
		pack_write_varint(out, v.u);
		break;
	case VALUE_DOUBLE:
		buf_append(out, &v.d, sizeof v.d);
		break;
	case VALUE_STRING:
		write_text(out, value_str(v));
		break;
	default:
		break;
	}
}

/* Puts a varint in front of all that was written since at. */
static void write_size(struct buf *out, size_t at)
{
	size_t size = buf_len(out) - at;
	size_t after = buf_len(out);
	char varint[10];

	pack_write_varint(out, size);

	size_t bytes = buf_len(out) - after;

	memcpy(varint, buf_bytes(out) + after, bytes);
	memmove(buf_bytes(out) + at + bytes, buf_bytes(out) + at, size);
	memcpy(buf_bytes(out) + at, varint, bytes);
}

static void write_header(struct writer *w, enum pack_code code,
			 enum pack_scope scope, bool negated)
{
	buf_append_char(w->out, (char)(code | (uint32_t)scope << SCOPE_SHIFT |
				       (negated ? NEGATED : 0)));
}

/* --- places ------------------------------------------------------------ */

void pack_places_init(struct pack_places *p)
{
	*p = (struct pack_places){0};
	paths_init(&p->paths);
	paths_init(&p->names);
}

void pack_places_fini(struct pack_places *p)
{
	for (int i = 0; i < PACK_RECENT; i++)
		cond_key_unref(p->recent[i]);
	paths_fini(&p->names);
	paths_fini(&p->paths);
}

static void keep_key(struct pack_places *p, struct cond_key *k)
{
	struct cond_key **kept = &p->recent[k->number % PACK_RECENT];

	if (*kept == k)
		return;
	cond_key_unref(*kept);
	*kept = cond_key_ref(k);
}

/* --- what an atom looks at --------------------------------------------- */

struct place {
	enum pack_scope scope;
	uint64_t hash; /* of the path or the name; of META: 0 source, 1 job */
};

static bool step_is_name(const struct cond_step *s)
{
	return s->kind == COND_STEP_NAME &&
	       (s->index == COND_NO_INDEX || s->index_hash == s->name_hash) &&
	       (s->index == COND_NO_INDEX || s->index >= 0);
}

/* False: no pack can tell it. */
static bool place_of(const struct cond_key *k, struct place *out)
{
	*out = (struct place){0};
	switch (k->scope) {
	case COND_PATH:
		out->scope = PACK_PATH;
		out->hash = k->path;
		return k->has_path && !k->many;
	case COND_LEAF:
		out->scope = PACK_LEAF;
		return true;
	case COND_ANYWHERE:
		out->scope = PACK_NAME;
		if (k->n != 1 || !step_is_name(&k->steps[0]))
			return false;
		out->hash = k->steps[0].name_hash;
		return true;
	case COND_SOURCE:
	case COND_JOB:
		out->scope = PACK_META;
		out->hash = k->scope == COND_JOB;
		return true;
	default:
		return false;
	}
}

/* Where something must be when the key meets a value: the last name of its
 * path, anywhere. */
static bool weaker_place(const struct cond_key *k, struct place *out)
{
	if (place_of(k, out))
		return out->scope != PACK_META && out->scope != PACK_LEAF;
	if ((k->scope != COND_PATH && k->scope != COND_ANYWHERE) || !k->n ||
	    !step_is_name(&k->steps[k->n - 1]))
		return false;
	out->scope = PACK_NAME;
	out->hash = k->steps[k->n - 1].name_hash;
	return true;
}

static void write_place(struct writer *w, const struct place *at)
{
	if (at->scope == PACK_META)
		pack_write_varint(w->out, at->hash);
	else if (at->scope == PACK_PATH)
		pack_write_varint(w->out,
				  paths_ref(&w->places->paths, at->hash));
	else if (at->scope == PACK_NAME)
		pack_write_varint(w->out,
				  paths_ref(&w->places->names, at->hash));
}

/* --- atoms ------------------------------------------------------------- */

static bool is_scalar(struct value v)
{
	return value_type(v) < VALUE_ARRAY;
}

static bool all_scalars(struct value list)
{
	for (uint32_t i = 0; i < value_len(list); i++)
		if (!is_scalar(value_nodes(list)[i]))
			return false;
	return value_type(list) == VALUE_ARRAY;
}

static const struct {
	enum pack_code code;
	bool known;
} codes[] = {
	[COND_TRUTHY] = {PACK_TRUTHY, true},
	[COND_EXISTS] = {PACK_EXISTS, true},
	[COND_EQ] = {PACK_EQ, true},
	[COND_NE] = {PACK_NE, true},
	[COND_GT] = {PACK_GT, true},
	[COND_GE] = {PACK_GE, true},
	[COND_LT] = {PACK_LT, true},
	[COND_LE] = {PACK_LE, true},
	[COND_BETWEEN] = {PACK_BETWEEN, true},
	[COND_IN] = {PACK_IN, true},
	[COND_CONTAINS] = {PACK_CONTAINS, true},
	[COND_STARTS] = {PACK_STARTS, true},
	[COND_ENDS] = {PACK_ENDS, true},
	[COND_RSHIFT] = {0, false}, /* the last one */
};

static bool code_of(const struct cond_atom *a, enum pack_scope scope,
		    enum pack_code *out)
{
	bool text = value_type(a->text) == VALUE_STRING;

	*out = codes[a->op].code;
	if (!codes[a->op].known || a->reversed || a->claim)
		return false;
	if (scope == PACK_META)
		return *out == PACK_EQ && is_scalar(a->operand);
	switch (*out) {
	case PACK_EQ:
	case PACK_NE:
	case PACK_GT:
	case PACK_GE:
	case PACK_LT:
	case PACK_LE:
		return is_scalar(a->operand);
	case PACK_BETWEEN:
	case PACK_IN:
		return all_scalars(a->operand);
	case PACK_CONTAINS:
		return text && is_scalar(a->operand);
	case PACK_STARTS:
	case PACK_ENDS:
		return text;
	default:
		return true;
	}
}

static void write_operand(struct writer *w, enum pack_code code,
			  const struct cond_atom *a)
{
	size_t at = buf_len(w->out);

	switch (operands[code]) {
	case SIZED:
		for (uint32_t i = 0; i < value_len(a->operand); i++)
			write_literal(w->out, value_nodes(a->operand)[i]);
		write_size(w->out, at);
		break;
	case 2:
		write_literal(w->out, a->operand);
		write_literal(w->out, a->text);
		break;
	case 1:
		write_literal(w->out, code == PACK_STARTS || code == PACK_ENDS
					      ? a->text
					      : a->operand);
		break;
	default:
		break;
	}
}

/* Can the atom be true where its key meets nothing, which counts as null? */
static bool true_of_null(const struct cond_atom *a)
{
	if (a->claim)
		return true;
	if (a->key->many)
		return false;
	if (a->op == COND_EQ)
		return value_type(a->operand) == VALUE_NULL;
	if (a->op != COND_IN || value_type(a->operand) != VALUE_ARRAY)
		return false;
	for (uint32_t i = 0; i < a->operand.len; i++)
		if (value_type(value_nodes(a->operand)[i]) == VALUE_NULL)
			return true;
	return false;
}

/* Where a text must be that the key meets. */
static bool text_place(const struct cond_key *k, struct place *out)
{
	if (weaker_place(k, out))
		return true;
	*out = (struct place){.scope = PACK_LEAF};
	return k->scope <= COND_ANYWHERE;
}

static void write_parts(struct writer *w, enum pack_code code,
			const struct place *at, const struct str *parts,
			uint32_t n)
{
	size_t begin;

	write_header(w, code, at->scope, false);
	write_place(w, at);
	begin = buf_len(w->out);
	for (uint32_t i = 0; i < n; i++) {
		buf_append_char(w->out, VALUE_STRING);
		write_text(w->out, parts[i]);
	}
	write_size(w->out, begin);
}

/* Of an expression: its literals. False: there are none to go by. */
static bool write_literals(struct writer *w, const struct cond_atom *a,
			   const struct place *at)
{
	const struct regex_literals *l = cond_regex_literals(a->regex);
	struct str parts[REGEX_LITERALS_MAX];

	for (uint32_t i = 0; i < l->n; i++) {
		parts[i] = regex_literal(l, i);
		if (parts[i].len < PACK_PART_MIN)
			return false;
	}
	if (l->n)
		write_parts(w, PACK_PARTS, at, parts, l->n);
	return l->n > 0;
}

/* Of text whose case does not count: the needle, folded; its beginning will
 * do. */
static bool write_folded(struct writer *w, const struct cond_atom *a,
			 const struct place *at)
{
	char folded[COND_FOLD_BYTES(COND_FOLD_MAX)];
	size_t len = cond_fold_copy(value_str(a->text), folded);
	struct str needle = str_from(folded, MIN(len, (size_t)PACK_FOLDED_MAX));

	if (needle.len < PACK_PART_MIN)
		return false;
	write_parts(w, PACK_FOLDED_PARTS, at, &needle, 1);
	return true;
}

/* A part of text, of what needs one to be true. */
static bool write_weaker_text(struct writer *w, const struct cond_atom *a)
{
	struct place at;

	if (a->reversed || !text_place(a->key, &at))
		return false;
	switch (a->op) {
	case COND_MATCHES:
		return write_literals(w, a, &at);
	case COND_IEQ:
	case COND_ICONTAINS:
	case COND_ISTARTS:
	case COND_IENDS:
		return write_folded(w, a, &at);
	default:
		return false;
	}
}

/* What is true whenever the atom is: a part of its text, or the same of a
 * weaker place, or else that there is something. */
static bool write_weaker(struct writer *w, const struct cond_atom *a,
			 bool negated)
{
	struct place at;
	enum pack_code code;

	if (negated || true_of_null(a))
		return false;
	if (write_weaker_text(w, a))
		return true;
	if (!weaker_place(a->key, &at))
		return false;
	if (!code_of(a, at.scope, &code))
		code = PACK_EXISTS;
	write_header(w, code, at.scope, false);
	write_place(w, &at);
	write_operand(w, code, a);
	return true;
}

static void write_opaque(struct writer *w, const struct cond_node *n,
			 bool negated)
{
	size_t at = buf_len(w->out);

	w->told = false;
	write_header(w, PACK_OPAQUE, 0, negated);
	buf_append(w->out, &n->hash, sizeof n->hash);
	if (write_weaker(w, n->atom, negated))
		buf_bytes(w->out)[at] |= 1 << SCOPE_SHIFT;
}

static void write_atom(struct writer *w, const struct cond_node *n,
		       bool negated)
{
	const struct cond_atom *a = n->atom;
	struct place at;
	enum pack_code code;

	keep_key(w->places, a->key);
	if (!place_of(a->key, &at) || !code_of(a, at.scope, &code)) {
		write_opaque(w, n, negated);
		return;
	}
	write_header(w, code, at.scope, negated);
	write_place(w, &at);
	write_operand(w, code, a);
}

/* --- nodes ------------------------------------------------------------- */

int pack_class(const struct cond_node *n)
{
	if (n->kind == COND_NOT)
		n = n->children[0];
	if (n->kind != COND_ATOM)
		return PACK_CLASSES - 1;
	if (n->atom->key->many)
		return 2;
	return n->atom->op == COND_CONTAINS || !codes[n->atom->op].known;
}

static void write_node(struct writer *w, const struct cond_node *n,
		       bool negated)
{
	static const uint8_t groups[] = {[COND_AND] = PACK_AND,
					 [COND_OR] = PACK_OR,
					 [COND_XOR] = PACK_XOR};
	size_t at;

	switch (n->kind) {
	case COND_FALSE:
	case COND_TRUE:
		write_header(w, n->kind == COND_TRUE ? PACK_TRUE : PACK_FALSE,
			     0, negated);
		return;
	case COND_NOT:
		write_node(w, n->children[0], !negated);
		return;
	case COND_ATOM:
		write_atom(w, n, negated);
		return;
	default:
		break;
	}
	write_header(w, groups[n->kind], 0, negated);
	at = buf_len(w->out);
	for (int class = 0; class < PACK_CLASSES; class ++)
		for (uint32_t i = 0; i < n->n; i++)
			if (pack_class(n->children[i]) == class)
				write_node(w, n->children[i], false);
	write_size(w->out, at);
}

bool pack_write(struct buf *out, const struct cond *c,
		struct pack_places *places)
{
	struct writer w = {.out = out, .places = places, .told = true};

	write_node(&w, cond_root(c), false);
	return w.told;
}

/* --- letting go -------------------------------------------------------- */

void pack_release(const uint8_t *pack, size_t bytes, struct pack_places *places)
{
	const uint8_t *p = pack;
	struct pack_node n;

	/* Groups are walked into, so the atoms come one after the other. */
	while (p < pack + bytes) {
		pack_read(p, &n);
		if (pack_is_group(n.code) || n.code == PACK_OPAQUE) {
			p = n.inside;
			continue;
		}
		if (n.code > PACK_TRUE && n.scope == PACK_PATH)
			paths_unref(&places->paths, n.path);
		else if (n.scope == PACK_NAME)
			paths_unref(&places->names, n.path);
		p = n.end;
	}
}
