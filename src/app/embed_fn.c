/* embed_fn.c - see embed_fn.h. */
#include "app/embed_fn.h"

#include "app/embed_value.h"
#include "base/mem.h"

struct c_fn {
	struct rx_fn fn;
	weir_fn call;
	void *arg; /* borrowed */
};

static int c_fn_call(struct rx_fn *fn, struct value v,
		     const struct rx_vars *vars, struct value *out,
		     struct weir_error *err)
{
	struct c_fn *f = CONTAINER_OF(fn, struct c_fn, fn);
	struct weir_vars lent = {.acc = embed_value_out(vars->acc),
				 .key = embed_value_out(vars->key),
				 .index = vars->index};
	struct weir_value result = {{0, 0}};
	int rc;

	embed_error_begin(err);
	rc = f->call(embed_value_out(v), &lent, f->arg, &result, err);
	if (rc >= 0) {
		*out = embed_value(result);
		return 0;
	}
	return embed_error_end(err, rc);
}

static void c_fn_destroy(struct rx_fn *fn)
{
	slab_free(CONTAINER_OF(fn, struct c_fn, fn), sizeof(struct c_fn));
}

static const struct rx_fn_ops c_fn_ops = {c_fn_call, c_fn_destroy};

struct rx_fn *embed_fn(weir_fn fn, void *arg)
{
	struct c_fn *f = slab_alloc(sizeof *f);

	*f = (struct c_fn){{&c_fn_ops, 1}, fn, arg};
	return &f->fn;
}

struct rx_fn *embed_fn_find(const struct weir_function *list, struct str name)
{
	for (; list && list->name; list++)
		if (str_eq(name, str_of(list->name)))
			return embed_fn(list->fn, list->arg);
	return NULL;
}
