/* embed_pipe.c - streams made of the text of a pipeline.
 *
 *     weir_pipe(in, "map(&celsius) | merge(@other)", names, err)
 *          |                 |              |
 *          `-> flow_parse -> flow_build <- embed_fn, streams of names
 *
 * The names are looked up while the graph is built and not later, so they are
 * borrowed for the call only; the graph outlives it and needs an env that does,
 * too, which is the loop's.
 */
#include "app/embed_rx.h"

static struct rx_source *find_stream(void *arg, struct str name)
{
	const struct weir_names *names = ((struct weir_loop *)arg)->names;
	const struct weir_named_stream *s = names ? names->streams : NULL;

	for (; s && s->name; s++)
		if (str_eq(name, str_of(s->name)))
			return rx_source_ref(embed_source(s->stream));
	return NULL;
}

static struct rx_fn *find_function(void *arg, struct str name)
{
	const struct weir_names *names = ((struct weir_loop *)arg)->names;

	return embed_fn_find(names ? names->functions : NULL, name);
}

void embed_env_init(struct weir_loop *l)
{
	l->env = (struct flow_env){.ctx = &l->ctx,
				   .stream = find_stream,
				   .function = find_function,
				   .arg = l};
}

/* Takes in, which may be NULL. */
static struct weir_stream *build(struct weir_loop *l, struct rx_source *in,
				 const char *text,
				 const struct weir_names *names,
				 struct weir_error *err)
{
	struct flow *flow;
	struct rx_source *src;
	int rc;

	if (flow_parse(str_of(text), &flow, err) < 0) {
		rx_source_unref(in);
		return NULL;
	}
	l->names = names;
	rc = flow_build(flow, &l->env, in, &src, err);
	l->names = NULL;
	flow_unref(flow);
	return rc < 0 ? NULL : embed_stream(src);
}

struct weir_stream *weir_pipe(struct weir_stream *in, const char *text,
			      const struct weir_names *names,
			      struct weir_error *err)
{
	if (!in)
		return NULL;
	return build(embed_loop_of(in), embed_source(in), text, names, err);
}

struct weir_stream *weir_from_text(struct weir_loop *l, const char *text,
				   const struct weir_names *names,
				   struct weir_error *err)
{
	return build(l, NULL, text, names, err);
}
