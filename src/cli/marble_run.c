/* marble_run.c - see marble_run.h. */
#include "cli/marble_run.h"

#include "base/mem.h"
#include "json/write.h"
#include "rx/ops.h"

/* A tick of the clock becomes the parts with that number. */
struct answer {
	struct rx_fn fn;
	struct value jobs; /* ours */
};

static struct value part(struct value job, int64_t nr)
{
	struct buf text = {0};
	struct value v;

	if (value_type(job) >= VALUE_ARRAY) {
		struct value pairs[] = {value_cstr("job"), value_ref(job),
					value_cstr("nr"), value_int(nr)};

		return value_object(pairs, 2);
	}
	if (value_type(job) == VALUE_STRING)
		buf_append_str(&text, value_str(job));
	else
		json_write(job, &text);
	buf_append_i64(&text, nr);
	v = value_string(buf_str(&text));
	buf_fini(&text);
	return v;
}

static int answer_call(struct rx_fn *fn, struct value tick,
		       const struct rx_vars *vars, struct value *out,
		       struct weir_error *err)
{
	struct value jobs = CONTAINER_OF(fn, struct answer, fn)->jobs;
	uint32_t n = value_type(jobs) == VALUE_ARRAY ? value_len(jobs) : 1;
	struct value *parts = mem_alloc((n + 1) * sizeof *parts);

	for (uint32_t i = 0; i < n; i++)
		parts[i] = part(value_type(jobs) == VALUE_ARRAY
					? value_nodes(jobs)[i]
					: jobs,
				tick.i + 1);
	*out = value_array(parts, n);
	mem_free(parts);
	return 0;
}

static void answer_destroy(struct rx_fn *fn)
{
	struct answer *a = CONTAINER_OF(fn, struct answer, fn);

	value_unref(a->jobs);
	mem_free(a);
}

static const struct rx_fn_ops answer_ops = {answer_call, answer_destroy};

/* The elements of each array. */
static struct rx_source *each_build(struct rx_block *b,
				    const struct rx_inner *in,
				    struct weir_error *err)
{
	struct rx_ctx *ctx = rx_source_ctx(in->source);
	uint32_t n = value_len(in->item);
	struct value *all = mem_alloc((n + 1) * sizeof *all);
	struct rx_source *src;

	for (uint32_t i = 0; i < n; i++)
		all[i] = value_ref(value_nodes(in->item)[i]);
	src = rx_of(ctx, all, n);
	mem_free(all);
	rx_source_unref(in->source);
	return src;
}

static void each_destroy(struct rx_block *b)
{
	mem_free(b);
}

static const struct rx_block_ops each_ops = {each_build, each_destroy};

struct rx_source *marble_run(void *arg, struct rx_ctx *ctx, struct value jobs)
{
	const struct marble_run *how = arg;
	struct answer *a = mem_zalloc(sizeof *a);
	struct rx_block *each = mem_alloc(sizeof *each);
	struct rx_source *ticks =
		rx_take(rx_interval(ctx, how->every_ms), how->parts);

	a->fn = (struct rx_fn){&answer_ops, 1};
	a->jobs = value_ref(jobs);
	*each = (struct rx_block){&each_ops, 1};
	return rx_concat_map(rx_map(ticks, &a->fn), each, 0);
}
