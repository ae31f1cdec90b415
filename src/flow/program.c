/* program.c - see program.h: native where possible, else libjq, and the rx_fn
 * that runs either. */
#include "flow/program.h"

#include "base/mem.h"
#include "flow/jqprog.h"
#include "flow/native.h"

struct program {
	struct rx_fn fn; /* itself as a function without a scope; its refs are
			  * those of the program */
	struct native *native; /* ours; or */
	struct jqprog *jq;     /* ours */
	unsigned uses;
};

/* --- scopes -------------------------------------------------------------- */

struct scope *scope_create(const struct scope *around,
			   const struct rx_inner *in)
{
	static const struct scope nothing = {.index = -1};
	struct scope *s = slab_alloc(sizeof *s);

	*s = around ? *around : nothing;
	s->refs = 1;
	if (in->has_key)
		s->key = in->key;
	if (in->index >= 0)
		s->index = in->index;
	if (in->has_acc) {
		s->acc = in->acc;
		s->has_acc = true;
	}
	value_ref(s->key);
	value_ref(s->acc);
	return s;
}

void scope_unref(struct scope *s)
{
	if (!s || --s->refs)
		return;
	value_unref(s->key);
	value_unref(s->acc);
	slab_free(s, sizeof *s);
}

/* A function inside a block that asks for what is around it. */
struct bound {
	struct rx_fn fn;
	struct rx_fn *inner; /* ours */
	struct scope *scope; /* ours */
};

static int bound_call(struct rx_fn *fn, struct value v,
		      const struct rx_vars *vars, struct value *out,
		      struct weir_error *err)
{
	struct bound *b = CONTAINER_OF(fn, struct bound, fn);
	struct rx_vars inside = *vars;

	inside.key = b->scope->key;
	if (inside.index < 0)
		inside.index = b->scope->index;
	if (!inside.has_acc)
		inside.acc = b->scope->acc;
	return rx_fn_call(b->inner, v, &inside, out, err);
}

static void bound_destroy(struct rx_fn *fn)
{
	struct bound *b = CONTAINER_OF(fn, struct bound, fn);

	rx_fn_unref(b->inner);
	scope_unref(b->scope);
	slab_free(b, sizeof *b);
}

static const struct rx_fn_ops bound_ops = {bound_call, bound_destroy};

struct rx_fn *scope_bind(struct rx_fn *fn, struct scope *scope)
{
	struct bound *b;

	if (!scope)
		return rx_fn_ref(fn);
	b = slab_alloc(sizeof *b);
	*b = (struct bound){{&bound_ops, 1}, rx_fn_ref(fn), scope};
	scope->refs++;
	return &b->fn;
}

/* --- calling ------------------------------------------------------------- */

/* Without an output the result is null. */
static int null_for_empty(int rc, struct value *out)
{
	if (LIKELY(rc != NATIVE_EMPTY))
		return rc;
	*out = value_null();
	return 0;
}

static int native_call(struct rx_fn *fn, struct value v,
		       const struct rx_vars *vars, struct value *out,
		       struct weir_error *err)
{
	const struct program *p = CONTAINER_OF(fn, struct program, fn);

	return null_for_empty(native_eval(p->native, v, vars, out, err), out);
}

static int jq_call(struct rx_fn *fn, struct value v, const struct rx_vars *vars,
		   struct value *out, struct weir_error *err)
{
	const struct program *p = CONTAINER_OF(fn, struct program, fn);

	return null_for_empty(jqprog_run(p->jq, v, vars, out, err), out);
}

static void destroy(struct rx_fn *fn)
{
	struct program *p = CONTAINER_OF(fn, struct program, fn);

	native_destroy(p->native);
	jqprog_close(p->jq);
	mem_free(p);
}

static const struct rx_fn_ops native_ops = {native_call, destroy};
static const struct rx_fn_ops jq_ops = {jq_call, destroy};

struct rx_fn *program_fn(struct program *p, struct scope *scope)
{
	unsigned asks = VAR_INDEX | VAR_KEY;

	if (scope && scope->has_acc)
		asks |= VAR_ACC;
	return scope_bind(&p->fn, p->uses & asks ? scope : NULL);
}

/* --- making -------------------------------------------------------------- */

/* Takes n; NULL: the caller opens p->jq. */
static struct program *program_new(struct native *n)
{
	struct program *p = mem_zalloc(sizeof *p);

	p->fn = (struct rx_fn){n ? &native_ops : &jq_ops, 1};
	p->native = n;
	return p;
}

int program_compile(struct str text, unsigned vars, struct program **out,
		    struct weir_error *err)
{
	struct program *p;
	unsigned uses = 0;
	int rc;

	if (!str_trim(text).len)
		return error_set(err, WEIR_EINVAL,
				 "an empty program; '.' is the item itself");
	if (memchr(text.p, 0, text.len))
		return error_set(err, WEIR_EINVAL,
				 "a program cannot contain a NUL");
	p = program_new(native_parse(text, vars, &uses));
	p->uses = uses;
	if (!p->native) {
		rc = jqprog_open(text, vars, &p->jq, err);
		if (rc < 0) {
			program_unref(p);
			return rc;
		}
		p->uses = jqprog_vars(p->jq);
	}
	*out = p;
	return 0;
}

struct program *program_path(struct str path)
{
	return program_new(native_path(path));
}

struct program *program_member(struct str name)
{
	return program_new(native_member(name));
}

struct program *program_ref(struct program *p)
{
	p->fn.refs++;
	return p;
}

void program_unref(struct program *p)
{
	if (p)
		rx_fn_unref(&p->fn);
}

unsigned program_vars(const struct program *p)
{
	return p->uses;
}

bool program_is_native(const struct program *p)
{
	return p->native != NULL;
}
