/* lab_fns.c - value functions and blocks for the marble laboratory. */
#include "lab.h"
#include "base/clock.h"
#include "base/mem.h"
#include "rx/op.h"
#include <stdio.h>
#include <stdlib.h>

/* --- value functions ---------------------------------------------------- */

struct fn {
	struct rx_fn fn;
	lab_call call;
	int64_t number;
	const char *key;
};

static _Thread_local const struct fn *called; /* for those with arguments */

static int fn_call(struct rx_fn *fn, struct value v, const struct rx_vars *vars,
		   struct value *out, struct weir_error *err)
{
	struct fn *f = CONTAINER_OF(fn, struct fn, fn);

	called = f;
	return f->call(v, vars, out, err);
}

static void fn_destroy(struct rx_fn *fn)
{
	mem_free(CONTAINER_OF(fn, struct fn, fn));
}

static const struct rx_fn_ops fn_ops = {fn_call, fn_destroy};

static struct fn *fn_new(lab_call call)
{
	struct fn *f = mem_zalloc(sizeof *f);

	f->fn = (struct rx_fn){&fn_ops, 1};
	f->call = call;
	return f;
}

struct rx_fn *lab_fn(lab_call call)
{
	return &fn_new(call)->fn;
}

static int bad(struct weir_error *err)
{
	return error_set(err, WEIR_EITEM, "bad");
}

static int times_ten(struct value v, const struct rx_vars *vars,
		     struct value *out, struct weir_error *err)
{
	int64_t n;

	if (!value_to_i64(v, &n))
		return bad(err);
	*out = value_int(n * 10);
	return 0;
}

struct rx_fn *lab_times_ten(void)
{
	return lab_fn(times_ten);
}

static int add(struct value v, const struct rx_vars *vars, struct value *out,
	       struct weir_error *err)
{
	int64_t a, b;

	if (!value_to_i64(vars->acc, &a) || !value_to_i64(v, &b))
		return bad(err);
	*out = value_int(a + b);
	return 0;
}

struct rx_fn *lab_add(void)
{
	return lab_fn(add);
}

static int is_number(struct value v, const struct rx_vars *vars,
		     struct value *out, struct weir_error *err)
{
	*out = value_bool(value_is_number(v));
	return 0;
}

struct rx_fn *lab_is_number(void)
{
	return lab_fn(is_number);
}

static int above(struct value v, const struct rx_vars *vars, struct value *out,
		 struct weir_error *err)
{
	int64_t n;

	if (!value_to_i64(v, &n))
		return bad(err);
	*out = value_bool(n > called->number);
	return 0;
}

struct rx_fn *lab_above(int64_t than)
{
	struct fn *f = fn_new(above);

	f->number = than;
	return &f->fn;
}

static int get(struct value v, const struct rx_vars *vars, struct value *out,
	       struct weir_error *err)
{
	int64_t index;

	if (value_type(v) == VALUE_ARRAY &&
	    str_to_i64(str_of(called->key), &index) == 0)
		*out = value_ref(value_at(v, index));
	else if (value_type(v) == VALUE_OBJECT)
		*out = value_ref(value_get(v, str_of(called->key)));
	else
		return bad(err);
	return 0;
}

struct rx_fn *lab_get(const char *key)
{
	struct fn *f = fn_new(get);

	f->key = key;
	return &f->fn;
}

static int get_index(struct value v, const struct rx_vars *vars,
		     struct value *out, struct weir_error *err)
{
	*out = value_int(vars->index);
	return 0;
}

struct rx_fn *lab_index(void)
{
	return lab_fn(get_index);
}

static int always_bad(struct value v, const struct rx_vars *vars,
		      struct value *out, struct weir_error *err)
{
	return bad(err);
}

struct rx_fn *lab_fail(void)
{
	return lab_fn(always_bad);
}

/* --- blocks ------------------------------------------------------------- */

struct block {
	struct rx_block block;
	struct lab *lab;
	lab_build build;
	struct rx_source *arg;
};

static struct rx_source *block_build(struct rx_block *b,
				     const struct rx_inner *in,
				     struct weir_error *err)
{
	struct block *block = CONTAINER_OF(b, struct block, block);
	struct rx_source *built =
		block->build(block->lab, in, rx_source_ref(block->arg));

	if (!built)
		error_set(err, WEIR_EITEM, "no block");
	return built;
}

static void block_destroy(struct rx_block *b)
{
	struct block *block = CONTAINER_OF(b, struct block, block);

	rx_source_unref(block->arg);
	mem_free(block);
}

static const struct rx_block_ops block_ops = {block_build, block_destroy};

struct rx_block *lab_block(struct lab *lab, lab_build build,
			   struct rx_source *arg)
{
	struct block *b = mem_zalloc(sizeof *b);

	b->block = (struct rx_block){&block_ops, 1};
	b->lab = lab;
	b->build = build;
	b->arg = arg;
	return &b->block;
}

static struct rx_source *build_identity(struct lab *lab,
					const struct rx_inner *in,
					struct rx_source *arg)
{
	rx_source_unref(arg);
	return in->source;
}

struct rx_block *lab_identity(struct lab *lab)
{
	return lab_block(lab, build_identity, NULL);
}

static struct rx_source *build_to_list(struct lab *lab,
				       const struct rx_inner *in,
				       struct rx_source *arg)
{
	rx_source_unref(arg);
	return rx_to_list(in->source, 0);
}

struct rx_block *lab_to_list(struct lab *lab)
{
	return lab_block(lab, build_to_list, NULL);
}

static struct rx_source *build_always(struct lab *lab,
				      const struct rx_inner *in,
				      struct rx_source *arg)
{
	rx_source_unref(in->source);
	return arg;
}

struct rx_block *lab_always(struct lab *lab, struct rx_source *arg)
{
	return lab_block(lab, build_always, arg);
}
